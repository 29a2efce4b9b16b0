import { formatNumber, formatShare } from '../domain/text.js';
import { driftMarkdown } from './drift-markdown.js';
import { isBreach, severity } from '../domain/drift.js';
import type { DriftAnalysis, FeatureDrift, Distribution } from '../domain/drift.js';
import type { DriftReportInput } from './drift-types.js';
import { day, driftVerdicts, metricNames, metricsOf, periodOf } from './drift-words.js';
import type { Report } from './evaluation.js';
import { histogramChart, sides } from './histogram-chart.js';
import { html, link } from './html.js';
import type { Html } from './html.js';
import { lookSections } from './look-sections.js';
import { trendSections } from './trend.js';
import { badge, details, page, scrolling, section, sentence } from './layout.js';

const drawnFeatures = 12;
/** Rows that a table shows at once; the others are folded away. */
const shownRows = 30;

/** How far the requests of a window have moved from the data that the model was trained on. */
export async function driftReport(input: DriftReportInput): Promise<Report> {
  const { project, endpoint, environment, window, analysis } = input;
  const { word, tone } = driftVerdicts[analysis.verdict];
  const features = mostDriftedFirst(analysis.features);
  const document = page({
    title: `Drift of ${endpoint}, ${day(window.toMs)}`,
    eyebrow: html`Monitoring · <strong>${project}</strong> · ${environment} · endpoint ${endpoint}`,
    badge: badge(word, tone),
    headline: sentence(analysis.summary),
    lead: periodOf(window),
    sections: [
      overview(input),
      featureTable(features),
      statisticsTable(features),
      await histograms(features),
      ...(input.look === undefined ? [] : await lookSections(input.look)),
      ...(await trendSections(
        input.trend ?? [],
        features.map(({ feature }) => feature),
      )),
      qualitySection(analysis),
      definitions(input),
    ],
  });
  return { html: document, markdown: driftMarkdown(input, features) };
}

function mostDriftedFirst(features: readonly FeatureDrift[]): FeatureDrift[] {
  return [...features].sort((a, b) => severity(b) - severity(a));
}

function overview({ analysis }: DriftReportInput): Html {
  const count = (value: number): string => value.toLocaleString('en-US');
  const facts: [string, string][] = [
    ['Rows of requests', count(analysis.rows)],
    ['Rows needed', count(analysis.minRows)],
    ['Baseline rows', count(analysis.baselineRows)],
    [
      'Over their threshold',
      `${analysis.features.filter(({ breached }) => breached).length} of ${analysis.features.length}`,
    ],
  ];
  return section(
    'At a glance',
    html`<dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`,
  );
}

function featureTable(features: readonly FeatureDrift[]): Html | undefined {
  if (features.length === 0) return undefined;
  const head = html`<tr>
    <th scope="col">Feature</th>
    <th scope="col" class="num">Drift</th>
    <th scope="col" class="num optional">Threshold</th>
    <th scope="col" class="optional">│ = threshold</th>
    <th scope="col" class="num">Mean</th>
    <th scope="col" class="num">Missing</th>
  </tr>`;
  return section(
    'Features',
    foldedTable(head, features.map(featureRow)),
    html`<p class="hint">Mean (± standard deviation) and missing values: baseline → now.</p>`,
  );
}

function featureRow(figures: FeatureDrift): Html {
  const { feature, type, value, threshold, breached, baseline, current } = figures;
  return html`<tr>
    <th scope="row">${feature}<span class="delta">${type}</span></th>
    <td class="num">
      ${formatNumber(value, 3)}<span class="delta ${breached ? 'bad' : ''}"
        >${breached ? 'drifted' : 'within'}</span
      >
    </td>
    <td class="num optional">${formatNumber(threshold)}</td>
    <td class="optional">${meter(figures)}</td>
    <td class="num">${mean(baseline)} → ${mean(current)}${deviations(baseline, current)}</td>
    <td class="num">${formatShare(baseline.nulls)} → ${formatShare(current.nulls)}</td>
  </tr>`;
}

/** The first rows, and the rest behind a line that says how many they are. */
function foldedTable(head: Html, rows: readonly Html[]): Html {
  const table = (some: readonly Html[]): Html =>
    scrolling(
      html`<table>
        <thead>
          ${head}
        </thead>
        <tbody>
          ${some}
        </tbody>
      </table>`,
    );
  const rest = rows.slice(shownRows);
  return html`${table(rows.slice(0, shownRows))}${
    rest.length === 0 ? undefined : details(`${rest.length} less drifted features`, table(rest))
  }`;
}

/** Everything that was computed, also what nothing is required of. */
function statisticsTable(features: readonly FeatureDrift[]): Html | undefined {
  if (features.length === 0) return undefined;
  const metrics = metricsOf(features);
  const error = Math.max(
    0,
    ...features.flatMap(({ statistics }) =>
      statistics.filter(({ gap }) => gap === undefined).map((one) => one.error),
    ),
  );
  const head = metrics.map((metric) => html`<th scope="col" class="num">${metricNames[metric].short}</th>`);
  const rows = features.map(
    ({ feature, statistics }) =>
      html`<tr>
        <th scope="row">${feature}</th>
        ${metrics.map((metric) => statisticCell(statistics.find((one) => one.metric === metric)))}
      </tr>`,
  );
  const precision =
    error > 0
      ? `After one pass over the data, no distance is off by more than ${formatNumber(error, 2)}.`
      : 'All distances are exact.';
  return section(
    'All statistics',
    foldedTable(
      html`<tr>
        <th scope="col">Feature</th>
        ${head}
      </tr>`,
      rows,
    ),
    html`<p class="hint">
      ${precision} Of the tests (p) the p-value is shown: the smaller, the less likely chance alone.
    </p>`,
  );
}

function statisticCell(one: FeatureDrift['statistics'][number] | undefined): Html {
  if (one === undefined) return html`<td class="num">–</td>`;
  const over = isBreach(one);
  const bound =
    one.threshold === undefined
      ? undefined
      : html`<span class="delta ${over ? 'bad' : ''}"
          >${over ? 'beyond' : 'within'} ${formatNumber(one.threshold)}</span
        >`;
  return html`<td class="num">${formatNumber(one.value, 3)}${bound}</td>`;
}

/** A bar whose middle is the threshold. */
function meter(figures: FeatureDrift): Html {
  const width = Math.round(Math.min(100, Math.max(0, 50 * severity(figures))));
  return html`<span class="meter ${figures.breached ? 'bad' : ''}" aria-hidden="true"
    ><i style="width: ${width}%"></i><b></b
  ></span>`;
}

function mean({ mean: value }: Distribution): string {
  return value === undefined ? '–' : formatNumber(value);
}

function deviations(before: Distribution, now: Distribution): Html | undefined {
  if (before.sd === undefined || now.sd === undefined) return undefined;
  return html`<span class="delta">± ${formatNumber(before.sd, 3)} → ± ${formatNumber(now.sd, 3)}</span>`;
}

async function histograms(features: readonly FeatureDrift[]): Promise<Html | undefined> {
  const shown = features.slice(0, drawnFeatures);
  if (shown.length === 0) return undefined;
  const figures: Html[] = [];
  for (const feature of shown) {
    const drawing = await histogramChart(feature);
    figures.push(
      html`<figure>
        <h3>${feature.feature} ${feature.breached ? badge('drifted', 'bad') : undefined}</h3>
        ${drawing}
      </figure>`,
    );
  }
  const rest = features.length - shown.length;
  return section(
    'Distributions, most drifted first',
    sides,
    html`<div class="grid">${figures}</div>`,
    rest > 0 ? html`<p class="hint">${rest} less drifted features are not drawn.</p>` : undefined,
  );
}

function qualitySection({ dataQuality }: DriftAnalysis): Html {
  const title = 'Data quality';
  if (dataQuality.length === 0) {
    return section(
      title,
      html`<p>No missing values, wrong types, values out of range or unknown categories.</p>`,
    );
  }
  return section(
    title,
    html`<ul>
      ${dataQuality.map(({ kind, message }) => html`<li>${kind === 'missing_data' ? badge('missing data', 'warn') : undefined} ${message}</li>`)}
    </ul>`,
  );
}

function definitions({ analysis, baseline, links = {} }: DriftReportInput): Html {
  const thresholds = [
    ...new Set(analysis.features.map(({ type, threshold }) => `${type} ${formatNumber(threshold)}`)),
  ];
  return section(
    'How this is measured',
    html`<p>
        Each feature of the requests is compared with the same column of the
        baseline${baseline === undefined ? '' : ` (${baseline})`}.
      </p>
      <p>
        Numbers: <strong>normalized Wasserstein distance</strong>, the mean distance that values would have to
        be moved to turn one distribution into the other, divided by the baseline’s standard deviation (at
        least 0.001). 0.1 is a tenth of a standard deviation.
      </p>
      <p>
        Text and booleans: <strong>Jensen–Shannon distance</strong> in base 2, from 0 (same shares) to 1 (no
        category in common).
      </p>
      <p>
        Both are the metrics of Azure ML’s model monitor, whose default threshold is 0.1 for each. Thresholds
        here${thresholds.length === 0 ? '' : ` (${thresholds.join(', ')})`} come from <code>monitor</code> in
        <code>mlops.yaml</code> or, where it has none, from those defaults. Fewer than
        ${analysis.minRows.toLocaleString('en-US')} rows are not judged, since chance alone moves small
        samples.
      </p>`,
    Object.entries(links).map(([name, url]) => html`<p>${link(name, url)}</p>`),
  );
}
