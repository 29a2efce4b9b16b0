import type { TrainingLimits } from '../domain/project.js';
import type { RetrainingLimits } from '../domain/retraining.js';
import type { SourceRef, Trigger } from '../domain/source.js';
import type { Timing } from '../domain/timing.js';

/** What the workflows that work for a lifecycle, or beside it, are given and give back. */

export interface TrainingInput {
  readonly source: SourceRef;
  readonly project: string;
  readonly candidate: string;
  readonly lifecycleId: string;
  readonly trigger: Trigger;
  /** Data asset name → version that `@latest` means in this lifecycle. */
  readonly pins: Readonly<Record<string, string>>;
  readonly limits: TrainingLimits;
  readonly taskQueue: string;
  readonly timing: Timing;
}

export interface SetupInput {
  readonly source: SourceRef;
  readonly project: string;
  /** `plan` only tells what would be made, `check` waits until somebody has made it, `apply` makes it. */
  readonly mode: 'plan' | 'check' | 'apply';
  /** Lifecycle that waits for it, if any. */
  readonly lifecycleId?: string;
  readonly timing?: Partial<Timing>;
}

export interface SetupResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: number;
}

export interface MonitoringInput {
  readonly workspace: string;
  readonly endpoint: string;
  readonly endpointWorkflowId: string;
  readonly source: SourceRef;
  readonly project: string;
  readonly environment: string;
  readonly taskQueue: string;
  /** `azureml`: a job measures next to the data. Absent: the worker does. */
  readonly engine?: 'azureml';
  readonly timing?: Partial<Timing>;
}

export interface MonitoringResult {
  readonly verdict: 'ok' | 'breach' | 'missing_data';
  readonly summary: string;
  readonly findings: readonly {
    readonly feature: string;
    readonly metric: string;
    readonly value: number;
    readonly threshold: number;
    readonly breached: boolean;
  }[];
  readonly report?: string;
  readonly onBreach: 'notify' | 'retrain' | 'rollback';
  /** Absent: the default limits. */
  readonly retraining?: RetrainingLimits;
}
