/** What came of comparing the requests of a window with the data that a model was trained on. */

export type DriftVerdict = 'ok' | 'breach' | 'missing_data';
export type FeatureType = 'numerical' | 'categorical';
/** Azure ML's names of what its monitor computes. */
export type DriftMetric =
  | 'NormalizedWassersteinDistance'
  | 'JensenShannonDistance'
  | 'PopulationStabilityIndex'
  | 'TwoSampleKolmogorovSmirnovTest'
  | 'PearsonsChiSquaredTest';

/** Tests tell a p-value, which breaches *below* its threshold; the others are distances and breach above. */
export const testMetrics: ReadonlySet<DriftMetric> = new Set([
  'TwoSampleKolmogorovSmirnovTest',
  'PearsonsChiSquaredTest',
]);

export interface Statistic {
  readonly metric: DriftMetric;
  /** As Azure ML's monitor tells it: a distance, or the p-value of a test. */
  readonly value: number;
  /** By how much a distance may be wrong at most, or, of a test, its statistic; 0 where it is exact. */
  readonly error: number;
  /** What a test's p-value comes from: the largest gap of the distribution functions. */
  readonly gap?: number;
  /** Absent: for information only. */
  readonly threshold?: number;
}

/** How far a statistic is over its threshold: above 1 is a breach. A threshold of 0 makes any drift endless. */
export function severity({ metric, value, threshold }: Omit<Statistic, 'error'>): number {
  if (threshold === undefined || Number.isNaN(value)) return 0;
  if (testMetrics.has(metric)) return Math.min(threshold / value, Number.MAX_VALUE);
  if (threshold > 0) return Math.min(value / threshold, Number.MAX_VALUE);
  return value > 0 ? Number.MAX_VALUE : 0;
}

/** Whether a statistic is beyond its threshold. */
export function isBreach({ metric, value, threshold }: Omit<Statistic, 'error'>): boolean {
  if (threshold === undefined) return false;
  return testMetrics.has(metric) ? value < threshold : value > threshold;
}

export interface DriftAnalysis {
  readonly verdict: DriftVerdict;
  readonly window: { readonly fromMs: number; readonly toMs: number };
  /** Collected rows in the window; a request may carry several. */
  readonly rows: number;
  readonly minRows: number;
  readonly baselineRows: number;
  /** Most drifted, relative to its threshold, first. */
  readonly features: readonly FeatureDrift[];
  readonly dataQuality: readonly QualityFinding[];
  /** One or two sentences for people. */
  readonly summary: string;
}

/** Nothing could be compared, for a reason that is worth telling: no pass. */
export function nothingCompared(
  { window, minRows }: Pick<DriftAnalysis, 'window' | 'minRows'>,
  message: string,
): DriftAnalysis {
  return {
    verdict: 'missing_data',
    ...{ window, minRows, rows: 0, baselineRows: 0, features: [] },
    dataQuality: [{ kind: 'missing_data', message }],
    summary: message,
  };
}

export const nothingCollected = 'no request was collected in the window: nothing to judge by';

export interface FeatureDrift {
  readonly feature: string;
  readonly type: FeatureType;
  /** Of the statistics that have a threshold, the one that is furthest over it. */
  readonly metric: DriftMetric;
  readonly value: number;
  readonly threshold: number;
  /** Whether it is over its threshold, whether or not there were rows enough to judge by. */
  readonly breached: boolean;
  readonly statistics: readonly Statistic[];
  readonly baseline: Distribution;
  readonly current: Distribution;
}

/** One side of a comparison. Mean, deviation (of the sample) and bounds exist for numerical features. */
export interface Distribution {
  /** How many values stand behind it, missing ones not counted. */
  readonly count: number;
  /** Share of missing values, 0 to 1. */
  readonly nulls: number;
  readonly mean?: number;
  readonly sd?: number;
  readonly min?: number;
  readonly max?: number;
  readonly histogram: Histogram;
}

/** Both sides of a comparison have the same edges or labels; shares sum to 1. */
export type Histogram =
  /** `edges` has one more entry than `shares`; what lies outside is counted in the outermost bins. */
  | { readonly kind: 'bins'; readonly edges: readonly number[]; readonly shares: readonly number[] }
  | { readonly kind: 'categories'; readonly labels: readonly string[]; readonly shares: readonly number[] };

/** Something to know about the data. Informative, but for `missing_data`, which is never a pass. */
export interface QualityFinding {
  readonly kind:
    | 'missing_data'
    | 'not_in_requests'
    | 'schema'
    | 'not_compared'
    | 'unreadable'
    | 'nulls'
    | 'type'
    | 'range'
    | 'category';
  readonly feature?: string;
  /** One sentence with numbers. */
  readonly message: string;
}
