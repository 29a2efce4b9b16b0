import { capped, markdownLink, markdownTable, plain } from '../domain/markdown.js';
import { formatNumber } from '../domain/text.js';
import { predictedLines } from './predicted-lines.js';
import {
  championName,
  checkLines,
  failed,
  headlineOf,
  metricNames,
  valueOf,
  winnerFirst,
} from './metrics.js';
import type { EvaluationReportInput } from './metrics.js';

const columns = 5;
const metrics = 15;
const checks = 12;
const failures = 6;

/** The digest of an evaluation for GitHub, at most 60 lines, safe whatever user code named its metrics. */
export function evaluationMarkdown(input: EvaluationReportInput): string {
  const { text, tone } = headlineOf(input);
  const mark = { good: '✅', bad: '❌', note: 'ℹ️' }[tone];
  const lines = [
    `### ${mark} ${plain(input.project)}: ${plain(text)}`,
    '',
    ...table(input),
    ...list('Held-out predictions', predictedLines(input.predicted ?? [])),
    ...list(
      'Checks',
      capped(checkLines(input), checks, ({ candidate, passed, words }) => {
        const sign = passed === undefined ? 'ℹ️' : passed ? '✅' : '❌';
        return `- ${sign} **${plain(candidate)}** ${plain(words)}`;
      }),
    ),
    ...list(
      'Failed',
      capped(
        failed(input),
        failures,
        ({ candidate, reason, link }) => `- **${markdownLink(candidate, link)}** ${plain(reason)}`,
      ),
    ),
    ...footer(input),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function table(input: EvaluationReportInput): string[] {
  const rivals = winnerFirst(input);
  if (rivals.length === 0) return [];
  const { champion, verdict } = input;
  const shownRivals = rivals.slice(0, columns);
  const names = metricNames(input).whole;
  const head = [
    'metric',
    ...shownRivals.map(
      ({ candidate, link }) => `${markdownLink(candidate, link)}${candidate === verdict?.best ? ' ★' : ''}`,
    ),
    ...(champion === undefined ? [] : [`champion ${plain(championName(champion))}`]),
  ];
  const cell = (values: Readonly<Record<string, number>>, name: string): string => {
    const value = valueOf(values, name);
    return value === undefined ? '–' : formatNumber(value);
  };
  const rows = names
    .slice(0, metrics)
    .map((name) => [
      plain(name),
      ...shownRivals.map((rival) => cell(rival.metrics, name)),
      ...(champion === undefined ? [] : [cell(champion.metrics, name)]),
    ]);
  const left = [
    names.length > metrics ? `${names.length - metrics} more metrics` : '',
    rivals.length > columns ? `${rivals.length - columns} more candidates` : '',
  ].filter((part) => part !== '');
  return [
    ...markdownTable(head, rows),
    '',
    ...(left.length > 0 ? [`${left.join(' and ')} in the report.`, ''] : []),
  ];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`**${title}**`, '', ...lines, ''];
}

function footer({ repository, commit, trigger, links = {} }: EvaluationReportInput): string[] {
  const addresses = Object.entries(links)
    .slice(0, 6)
    .map(([name, url]) => markdownLink(name, url));
  return [
    [
      `${plain(repository)} at ${plain(commit.slice(0, 12))}`,
      `started by ${plain(trigger)}`,
      ...addresses,
    ].join(' · '),
  ];
}
