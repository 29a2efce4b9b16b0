import type { FinishedCandidate } from '../domain/evaluation.js';
import { formatMs, formatNumber } from '../domain/text.js';
import { html, link } from './html.js';
import type { Child, Html } from './html.js';
import { badge, scrolling, section } from './layout.js';
import { championName, checkLines, failed, metricNames, valueOf, winnerFirst } from './metrics.js';
import type { EvaluationReportInput } from './metrics.js';

const lastLogLines = 40;

/** Metrics down, candidates across: a table that a phone can hold, however many metrics a run logs. */
export function candidatesTable(input: EvaluationReportInput): Html | undefined {
  const columns = winnerFirst(input);
  if (columns.length === 0) return undefined;
  const { champion } = input;
  const rows = metricNames(input).whole.map(
    (metric) =>
      html`<tr>
        <th scope="row">${metric}</th>
        ${columns.map((column) => metricCell(input, column, metric))}
        ${champion === undefined ? undefined : html`<td class="num">${shown(valueOf(champion.metrics, metric))}</td>`}
      </tr>`,
  );
  const table = html`<table>
    <thead>
      <tr>
        <th scope="col">Metric</th>
        ${columns.map((column) => columnHead(input, column))}
        ${champion === undefined ? undefined : html`<th scope="col" class="num">champion ${championName(champion)}</th>`}
      </tr>
    </thead>
    <tbody>
      ${rows}
      <tr>
        <th scope="row">time</th>
        ${columns.map(({ seconds, reused }) => html`<td class="num">${formatMs(Math.round(seconds) * 1000)}${reused ? html`<span class="delta">reused</span>` : undefined}</td>`)}
        ${champion === undefined ? undefined : html`<td class="num">–</td>`}
      </tr>
    </tbody>
  </table>`;
  const hint =
    champion === undefined ? undefined : html`<p class="hint">Small figures: difference to the champion.</p>`;
  return section('Candidates', scrolling(table), hint);
}

function columnHead({ verdict }: EvaluationReportInput, { candidate, link: url }: FinishedCandidate): Html {
  const best = verdict?.best === candidate;
  return html`<th scope="col" class="num">
    ${link(candidate, url)}${best ? html` <span class="winner">★ best</span>` : undefined}
  </th>`;
}

function metricCell(
  input: EvaluationReportInput,
  { candidate, metrics }: FinishedCandidate,
  metric: string,
): Html {
  const value = valueOf(metrics, metric);
  const best = input.verdict?.best === candidate && metric === input.gate?.metric;
  return html`<td class="num ${best ? 'winner' : ''}">${shown(value)}${delta(input, metric, value)}</td>`;
}

function delta(
  { champion, gate }: EvaluationReportInput,
  metric: string,
  value: number | undefined,
): Html | undefined {
  const old = champion === undefined ? undefined : valueOf(champion.metrics, metric);
  if (value === undefined || old === undefined) return undefined;
  const gain = value - old;
  if (!Number.isFinite(gain)) return undefined;
  const judged = gate?.metric === metric && gain !== 0;
  const better = gate?.goal === 'minimize' ? gain < 0 : gain > 0;
  const sign = gain > 0 ? '+' : gain < 0 ? '−' : '±';
  return html`<span class="delta ${judged ? (better ? 'good' : 'bad') : ''}"
    >${sign}${formatNumber(Math.abs(gain), 3)}</span
  >`;
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : formatNumber(value);
}

/** Every check of the gate in words. */
export function requirementsTable(input: EvaluationReportInput): Html | undefined {
  const checks = checkLines(input);
  if (checks.length === 0) return undefined;
  const rows = checks.map(
    ({ candidate, passed, words }) =>
      html`<tr>
        <td>${result(passed)}</td>
        <td class="words"><strong>${candidate}</strong> ${words}</td>
      </tr>`,
  );
  const head = ['Result', 'Check'].map((title) => html`<th scope="col">${title}</th>`);
  return section(
    'Requirements',
    scrolling(
      html`<table>
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>`,
    ),
  );
}

function result(passed: boolean | undefined): Html {
  if (passed === undefined) return badge('noted', 'note');
  return passed ? badge('✓ passed', 'good') : badge('✗ failed', 'bad');
}

export function failuresSection(input: EvaluationReportInput): Html | undefined {
  const failures = failed(input);
  if (failures.length === 0) return undefined;
  return section(
    failures.length === 1 ? 'Failed candidate' : 'Failed candidates',
    failures.map(
      ({ candidate, reason, log, link: url, job }) =>
        html`<div>
          <h3>${link(candidate, url)}</h3>
          <p>${reason}${job === undefined ? undefined : html` <span class="hint">(job ${job})</span>`}</p>
          ${
            log === undefined || log.trim() === ''
              ? undefined
              : html`<p class="hint">Last lines of its log:</p>
                  <pre tabindex="0">${lastLines(log)}</pre>`
          }
        </div>`,
    ),
  );
}

export function lastLines(log: string, count = lastLogLines): string {
  return log.trimEnd().split('\n').slice(-count).join('\n');
}

/** Where the candidates came from: enough to make each again. */
export function lineageSection(input: EvaluationReportInput): Html {
  const { repository, commit, trigger, links = {}, champion } = input;
  const common: [string, Child][] = [
    ['Commit', html`<code>${commit}</code> of ${repository}`],
    ['Started by', trigger],
    ...(champion === undefined
      ? []
      : [
          ['Champion', html`${championName(champion)} from <code>${champion.commit}</code>`] as [
            string,
            Child,
          ],
        ]),
    ...(Object.keys(links).length === 0
      ? []
      : [
          [
            'Links',
            Object.entries(links).map(([name, url], i) => html`${i === 0 ? '' : ' · '}${link(name, url)}`),
          ] as [string, Child],
        ]),
  ];
  const candidates = winnerFirst(input).map(
    (candidate) =>
      html`<h3>${candidate.candidate}</h3>
        ${facts(lineageOf(candidate))}`,
  );
  return section('Lineage', facts(common), candidates);
}

function lineageOf({ job, link: url, codeHash, data, model, reused }: FinishedCandidate): [string, Child][] {
  return [
    ['Job', html`${link(job, url)}${reused ? ' (reused: code, data and environment had not changed)' : ''}`],
    ['Code', html`<code>${codeHash}</code>`],
    ...Object.entries(data).map(([input, version]): [string, Child] => [`Data: ${input}`, version]),
    ['Model', model === undefined ? 'none was logged' : `${model.path} (${model.type})`],
  ];
}

function facts(entries: readonly [string, Child][]): Html {
  return html`<dl class="list">
    ${entries.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
