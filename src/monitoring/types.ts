import type { MonitorPlan } from '../domain/project.js';
import type { Mode } from './numbers/compare.js';
import type { Thresholds } from './statistics.js';

/** What to compare. All files lie on this machine. */
export interface AnalyseInput {
  /**
   * The data collector's `model_inputs` files, or folders of them: a JSON object a line with `time` (ISO 8601) and
   * `data` (rows by column name), as
   * https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data documents it.
   */
  readonly collectedInputs: readonly string[];
  /** A table of its own to compare instead of collected requests, in the formats of the baseline; it has no window. */
  readonly currentTable?: readonly string[];
  /** What the model was trained on: CSV, Parquet or JSON Lines files, or folders of them. */
  readonly baseline: readonly string[];
  /** Milliseconds since the epoch; rows with `from <= time < to` count. */
  readonly windowFromMs: number;
  readonly windowToMs: number;
  readonly plan: Thresholds & Pick<MonitorPlan, 'minRows'>;
  /** Default: `one-pass`. */
  readonly mode?: Mode;
  /** Columns of the baseline that are no features (label, ids). */
  readonly ignore?: readonly string[];
  /** Columns that requests have under another name: the baseline's → theirs. */
  readonly carriedAs?: Readonly<Record<string, string>>;
  /** The model's inputs where its signature is known; other columns are then left alone. */
  readonly features?: readonly string[];
}

/** Data that is there but cannot be read as a table. */
export class UnreadableData extends Error {
  override readonly name = 'UnreadableData';
}
