import type { CandidateResult, ChampionScore, GateVerdict } from '../domain/evaluation.js';
import type { EvidenceDigest, RecordedDecision } from '../domain/approval.js';
import type { ApprovalRecord } from '../domain/approval-record.js';
import type { ReleaseResult, Traffic } from '../domain/release.js';
import type { ModelRef } from '../domain/model.js';
import type { RetrainingLimits } from '../domain/retraining.js';
import type { SourceRef, Trigger } from '../domain/source.js';
import type { Timing } from '../domain/timing.js';

export type * from './endpoint-memory.js';
export type * from './inputs.js';

/**
 * Everything that crosses a workflow's border: names, inputs, signals and queries. Clients and the Action import
 * this file and the domain only.
 */

export const workflowTypes = {
  lifecycle: 'lifecycle',
  setup: 'setup',
  training: 'training',
  endpoint: 'endpoint',
  monitoring: 'monitoring',
  polling: 'polling',
  reporting: 'reporting',
} as const;

export const phases = ['setup', 'train', 'register', 'stage', 'promote', 'monitor'] as const;
export type Phase = (typeof phases)[number];

/** How far a lifecycle goes: `plan` only checks, `train` ends as evaluated, `production` goes all the way. */
export type Reach = 'plan' | 'train' | 'production';

export interface LifecycleInput {
  readonly source: SourceRef;
  readonly project: string;
  readonly trigger: Trigger;
  /** Caps what the project's `on:` allows for the ref. */
  readonly reach?: Reach;
  /** Enters at staging with a model that is registered already. */
  readonly release?: { readonly model: string; readonly version: string; readonly to: string };
  /** Login of who pushed or asked, as far as known. */
  readonly startedBy?: string;
  readonly timing?: Partial<Timing>;
  /** For tests: events after which people are asked in a new run. Otherwise the server says when the history is long. */
  readonly historyLimit?: number;
  /** Carried over by continue-as-new. */
  readonly resume?: LifecycleResume;
}

/** Where a lifecycle goes on whose history had grown long: at a question to people. */
export interface LifecycleResume {
  readonly status: Omit<LifecycleStatus, 'why'>;
  readonly model: ModelRef;
  /** The first environment that has not taken the model. */
  readonly environment: string;
}

export type PhaseState = 'pending' | 'running' | 'waiting' | 'blocked' | 'done' | 'failed' | 'skipped';

export interface PhaseStatus {
  readonly phase: Phase;
  readonly state: PhaseState;
  /** One line of result or of what it waits for. */
  readonly summary: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

export interface Blocked {
  readonly step: string;
  /** Stable tag of the failure, e.g. `QuotaExceeded`. */
  readonly type: string;
  readonly message: string;
  readonly since: number;
  readonly until: number;
}

export interface PendingApproval {
  readonly environment: string;
  readonly code: string;
  /** Names of the signals that answer. */
  readonly approve: string;
  readonly reject: string;
  readonly evidence: EvidenceDigest['evidence'];
  /** What serves there now, where the asker has read it. */
  readonly champion?: ChampionScore;
  readonly required: number;
  readonly approvers: readonly string[];
  /** Whether authors of the commits may approve; absent where an older worker asked. */
  readonly allowAuthors?: boolean;
  readonly verify: readonly string[];
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly approvals: readonly string[];
}

export type LifecycleVerdict =
  | 'planned'
  | 'evaluated'
  | 'gate_failed'
  | 'registered'
  | 'released'
  | 'rejected'
  | 'expired'
  | 'rolled_back'
  | 'superseded'
  | 'cancelled'
  | 'failed';

/** What the `status` query answers and what a lifecycle returns. */
export interface LifecycleStatus {
  readonly project: string;
  readonly repository: string;
  readonly commit: string;
  readonly trigger: Trigger;
  readonly phases: readonly PhaseStatus[];
  readonly candidates: readonly CandidateResult[];
  readonly gate?: GateVerdict;
  readonly models: readonly { readonly name: string; readonly version: string; readonly candidate: string }[];
  readonly approval?: PendingApproval;
  readonly decisions: readonly RecordedDecision[];
  /** Every question to people, with its whole record; absent where an older worker asked. */
  readonly approvals?: readonly ApprovalRecord[];
  readonly blocked?: Blocked;
  readonly releases: Readonly<Record<string, ReleaseProgress>>;
  /** Things people should know that did not stop anything. */
  readonly notes: readonly string[];
  readonly report?: string;
  readonly verdict?: LifecycleVerdict;
  /** One paragraph: what decided, what it waits for, who can act. */
  readonly why: string;
}

export interface ReleaseProgress {
  readonly endpoint: string;
  /** Workflow id of the endpoint's owner. */
  readonly owner: string;
  readonly state: 'queued' | 'granted' | 'running' | 'blocked' | 'finished';
  readonly step: string;
  readonly traffic?: Traffic;
  readonly scoringUri?: string;
  readonly result?: ReleaseResult;
  readonly blocked?: Blocked;
}

/** Names of signals and queries; docs of each stand where the workflow defines it. */
export const messages = {
  /** lifecycle: wakes a blocked step. Payload none. */
  retry: 'retry',
  /** lifecycle: somebody commented `/retry` or `/cancel`. Payload `{comment_id}`; the worker reads the rest. */
  comment: 'comment',
  /** lifecycle: a newer commit took its place. Payload `{by: lifecycleId, commit}`. */
  superseded: 'superseded',
  /** lifecycle ← its children. Payload ChildBlocked. */
  child: 'child',
  /** lifecycle ← endpoint. Payload ReleaseReport. */
  release: 'release',
  /** endpoint ← lifecycle: `Release`. */
  request: 'request',
  /** endpoint ← lifecycle: approval is there (or none is needed). Payload `{releaseId}`. */
  proceed: 'proceed',
  /** endpoint ← lifecycle. Payload `{releaseId, reason}`. */
  withdraw: 'withdraw',
  /** endpoint: back to the previous champion. Payload none or `{reason?, by?}`. */
  rollback: 'rollback',
  /** endpoint: no further step or release until `resume`. */
  hold: 'hold',
  /** endpoint: the rollout that runs stays where it is until `resume`. */
  pause: 'pause',
  /** endpoint: the release that runs ends, its traffic goes back. */
  abort: 'abort',
  /** endpoint: the step that runs ends now. */
  skip: 'skip',
  /** endpoint: `{steps}` as in mlops.yaml, in place of those that have not begun. */
  plan: 'plan',
  resume: 'resume',
  /** endpoint: `{release}`, the id of a waiting release or of its lifecycle, goes first. */
  queue_jump: 'queue_jump',
  /** endpoint: it goes, with everything on it. Payload none or `{days?, drain?, reason?}`. */
  retire: 'retire',
  /** endpoint ← monitoring. Payload Breach. */
  breach: 'breach',
  /** every workflow: query without argument. */
  status: 'status',
  /** lifecycle: query, every question to people with its record. */
  approvals: 'approvals',
} as const;

/** What blocks a child of a lifecycle, `null` when it goes on. */
export interface ChildBlocked {
  /** Workflow id. */
  readonly child: string;
  readonly blocked: Blocked | null;
}

/** Payload of steering, mostly optional; it names nobody for certain. */
export interface SteeringPayload {
  readonly reason?: string;
  readonly comment_id?: number;
  readonly by?: string;
  /** Of `queue_jump`: id of a waiting release or of its lifecycle. */
  readonly release?: string;
  /** Of `plan`: as in mlops.yaml. */
  readonly steps?: readonly object[];
  /** Of `retire`: callers of so many days are shown, and how long it drains, e.g. `15m`. */
  readonly days?: number;
  readonly drain?: string;
}

export interface Breach {
  readonly scheduledAt: string;
  readonly verdict: 'breach' | 'missing_data';
  readonly summary: string;
  readonly onBreach: 'notify' | 'retrain' | 'rollback';
  /** Absent: the default limits. */
  readonly retraining?: RetrainingLimits;
  readonly source: SourceRef;
  readonly project: string;
}

/** endpoint → lifecycle. */
export type ReleaseReport = { readonly releaseId: string } & (
  | { readonly kind: 'granted' }
  | { readonly kind: 'progress'; readonly progress: ReleaseProgress }
  | { readonly kind: 'finished'; readonly result: ReleaseResult }
);

/** Payload of an approval signal; every field optional. */
export interface DecisionPayload {
  readonly reason?: string;
  readonly comment_id?: number;
  readonly review_id?: number;
  readonly by?: string;
}

export const approvePrefix = 'approve ';
export const rejectPrefix = 'reject ';

/** Search attributes, registered by `npm start` and `mlops setup`; plain names keep this file free of imports. */
export const searchAttributes = {
  MlopsProject: 'KEYWORD',
  MlopsRepository: 'KEYWORD',
  MlopsCommit: 'KEYWORD',
  MlopsBranch: 'KEYWORD',
  MlopsPhase: 'KEYWORD',
  MlopsModel: 'KEYWORD',
  MlopsVerdict: 'KEYWORD',
} as const;
