import { formatNumber, formatPair } from '../domain/text.js';
import { capped, markdownLink, markdownTable, plain } from '../domain/markdown.js';
import { type FeatureDrift, isBreach, type Statistic } from '../domain/drift.js';
import type { DriftReportInput } from './drift-types.js';
import { driftVerdicts, metricNames, metricsOf, periodOf } from './drift-words.js';
import { lookLines } from './look-sections.js';
import { trendLines } from './trend.js';

const shownFeatures = 20;
const shownFindings = 15;
const heads = ['feature', 'drift', 'threshold', 'mean, baseline → now'];

/** The digest of a drift report, at most 60 lines. */
export function driftMarkdown(input: DriftReportInput, features: readonly FeatureDrift[]): string {
  const { endpoint, environment, project, window, analysis, links = {} } = input;
  const metrics = metricsOf(features);
  const rows = features.slice(0, shownFeatures).map((figures) => {
    const [value, threshold] = formatPair(figures.value, figures.threshold);
    const means = [figures.baseline.mean, figures.current.mean].map((mean) =>
      mean === undefined ? '–' : formatNumber(mean),
    );
    return [
      plain(figures.feature),
      figures.breached ? `**${value}** ⚠️` : value,
      threshold,
      means.join(' → '),
      ...metrics.map((metric) => statistic(figures.statistics.find((one) => one.metric === metric))),
    ];
  });
  const rest = features.length - rows.length;
  const findings = capped(analysis.dataQuality, shownFindings, ({ message }) => `- ${plain(message)}`);
  const lines = [
    `### ${driftVerdicts[analysis.verdict].mark} ${plain(endpoint)}: ${plain(analysis.summary)}`,
    '',
    ...(rows.length === 0
      ? []
      : [...markdownTable([...heads, ...metrics.map((metric) => metricNames[metric].short)], rows), '']),
    ...(rest > 0 ? [`${rest} less drifted features in the report.`, ''] : []),
    ...(input.look === undefined ? [] : lookLines(input.look).flatMap((line) => [`- ${plain(line)}`])),
    ...trendLines(
      input.trend ?? [],
      features.map(({ feature }) => feature),
    ).map((line) => `- ${plain(line)}`),
    '',
    ...(findings.length === 0 ? [] : ['**Data quality**', '', ...findings, '']),
    [
      `${plain(project)}, ${plain(environment)}`,
      periodOf(window),
      ...Object.entries(links)
        .slice(0, 6)
        .map(([name, url]) => markdownLink(name, url)),
    ].join(' · '),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function statistic(one: Statistic | undefined): string {
  if (one === undefined) return '–';
  const value = formatNumber(one.value, 3);
  return isBreach(one) ? `**${value}**` : value;
}
