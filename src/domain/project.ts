import type { Concurrency } from './concurrency.js';
import type { ContractRule } from './contract.js';
import type { RetrainingLimits } from './retraining.js';

/**
 * A project as decisions and workflows see it: `mlops.yaml` with every default filled in. Durations are
 * milliseconds, thresholds are parsed, environments stand in the order in which a model passes them.
 */
export interface Project {
  readonly name: string;
  /** Folder of `mlops.yaml` in the repository, `.` for its root. */
  readonly path: string;
  /** Alias of the workspace that trains and registers. */
  readonly workspace: string;
  readonly setup: readonly FileRef[];
  readonly data: { readonly prepare?: FileRef; readonly validate?: DataRules };
  readonly candidates: readonly Candidate[];
  readonly limits: TrainingLimits;
  /** Absent where an older worker read the file. */
  readonly concurrency?: Concurrency;
  readonly gate?: Gate;
  /** Alias of the registry by which models cross to other workspaces; absent: blob to blob. */
  readonly registry?: string;
  readonly register: {
    readonly name: string;
    readonly which: 'best' | 'passing' | 'all';
    /** Absent: a model is registered without having been loaded. */
    readonly check?: PackageCheck;
  };
  /** Whether a model may break the callers of the one that serves. Absent where an older worker read the file. */
  readonly contract?: ContractRule;
  readonly environments: readonly Environment[];
}

/** Where a job of ours runs. */
export interface JobPlace {
  /** `azureml:<cluster>` */
  readonly compute?: string;
  /** Of serverless compute. */
  readonly instanceType?: string;
}

/** Where an MLflow model is loaded and scored once before it is registered; neither: where it was trained. */
export type PackageCheck = JobPlace;

/** A CLI v2 YAML file, relative to the project's folder, with overrides as `az ml --set path=value` takes them. */
export interface FileRef {
  readonly file: string;
  readonly set: Readonly<Record<string, unknown>>;
}

export interface Candidate {
  readonly name: string;
  readonly job: FileRef;
  /** `jobs.<step>` of a pipeline whose run logs the metrics; the job itself when absent. */
  readonly metricsFrom?: string;
  /** `outputs.<name>` of the job, or the artifact path that the run logged its model under. */
  readonly model: string;
}

export interface TrainingLimits {
  readonly queueMs: number;
  readonly runMs: number;
  readonly parallel: number;
}

/** `>= 0.75`: the side of a threshold on which a value is good, or, in `abort`, on which it is bad. */
export interface Condition {
  readonly op: '>=' | '>' | '<=' | '<';
  readonly value: number;
}

export interface Gate {
  readonly metric: string;
  readonly goal: 'maximize' | 'minimize';
  readonly require: Readonly<Record<string, Condition>>;
  /** How much better than the champion the challenger must be, in the metric's own unit. */
  readonly minImprovement: number;
  /** How much worse than the champion no slice (`AUC.under_40`) of the gate's metric may be. */
  readonly maxSliceLoss?: number;
  readonly evaluate?: EvaluationPlan;
}

/** A job that scores one model, its input `model`; champion and challengers get one each, on the same data. */
export interface EvaluationPlan {
  readonly job: FileRef;
  /** `jobs.<step>` of a pipeline whose run logs the metrics; the job itself when absent. */
  readonly metricsFrom?: string;
  /** How sure the improvement must be, from 0 to 1; absent: the interval only informs. */
  readonly confidence?: number;
  /** Draws of the paired bootstrap. */
  readonly resamples: number;
}

export interface DataRules {
  readonly rows?: Condition;
  /** Column → bound on the share of missing values, 0 to 1. */
  readonly nulls: Readonly<Record<string, Condition>>;
  /** Columns that must be there. */
  readonly columns?: readonly string[];
  /** Column → least and largest value that is allowed. */
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
  /** Column → values that are allowed, as text. */
  readonly categories?: Readonly<Record<string, readonly string[]>>;
}

/** An endpoint scores requests as they come, or whole folders in a job a call. */
export const endpointKinds = ['online', 'batch'] as const;
export type EndpointKind = (typeof endpointKinds)[number];

export interface Environment {
  readonly name: string;
  readonly workspace: string;
  readonly endpoint: FileRef;
  readonly deployment: FileRef;
  /** How long the deployment stays after its tests. */
  readonly keepMs: number | 'always';
  readonly test?: EndpointTest;
  /** Only and always of a batch endpoint: what a new deployment scores before it becomes the default. */
  readonly batch?: BatchTest;
  readonly approval?: ApprovalRule;
  readonly rollout: RolloutPlan;
  readonly monitor?: MonitorPlan;
}

export interface EndpointTest {
  /** JSON file, relative to the project's folder: one request body, or an array of them. */
  readonly requests: string;
  readonly maxP95Ms?: number;
}

export interface BatchTest {
  /** `azureml:<data>@latest`, `azureml:<data>:<version>`, an address, or a file or folder of the project. */
  readonly input: string;
  /** Of the input; absent: a data asset's own type, a file is a `uri_file`, everything else a `uri_folder`. */
  readonly type?: 'uri_file' | 'uri_folder' | 'mltable';
  /** Rows of its output. */
  readonly rows: Condition;
  /** Metric that the job, or a step of it, logs → bound. */
  readonly require: Readonly<Record<string, Condition>>;
  readonly queueMs: number;
  readonly runMs: number;
}

/** Whether an environment serves by an online or a batch endpoint. */
export function kindOfEndpoint({ batch }: Pick<Environment, 'batch'>): EndpointKind {
  return batch === undefined ? 'online' : 'batch';
}

export type Verification = 'github' | 'principal' | 'none';

export interface ApprovalRule {
  /** Logins and `@org/team`s; empty: anyone with `maintain` on the repository. */
  readonly approvers: readonly string[];
  readonly required: number;
  /** How many people must reject to end it; default 1. */
  readonly rejections?: number;
  readonly expiresMs: number;
  readonly remindMs?: number;
  readonly escalate?: { readonly afterMs: number; readonly to: readonly string[] };
  /** Any one of these proves who decided. */
  readonly verify: readonly Verification[];
  /** Whether authors of commits since the champion's may approve; only a policy can allow it. */
  readonly allowAuthors: boolean;
  /** Settings that nobody wrote down: a stricter one of the policy takes their place without being refused. */
  readonly assumed?: readonly ('approvers' | 'required' | 'expires' | 'verify')[];
}

export interface RolloutStep {
  readonly kind: 'mirror' | 'traffic';
  /** Share of the requests, in percent. */
  readonly percent: number;
  readonly forMs: number;
}

export interface RolloutPlan {
  readonly steps: readonly RolloutStep[];
  readonly abort: AbortRules;
  readonly keepPreviousMs: number;
  /** How the challenger is compared with the champion; absent: by thresholds alone. */
  readonly compare?: ComparePlan;
  /** Further figures that can end a rollout. */
  readonly metrics?: readonly MetricRule[];
  /** When traffic may change, e.g. `Mon-Thu 09:00-16:00 Europe/Berlin`; rollbacks do not wait for it. */
  readonly window?: string;
}

export interface ComparePlan {
  /** Fewer requests of either side say nothing. */
  readonly minRequests: number;
  /** How much longer a step may last that has seen fewer; then a person is asked. */
  readonly extendMs: number;
  /** Most chance, in one step, to take a challenger for worse that is as good as the champion. */
  readonly alpha: number;
  /** How much slower than the champion still counts as equal, as a share. */
  readonly slower: number;
}

export const metricSources = ['prometheus', 'azure_monitor'] as const;
export type MetricSource = (typeof metricSources)[number];

/** A number that a query answers; `{endpoint}` and `{deployment}` in it stand for the names. */
export interface MetricRule {
  readonly name: string;
  readonly source: MetricSource;
  readonly query: string;
  readonly abort: Condition;
}

/** Conditions that end a rollout. `errorRate` is a share from 0 to 1, latencies are milliseconds. */
export interface AbortRules {
  readonly errorRate?: Condition;
  readonly p50?: Condition;
  readonly p95?: Condition;
  readonly p99?: Condition;
  /** Jensen–Shannon distance (base 2) of the challenger's answers from the champion's. */
  readonly predictions?: Condition;
}

export interface MonitorPlan {
  /** Cron expression, UTC. */
  readonly schedule: string;
  readonly windowMs: number;
  /** Data asset that the model was trained on: `azureml:<name>@latest` or `azureml:<name>:<version>`. */
  readonly baseline: string;
  readonly onBreach: 'notify' | 'retrain' | 'rollback';
  /** Absent: the default limits. */
  readonly retraining?: RetrainingLimits;
  /** Normalized Wasserstein distance above which a numerical feature has drifted; Azure's default is 0.1. */
  readonly numericalThreshold: number;
  /** Jensen–Shannon distance above which a categorical feature has drifted; Azure's default is 0.1. */
  readonly categoricalThreshold: number;
  /** Bounds of further statistics, judged only where they are set; p-values breach below theirs. */
  readonly psiThreshold?: number;
  readonly ksThreshold?: number;
  readonly chiSquaredThreshold?: number;
  /** `exact` sorts what a pass over the data leaves open; the default leaves errors that it states. */
  readonly mode?: 'one-pass' | 'exact';
  /** The Azure ML job that measures next to the data; absent: the worker measures. */
  readonly job?: MonitorJob;
  /** Columns that hold the same thing: what the model answers, and what the baseline has of it. */
  readonly predictions?: { readonly baseline: string; readonly output: string };
  readonly performance?: PerformancePlan;
  /** Fewer collected rows than this is a finding, not a pass. */
  readonly minRows: number;
}

/** Where a look is measured in the workspace that serves; neither cluster nor machine: serverless compute. */
export interface MonitorJob extends JobPlace {
  /** `azureml:<environment>@latest` or `:<version>` with Node.js; absent: one is built with Node.js from conda. */
  readonly environment?: string;
  readonly queueMs: number;
  readonly runMs: number;
}

/** Where the truth comes from, and what the predictions have to reach. */
export interface PerformancePlan {
  /** Data asset with a row a prediction. */
  readonly labels: string;
  /** Columns: of the labels, the request's correlation id and the truth; of the outputs, class and probability. */
  readonly id: string;
  readonly label: string;
  readonly prediction: string;
  readonly probability?: string;
  readonly require: Readonly<Partial<Record<'accuracy' | 'f1' | 'auc' | 'log_loss', Condition>>>;
}
