import type { DriftAnalysis, DriftMetric, FeatureDrift } from '../domain/drift.js';
import type { DriftReportInput } from './drift-types.js';
import type { Tone } from './layout.js';

export const driftVerdicts: Readonly<
  Record<DriftAnalysis['verdict'], { readonly word: string; readonly tone: Tone; readonly mark: string }>
> = {
  ok: { word: 'No drift', tone: 'good', mark: '✅' },
  breach: { word: 'Drift', tone: 'bad', mark: '⚠️' },
  missing_data: { word: 'Missing data', tone: 'warn', mark: '❔' },
};

/** Heads of the columns of statistics, in the order in which they are told. */
export const metricNames: Readonly<Record<DriftMetric, { readonly short: string; readonly long: string }>> = {
  NormalizedWassersteinDistance: { short: 'Wasserstein', long: 'normalized Wasserstein distance' },
  JensenShannonDistance: { short: 'Jensen–Shannon', long: 'Jensen–Shannon distance' },
  PopulationStabilityIndex: { short: 'PSI', long: 'Population Stability Index' },
  TwoSampleKolmogorovSmirnovTest: { short: 'KS, p', long: 'p-value of the Kolmogorov–Smirnov test' },
  PearsonsChiSquaredTest: { short: 'χ², p', long: 'p-value of the χ² test' },
};

/** Those that were computed for any feature, in the order in which they are told. */
export function metricsOf(features: readonly FeatureDrift[]): DriftMetric[] {
  return (Object.keys(metricNames) as DriftMetric[]).filter((metric) =>
    features.some(({ statistics }) => statistics.some((one) => one.metric === metric)),
  );
}

export function periodOf({ fromMs, toMs }: DriftReportInput['window']): string {
  return `${minute(fromMs)} to ${minute(toMs)} UTC`;
}

function minute(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 16).replace('T', ' ');
}

export function day(ms: number): string {
  return minute(ms).slice(0, 10);
}
