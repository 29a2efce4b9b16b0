import { formatNumber, formatPair } from '../domain/text.js';
import type { FeatureDrift } from '../domain/drift.js';
import { capped, markdownLink, markdownTable, plain } from '../domain/markdown.js';
import type { DriftReportInput } from './drift-types.js';
import { driftVerdicts, periodOf } from './drift-words.js';
import { lookLines } from './look-sections.js';

const shownFeatures = 20;
const shownFindings = 15;

/** The digest of a drift report, at most 60 lines. */
export function driftMarkdown(input: DriftReportInput, features: readonly FeatureDrift[]): string {
  const { endpoint, environment, project, window, analysis, links = {} } = input;
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
    ];
  });
  const rest = features.length - rows.length;
  const findings = capped(analysis.dataQuality, shownFindings, ({ message }) => `- ${plain(message)}`);
  const lines = [
    `### ${driftVerdicts[analysis.verdict].mark} ${plain(endpoint)}: ${plain(analysis.summary)}`,
    '',
    ...(rows.length === 0
      ? []
      : [...markdownTable(['feature', 'drift', 'threshold', 'mean, baseline → now'], rows), '']),
    ...(rest > 0 ? [`${rest} less drifted features in the report.`, ''] : []),
    ...(input.look === undefined ? [] : lookLines(input.look).flatMap((line) => [`- ${plain(line)}`])),
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
