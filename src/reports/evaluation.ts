import { colors } from './charts.js';
import { confusionSection, curvesSection } from './curves.js';
import { evaluationMarkdown } from './evaluation-markdown.js';
import {
  candidatesTable,
  failuresSection,
  lineageSection,
  requirementsTable,
} from './evaluation-sections.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { badge, keys, page, section, sentence } from './layout.js';
import { colorsOf, metricChart, mostCandidates, sliceChart } from './metric-charts.js';
import type { MetricDot } from './metric-charts.js';
import { championName, drawable, drawableOf, headlineOf, metricNames, winnerFirst } from './metrics.js';
import type { EvaluationReportInput } from './metrics.js';

export interface Report {
  /** One file that loads nothing. */
  readonly html: string;
  /** The same numbers for GitHub and the Temporal UI, at most 60 lines. */
  readonly markdown: string;
}

/** More dots than these make a chart that nobody reads; the table has them all. */
const chartedCandidates = 20;
const chartedMetrics = 4;
const chartedSlices = 16;

/** What the candidates of a lifecycle achieved, and why the gate decided as it did. */
export async function evaluationReport(input: EvaluationReportInput): Promise<Report> {
  const { text, badge: word, tone } = headlineOf(input);
  const count = input.candidates.length;
  const document = page({
    title: `Evaluation of ${input.project} at ${input.commit.slice(0, 12)}`,
    eyebrow: html`Evaluation · <strong>${input.project}</strong> · ${input.repository} @
      <code>${input.commit.slice(0, 12)}</code>`,
    badge: badge(word, tone),
    headline: sentence(text),
    lead: `${count} ${count === 1 ? 'candidate' : 'candidates'}, started by ${input.trigger}`,
    sections: [
      await gateChart(input),
      candidatesTable(input),
      requirementsTable(input),
      await curvesSection(input.predicted ?? []),
      confusionSection(input.predicted ?? []),
      ...(await sliceCharts(input)),
      failuresSection(input),
      lineageSection(input),
    ],
  });
  return { html: document, markdown: evaluationMarkdown(input) };
}

async function gateChart(input: EvaluationReportInput): Promise<Html | undefined> {
  const { gate, champion } = input;
  const metric = gate?.metric ?? metricNames(input).whole[0];
  if (metric === undefined) return undefined;
  const dots: MetricDot[] = winnerFirst(input)
    .slice(0, chartedCandidates)
    .flatMap(({ candidate, metrics }) => {
      const value = drawableOf(metrics, metric);
      const role = candidate === input.verdict?.best ? 'best' : 'other';
      return value === undefined ? [] : [{ name: candidate, value, role }];
    });
  if (dots.length === 0) return undefined;
  const old = champion === undefined ? undefined : drawableOf(champion.metrics, metric);
  if (champion !== undefined && old !== undefined) {
    dots.push({ name: `champion ${championName(champion)}`, value: old, role: 'champion' });
  }
  const used = new Set(dots.map(({ role }) => role));
  const legend = [
    { role: 'best', name: 'best candidate', color: colors.accent },
    { role: 'other', name: 'other candidates', color: colors.base },
    { role: 'champion', name: 'champion in production', color: colors.third },
  ].filter(({ role }) => used.has(role as MetricDot['role']));
  const rule = gate !== undefined && Object.hasOwn(gate.require, metric) ? gate.require[metric] : undefined;
  const drawnRule = rule !== undefined && drawable(rule.value) ? rule : undefined;
  const direction = gate?.goal === 'minimize' ? 'lower is better' : 'higher is better';
  return section(
    gate === undefined ? metric : `${metric}, ${direction}`,
    keys(legend),
    await metricChart(metric, dots, drawnRule),
  );
}

/** A chart for each metric that was logged by slice, `AUC.age_under_40`. */
async function sliceCharts(input: EvaluationReportInput): Promise<Html[]> {
  const { champion } = input;
  const rivals = winnerFirst(input).slice(0, mostCandidates);
  const models = [
    ...rivals.map(({ candidate, metrics }) => ({ name: candidate, role: 'candidate' as const, metrics })),
    ...(champion === undefined
      ? []
      : [
          {
            name: `champion ${championName(champion)}`,
            role: 'champion' as const,
            metrics: champion.metrics,
          },
        ]),
  ];
  const range = colorsOf(models.map(({ role }) => role));
  const series = models.map((model, i) => ({ ...model, color: range[i] ?? colors.base }));
  const sections: Html[] = [];
  for (const [metric, slices] of [...metricNames(input).slices].slice(0, chartedMetrics)) {
    const dots = slices.slice(0, chartedSlices).flatMap((slice) =>
      series.flatMap(({ name, metrics }) => {
        const value = drawableOf(metrics, `${metric}.${slice}`);
        return value === undefined ? [] : [{ slice, series: name, value }];
      }),
    );
    if (dots.length === 0) continue;
    const more = slices.length - chartedSlices;
    sections.push(
      section(
        `${metric} by slice`,
        keys(series),
        await sliceChart(metric, dots, series),
        more > 0 ? html`<p class="hint">${more} more slices were logged.</p>` : undefined,
      ),
    );
  }
  return sections;
}
