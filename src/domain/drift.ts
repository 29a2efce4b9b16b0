/** What came of comparing the requests of a window with the data that a model was trained on. */

export type DriftVerdict = 'ok' | 'breach' | 'missing_data';
export type FeatureType = 'numerical' | 'categorical';
export type DriftMetric = 'NormalizedWassersteinDistance' | 'JensenShannonDistance';

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

export interface FeatureDrift {
  readonly feature: string;
  readonly type: FeatureType;
  readonly metric: DriftMetric;
  readonly value: number;
  readonly threshold: number;
  /** `value > threshold`, whether or not there were rows enough to judge by. */
  readonly breached: boolean;
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
