import type { DriftAnalysis } from '../domain/drift.js';
import { describeRefused, type EndpointHealth } from '../domain/endpoint-health.js';
import type { Look } from '../domain/monitoring.js';
import { formatMs, formatNumber, formatShare } from '../domain/text.js';
import { histogramChart, sides } from './histogram-chart.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { badge, section, sentence } from './layout.js';

/** What a look found besides drift of the inputs: predictions, performance, how the endpoint answered. */
export async function lookSections({
  predictions,
  performance,
  health,
  notes = [],
}: Look): Promise<(Html | undefined)[]> {
  return [
    predictions === undefined ? undefined : await predictionsSection(predictions),
    performance === undefined ? undefined : performanceSection(performance),
    health === undefined ? undefined : healthSection(health),
    notes.length === 0 ? undefined : section('Not looked at', list(notes)),
  ];
}

/** The answers as a histogram each, the baseline's column against the model's output. */
async function predictionsSection({ summary, features, dataQuality }: DriftAnalysis): Promise<Html> {
  const figures = await Promise.all(
    features.map(
      async (feature) =>
        html`<figure>
          <h3>${feature.feature} ${feature.breached ? badge('drifted', 'bad') : undefined}</h3>
          ${await histogramChart(feature)}
        </figure>`,
    ),
  );
  return section(
    'Predictions',
    html`<p>${sentence(summary)}</p>`,
    figures.length === 0
      ? undefined
      : html`${sides}
          <div class="grid">${figures}</div>`,
    dataQuality.length === 0 ? undefined : list(dataQuality.map(({ message }) => message)),
  );
}

function performanceSection({
  metrics,
  labelled,
  predictions,
  checks,
}: NonNullable<Look['performance']>): Html {
  const figures = Object.entries(metrics).map(([name, value]): [string, string] => [
    name,
    formatNumber(value),
  ]);
  return section(
    'Performance, by labels that came later',
    facts([['Labelled', `${labelled} of ${predictions}`], ...figures]),
    checks.length === 0 ? undefined : list(checks),
  );
}

function healthSection(health: EndpointHealth): Html {
  const { requests, errorRate, p50, p95, p99 } = health;
  const latencies = Object.entries({ p50, p95, p99 })
    .filter((entry): entry is [string, number] => entry[1] !== undefined)
    .map(([name, value]): [string, string] => [name, formatMs(value)]);
  const refused = describeRefused(health);
  return section(
    'How the endpoint answered',
    facts([['Requests', String(requests)], ['Errors', formatShare(errorRate)], ...latencies]),
    refused.length === 0 ? undefined : list(refused),
  );
}

function facts(entries: readonly (readonly [string, string])[]): Html {
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function list(sentences: readonly string[]): Html {
  return html`<ul>
    ${sentences.map((text) => html`<li>${sentence(text)}</li>`)}
  </ul>`;
}

/** The same in the digest. */
export function lookLines({ predictions, performance, health, notes = [] }: Look): string[] {
  return [
    ...(predictions === undefined ? [] : [`predictions: ${predictions.summary}`]),
    ...(performance?.checks ?? []).map((check) => `performance: ${check}`),
    ...(health === undefined ? [] : describeRefused(health)),
    ...notes,
  ];
}
