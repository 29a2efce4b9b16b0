import jstat from 'jstat';

/** Counts of the same bins or categories on both sides. */
export interface Counts {
  readonly baseline: readonly number[];
  readonly current: readonly number[];
}

/** Jensen–Shannon distance in base 2: 0 for equal shares, 1 for nothing in common. */
export function jensenShannonDistance({ baseline, current }: Counts): number {
  const [n, m] = [sum(baseline), sum(current)];
  const part = (own: number, mean: number): number => (own > 0 ? own * Math.log2(own / mean) : 0);
  const divergence = baseline.reduce((total, count, i) => {
    const [p, q] = [count / n, (current[i] ?? 0) / m];
    const mean = (p + q) / 2;
    return total + (part(p, mean) + part(q, mean)) / 2;
  }, 0);
  return Math.sqrt(Math.max(0, divergence));
}

/**
 * Population Stability Index as Azure ML's monitor computes it: one is added to every count, so that empty bins give no
 * infinity (Azure/azureml-assets, `numerical_data_drift_metrics.py`).
 */
export function populationStabilityIndex({ baseline, current }: Counts): number {
  const [n, m] = [sum(baseline) + baseline.length, sum(current) + baseline.length];
  return baseline.reduce((total, count, i) => {
    const [p, q] = [(count + 1) / n, ((current[i] ?? 0) + 1) / m];
    return total + (q - p) * Math.log(q / p);
  }, 0);
}

/**
 * p-value of Pearson's χ² test, as Azure ML's monitor has it: whether the current counts could come from the baseline's
 * shares. 0 where a category was seen that the baseline does not have.
 */
export function chiSquaredP({ baseline, current }: Counts): number {
  const [n, m] = [sum(baseline), sum(current)];
  const statistic = baseline.reduce((total, count, i) => {
    const expected = (count / n) * m;
    const seen = current[i] ?? 0;
    return seen === expected ? total : total + (seen - expected) ** 2 / expected;
  }, 0);
  const freedom = baseline.length - 1;
  if (freedom < 1) return 1;
  return Number.isFinite(statistic) ? 1 - jstat.chisquare.cdf(statistic, freedom) : 0;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
