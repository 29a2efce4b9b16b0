export interface DriftReportInput {
  readonly project: string;
  readonly endpoint: string;
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly analysis: DriftFigures;
  /** The baseline as people name it, `azureml:diabetes-train:3`. */
  readonly baseline?: string;
  readonly links?: Readonly<Record<string, string>>;
}

/**
 * What a drift report draws: the part of a drift analysis that people look at. Structural, since reports know
 * nothing of how it was computed.
 */
export interface DriftFigures {
  readonly verdict: 'ok' | 'breach' | 'missing_data';
  readonly rows: number;
  readonly minRows: number;
  readonly baselineRows: number;
  readonly features: readonly FeatureFigures[];
  readonly dataQuality: readonly { readonly kind: string; readonly message: string }[];
  readonly summary: string;
}

export interface FeatureFigures {
  readonly feature: string;
  readonly type: 'numerical' | 'categorical';
  readonly metric: string;
  readonly value: number;
  readonly threshold: number;
  readonly breached: boolean;
  readonly baseline: SideFigures;
  readonly current: SideFigures;
}

export interface SideFigures {
  /** Share of missing values, 0 to 1. */
  readonly nulls: number;
  readonly mean?: number;
  readonly sd?: number;
  readonly histogram: HistogramFigures;
}

/** Both sides of a feature have the same edges or labels; `edges` has one more entry than `shares`. */
export type HistogramFigures =
  | { readonly kind: 'bins'; readonly edges: readonly number[]; readonly shares: readonly number[] }
  | { readonly kind: 'categories'; readonly labels: readonly string[]; readonly shares: readonly number[] };
