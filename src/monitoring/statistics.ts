import type { DriftMetric, Statistic } from '../domain/drift.js';
import type { MonitorPlan } from '../domain/project.js';
import type { NumberComparison } from './numbers/compare.js';
import { kolmogorovSmirnovP } from './numbers/kolmogorov.js';
import { chiSquaredP, type Counts, jensenShannonDistance, populationStabilityIndex } from './shares.js';

export type Thresholds = Pick<
  MonitorPlan,
  'numericalThreshold' | 'categoricalThreshold' | 'psiThreshold' | 'ksThreshold' | 'chiSquaredThreshold'
>;

/** What is judged first, then the rest, by Azure ML's definitions. Its own bins make the counts of a histogram exact. */
export function numericalStatistics(
  compared: NumberComparison,
  counts: { readonly baseline: number; readonly current: number },
  plan: Thresholds,
): Statistic[] {
  const { normalized, gap, bins } = compared;
  const p = kolmogorovSmirnovP(gap.value, counts.baseline, counts.current);
  return [
    statistic('NormalizedWassersteinDistance', normalized.value, plan.numericalThreshold, normalized.error),
    statistic('JensenShannonDistance', jensenShannonDistance(bins)),
    statistic('PopulationStabilityIndex', populationStabilityIndex(bins), plan.psiThreshold),
    { ...statistic('TwoSampleKolmogorovSmirnovTest', p, plan.ksThreshold, gap.error), gap: gap.value },
  ];
}

export function categoricalStatistics(counts: Counts, plan: Thresholds): Statistic[] {
  return [
    statistic('JensenShannonDistance', jensenShannonDistance(counts), plan.categoricalThreshold),
    statistic('PopulationStabilityIndex', populationStabilityIndex(counts), plan.psiThreshold),
    statistic('PearsonsChiSquaredTest', chiSquaredP(counts), plan.chiSquaredThreshold),
  ];
}

function statistic(metric: DriftMetric, value: number, threshold?: number, error = 0): Statistic {
  return { metric, value, error, ...(threshold !== undefined && { threshold }) };
}
