import type { MonitorPlan } from '../domain/project.js';

/** What to compare. All files lie on this machine. */
export interface AnalyseInput {
  /**
   * The data collector's `model_inputs` files, or folders of them: a JSON object a line with `time` (ISO 8601) and
   * `data` (rows by column name), as
   * https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data documents it.
   */
  readonly collectedInputs: readonly string[];
  /** What the model was trained on: CSV, Parquet or JSON Lines files, or folders of them. */
  readonly baseline: readonly string[];
  /** Milliseconds since the epoch; rows with `from <= time < to` count. */
  readonly windowFromMs: number;
  readonly windowToMs: number;
  readonly plan: Pick<MonitorPlan, 'numericalThreshold' | 'categoricalThreshold' | 'minRows'>;
  /** Columns of the baseline that are no features (label, ids). */
  readonly ignore?: readonly string[];
  /** The model's inputs where its signature is known; other columns are then left alone. */
  readonly features?: readonly string[];
}

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

/** Data that is there but cannot be read as a table. */
export class UnreadableData extends Error {
  override readonly name = 'UnreadableData';
}
