import type { DriftAnalysis } from '../domain/drift.js';
import type { Look } from '../domain/monitoring.js';
import type { PastLook } from '../domain/past-look.js';

export interface DriftReportInput {
  readonly project: string;
  readonly endpoint: string;
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly analysis: DriftAnalysis;
  /** What else the look found. */
  readonly look?: Look;
  /** The last looks and this one, oldest first. */
  readonly trend?: readonly PastLook[];
  /** The baseline as people name it, `azureml:diabetes-train:3`. */
  readonly baseline?: string;
  readonly links?: Readonly<Record<string, string>>;
}
