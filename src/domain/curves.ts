/** How well scores tell two classes apart, and how honest they are as probabilities. Shares are 0 to 1. */
export interface Curves {
  /** Area under the ROC curve; ties count half, as in scikit-learn. */
  readonly auc: number;
  /** Σ (recall gained × precision), as scikit-learn's `average_precision_score`. */
  readonly averagePrecision: number;
  /** Mean squared difference of probability and truth. */
  readonly brier: number;
  /** Share of the positive class: the precision of a guess. */
  readonly prevalence: number;
  readonly roc: readonly RocPoint[];
  readonly precisionRecall: readonly PrecisionPoint[];
  /** Ten equal bins of the probability, those that have rows. */
  readonly calibration: readonly CalibrationBin[];
}

export interface RocPoint {
  readonly falsePositives: number;
  readonly truePositives: number;
}

export interface PrecisionPoint {
  readonly recall: number;
  readonly precision: number;
}

export interface CalibrationBin {
  /** Mean probability that was told. */
  readonly told: number;
  /** Share that turned out positive. */
  readonly seen: number;
  readonly count: number;
}

/** Counts of rows by what is true (down) and what was predicted (across), both in the order of `labels`. */
export interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** What the held-out predictions of one model show. */
export interface Predicted {
  readonly rows: number;
  readonly confusion: Confusion;
  /** Absent where there is no probability, or only one class. */
  readonly curves?: Curves;
  /** What could not be used or drawn, and why. */
  readonly notes: readonly string[];
}
