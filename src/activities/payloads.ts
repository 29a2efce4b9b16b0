import type { EvidenceDigest } from '../domain/approval.js';
import type { ChampionScore, FinishedCandidate, HeldOutScore } from '../domain/evaluation.js';
import type { SignatureChange } from '../domain/contract.js';
import type { PackageFacts } from '../domain/model-package.js';
import type { ModelRef } from '../domain/model.js';
import type { EndpointKind, Project } from '../domain/project.js';
import type { Traffic } from '../domain/release.js';
import type { SourceRef, Trigger } from '../domain/source.js';
import type { Reach } from '../workflows/messages.js';

/** What activities take and give back: plain JSON, which stands in the histories of workflows. */

export interface LoadedProject {
  readonly project: Project;
  readonly reach: Reach;
  readonly setup: 'check' | 'apply';
  /** Workspace alias → task queue of the workers whose identity may touch it. */
  readonly queues: Readonly<Record<string, string>>;
  /** Environment → where its releases go. */
  readonly endpoints: Readonly<Record<string, EndpointTarget>>;
  readonly branch: string;
  /** How late the traffic log shows a request, milliseconds. */
  readonly logsDelayMs?: number;
  /** What people should know: rules taken from the default branch, warnings of the files. */
  readonly notes: readonly string[];
}

export interface EndpointTarget {
  readonly workspace: string;
  readonly endpoint: string;
  /** Absent: online. */
  readonly kind?: EndpointKind;
  readonly workflowId: string;
  readonly scheduleId: string;
}

/** An endpoint for activities that need no project. */
export type EndpointOf = Pick<EndpointTarget, 'workspace' | 'endpoint' | 'kind'>;

/** Where an activity that needs the project's files finds them. */
export interface At {
  readonly source: SourceRef;
  readonly project: string;
}

/** Handle of an operation that Azure goes on with by itself; plain JSON, resumable by any worker. */
export interface Operation {
  readonly url?: string;
  readonly resource: string;
  readonly kind: 'put' | 'delete';
}

export interface SetupPlan {
  readonly items: readonly SetupPlanItem[];
}

export interface SetupPlanItem {
  readonly workspace: string;
  readonly kind: string;
  readonly name: string;
  readonly file?: string;
  readonly change: 'none' | 'create' | 'update';
  /** `scaleSettings.maxNodeCount: 2 → 4` */
  readonly detail: readonly string[];
}

export interface SubmitRequest extends At {
  readonly candidate: string;
  readonly lifecycleId: string;
  readonly trigger: Trigger;
  readonly pins: Readonly<Record<string, string>>;
  /** Rises when the name of an earlier try is spent. */
  readonly attempt: number;
}

export interface SubmittedJob {
  readonly job: string;
  readonly workspace: string;
  /** `created` by this lifecycle, `attached` to one that runs, `reused` a finished one, `spent`: it failed earlier, try the next attempt. */
  readonly state: 'created' | 'attached' | 'reused' | 'spent';
  readonly codeHash: string;
  readonly data: Readonly<Record<string, string>>;
  readonly link: string;
}

/** What came of the job that measures a look, or why there was none. */
export type LookAnalysis =
  { readonly submitted: SubmittedJob; readonly end: JobEnd } | { readonly problem: string };

export interface BatchTestJob extends SubmittedJob {
  readonly limits: JobLimits;
}

export interface JobLimits {
  readonly queueMs: number;
  readonly runMs: number;
  /** Where in mlops.yaml they stand; default `train.limits`. */
  readonly setting?: string;
}

/** A model to score: what a candidate's job left behind, or a registered version. */
export type EvaluatedModel = NonNullable<FinishedCandidate['model']> | Pick<ModelRef, 'name' | 'version'>;

export interface Evaluation extends HeldOutScore {
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a comment asked of a lifecycle; without `asks` it does not count, and `problem` says why. */
export interface CommentVerdict {
  readonly by: string;
  readonly asks?: 'retry' | 'cancel';
  readonly problem?: string;
}

export interface JobEnd {
  readonly status: 'Completed' | 'Failed' | 'Canceled';
  readonly seconds: number;
  readonly error?: string;
  readonly log?: string;
}

export interface ModelToRegister {
  readonly candidate: string;
  readonly job: string;
  readonly model: { readonly path: string };
  readonly contract?: SignatureChange;
  /** Where the project has its package checked. */
  readonly package?: PackageFacts;
  readonly metrics: Readonly<Record<string, number>>;
  readonly codeHash: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface PlannedDeployment {
  readonly deployment: string;
  readonly hash: string;
  readonly instanceType: string;
  readonly instanceCount: number;
}

export interface EndpointSnapshot {
  readonly exists: boolean;
  readonly traffic: Traffic;
  readonly mirror: Traffic;
  readonly scoringUri?: string;
  readonly deployments: readonly { readonly name: string; readonly model?: string; readonly state: string }[];
}

export interface ApprovalAnnouncement extends At {
  readonly lifecycleId: string;
  readonly environment: string;
  readonly evidence: EvidenceDigest;
  readonly endpointWorkflowId: string;
  readonly state: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn';
  /** What serves now, to compare with. */
  readonly champion?: ChampionScore;
  readonly reminder?: Reminder;
}

/** People are told again of what still waits. */
export interface Reminder {
  readonly count: number;
  /** Who may answer by now. */
  readonly approvers: readonly string[];
  readonly escalated: boolean;
}

export interface PollResult {
  /** `owner/name refs/heads/main` → commit, where the next look goes on from. */
  readonly seen: Readonly<Record<string, string>>;
  /** Ids of the lifecycles that this look started. */
  readonly started: readonly string[];
  /** What could not be looked at; the next look tries again. */
  readonly problems: readonly string[];
}

/** How a release to an environment stands, for GitHub's deployments. */
export interface ReleaseNotice extends At {
  /** Business key of the deployment. */
  readonly releaseId: string;
  readonly lifecycleId: string;
  readonly environment: string;
  /** `pending` waits for an approval. */
  readonly state: 'pending' | 'in_progress' | 'success' | 'failure' | 'inactive';
  /** One line. */
  readonly description: string;
  /** Scoring address. */
  readonly environmentUrl?: string;
  /** Whether it is the last environment of the way. */
  readonly production: boolean;
}
