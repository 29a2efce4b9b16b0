import type { Decision } from '../domain/approval.js';
import type { SignatureChange } from '../domain/contract.js';
import type { CandidateResult, ChampionScore, GainOverChampion, GateVerdict } from '../domain/evaluation.js';
import type { Mistake } from '../domain/mistake.js';
import type { PackageFacts } from '../domain/model-package.js';
import type { ModelRef } from '../domain/model.js';
import type { MonitorPlan } from '../domain/project.js';
import type { Release, ReleaseResult } from '../domain/release.js';
import type { Trigger } from '../domain/source.js';
import type { SteeringAction, SteeringVerdict } from '../domain/steering.js';
import type { Timing } from '../domain/timing.js';
import type { Breach, LifecycleStatus, MonitoringResult, Reach } from '../workflows/messages.js';
import type {
  ApprovalAnnouncement,
  At,
  CommentVerdict,
  EndpointTarget,
  EvaluatedModel,
  Evaluation,
  JobEnd,
  JobLimits,
  LoadedProject,
  LookAnalysis,
  ModelToRegister,
  Operation,
  PollResult,
  ReleaseNotice,
  SetupPlan,
  SetupPlanItem,
  SubmitRequest,
  SubmittedJob,
} from './payloads.js';
import type { ServingActivities } from './serving-contract.js';

export type * from './payloads.js';

/**
 * What workflows may ask of the world, grouped by where it runs and how long it takes. Workflows import these types
 * only. Every activity may run several times: what it creates is named from business keys.
 */

/** Activities that talk to GitHub, Temporal and the policy: any worker of the project's queue. */
export interface CoreActivities {
  /** Policy, source, `mlops.yaml`, the default branch's rules: everything wrong is told at once as `SpecInvalid` or `NotAllowed`. */
  loadProject(input: At & { readonly reach?: Reach }): Promise<LoadedProject>;
  /** Older lifecycles of the same branch that have not begun a rollout get a `superseded` signal. Returns their ids. */
  supersedeOlder(input: At & { readonly lifecycleId: string; readonly branch: string }): Promise<string[]>;
  /** Signal-with-start of the endpoint's workflow. */
  requestRelease(input: {
    readonly release: Release;
    readonly target: EndpointTarget;
    readonly taskQueue: string;
    readonly timing: Timing;
  }): Promise<void>;
  /** `running` with the endpoint's view of the release, or why it can't be asked. */
  askEndpoint(input: { readonly workflowId: string; readonly releaseId: string }): Promise<{
    readonly state: 'waiting' | 'running' | 'finished' | 'unknown' | 'gone';
    /** With `finished`. */
    readonly result?: ReleaseResult;
  }>;
  /** Proves who decided, by the rule in force and the run's own history (both read again, not taken from the caller). */
  verifyDecisions(
    input: At & {
      readonly environment: string;
      readonly decisions: readonly Decision[];
      readonly askedAt: number;
      readonly championCommit?: string;
    },
  ): Promise<Decision[]>;
  /** When the environment's `window` lets traffic change: now, where it has none. Milliseconds since the epoch. */
  trafficOpensAt(input: At & { readonly environment: string }): Promise<number>;
  /**
   * Whether one steering signal counts: the `nth` (from 0) of that name in the history of the workflow that asks, which
   * is where its sender is read. Operators come from the policy.
   */
  verifySteering(
    input: At & { readonly action: SteeringAction; readonly nth: number },
  ): Promise<SteeringVerdict>;
  /** The same of signals that came together, in their order: the history is read once, and few comments are. */
  proveSteering(
    input: At & { readonly messages: readonly { readonly action: SteeringAction; readonly nth: number }[] },
  ): Promise<SteeringVerdict[]>;
  /**
   * Reads the `nth` comment that a lifecycle was pointed to, its author and what that person may. A `/cancel` that
   * counts is asked of the server here, since a workflow cannot cancel itself.
   */
  obeyComment(input: At & { readonly nth: number }): Promise<CommentVerdict>;
  report(
    input: At & {
      readonly lifecycleId: string;
      readonly outcome: 'running' | 'success' | 'failure' | 'neutral' | 'cancelled';
      readonly title: string;
      readonly summary: string;
      /** What is wrong in the project's files: shown at file and line. */
      readonly mistakes?: readonly Mistake[];
    },
  ): Promise<void>;
  /** A deployment's status on GitHub; with `success` the one that it replaced becomes inactive. */
  reportRelease(input: ReleaseNotice): Promise<void>;
  /** What this commit would do, as a comment on its pull request. */
  reportPlan(
    input: At & {
      readonly lifecycleId: string;
      /** What setup would make. */
      readonly setup: string;
      readonly champion?: ChampionScore;
    },
  ): Promise<void>;
  announceApproval(input: ApprovalAnnouncement): Promise<void>;
  /** Creates or updates the monitoring schedule. */
  upsertMonitor(
    input: At & {
      readonly environment: string;
      readonly plan: MonitorPlan;
      readonly target: EndpointTarget;
      readonly taskQueue: string;
      readonly timing: Timing;
    },
  ): Promise<{ readonly scheduleId: string }>;
  /** Deletes the monitoring schedule of an environment that asks for none any more; `false` where there is none. */
  removeMonitor(input: { readonly scheduleId: string }): Promise<boolean>;
  startRetraining(input: Breach & { readonly timing: Timing }): Promise<{ readonly lifecycleId: string }>;
  /** Starts what was pushed to the policy's repositories since the last look, as the Action would. */
  lookForPushes(input: {
    readonly scheduleId: string;
    readonly timing?: Partial<Timing>;
  }): Promise<PollResult>;
  /** -1: `a` is an ancestor of `b`; 1: the other way round; 0: same or unrelated. */
  compareCommits(input: {
    readonly repository: string;
    readonly a: string;
    readonly b: string;
  }): Promise<-1 | 0 | 1>;
}

/** Activities that touch one workspace: they run on that workspace's queue. */
export interface WorkspaceActivities extends ServingActivities {
  planSetup(input: At & { readonly workspace: string }): Promise<SetupPlan>;
  applySetupItem(
    input: At & { readonly workspace: string; readonly item: SetupPlanItem },
  ): Promise<Operation | null>;

  submitJob(input: SubmitRequest): Promise<SubmittedJob>;
  submitPrepare(input: Omit<SubmitRequest, 'candidate'>): Promise<SubmittedJob>;
  /** Data assets that a finished job registered, name → version. */
  jobDataOutputs(input: {
    readonly workspace: string;
    readonly job: string;
  }): Promise<Record<string, string>>;
  validateData(
    input: At & { readonly pins: Readonly<Record<string, string>> },
  ): Promise<{ readonly ok: boolean; readonly findings: readonly string[] }>;
  /** How long a job has run, in milliseconds; `null` while it waits for compute and when it has ended. */
  jobRunningMs(input: { readonly workspace: string; readonly job: string }): Promise<number | null>;
  cancelJob(input: { readonly workspace: string; readonly job: string }): Promise<void>;
  evaluateCandidate(
    input: At & { readonly candidate: string; readonly submitted: SubmittedJob; readonly end: JobEnd },
  ): Promise<CandidateResult>;
  /** The gate's evaluation job over one model. */
  submitEvaluation(input: SubmitRequest & { readonly model: EvaluatedModel }): Promise<SubmittedJob>;
  /** What an evaluation measured of a model, or why it measured nothing. */
  readEvaluation(
    input: At & { readonly submitted: SubmittedJob; readonly end: JobEnd },
  ): Promise<Evaluation | { readonly problem: string }>;
  /** The interval of a candidate's gain over the champion, from what both evaluations predicted. */
  measureGain(
    input: At & { readonly challenger: Evaluation; readonly champion: Evaluation },
  ): Promise<GainOverChampion>;
  /** What each candidate's signature changes for callers of the champion; candidates whose model has none of MLflow's are left out. */
  compareSignatures(
    input: At & {
      readonly candidates: readonly { readonly candidate: string; readonly path: string }[];
      readonly champion: Pick<ModelRef, 'name' | 'version'>;
    },
  ): Promise<Record<string, SignatureChange>>;
  championOf(
    input: At & { readonly target: EndpointTarget; readonly modelWorkspace: string },
  ): Promise<ChampionScore | null>;

  /** Starts the job that loads a candidate's model in a clean environment and scores its sample, or finds it. */
  submitPackageCheck(
    input: SubmitRequest & { readonly model: { readonly path: string } },
  ): Promise<SubmittedJob>;
  readPackageCheck(input: {
    readonly submitted: SubmittedJob;
    readonly end: JobEnd;
  }): Promise<PackageFacts | { readonly problem: string }>;
  registerModel(
    input: At & {
      readonly lifecycleId: string;
      readonly toRegister: ModelToRegister;
      readonly verdict: GateVerdict;
    },
  ): Promise<ModelRef>;
  /** Puts a registered model, and the environments that it needs elsewhere, into the project's registry, or finds them. */
  shareModel(input: At & { readonly model: ModelRef }): Promise<{
    readonly id: string;
    readonly hash: string;
    /** `name:version`; absent where an older worker answered. */
    readonly environments?: readonly string[];
  }>;
  findModel(input: At & { readonly model: string; readonly version: string }): Promise<ModelRef>;
  /** Evaluation report to Blob; returns its path and, in local use, the file's. */
  writeEvaluationReport(
    input: At & {
      readonly trigger: Trigger;
      readonly candidates: readonly CandidateResult[];
      readonly gate?: GateVerdict;
      readonly champion?: ChampionScore;
    },
  ): Promise<{ readonly report: string }>;
  writeRecord(
    input: At & { readonly trigger: Trigger; readonly status: LifecycleStatus },
  ): Promise<{ readonly path: string }>;

  /** Starts the job that measures a look next to the data, or finds it; `null` where nothing was collected. */
  submitAnalysis(
    input: LookAt & {
      /** Workflow of the look. */
      readonly lookId: string;
      readonly attempt: number;
    },
  ): Promise<(SubmittedJob & { readonly limits: JobLimits }) | null>;
  /** One look: measured here, or by the job that is named; `null`: nothing was collected. */
  analyseDrift(input: LookAt & { readonly analysis?: LookAnalysis | null }): Promise<MonitoringResult>;
}

/** An endpoint, and the end of the window that is looked at. */
interface LookAt extends At {
  readonly environment: string;
  readonly endpoint: string;
  readonly workspace: string;
  readonly atMs: number;
}

/** Looks at long work: each throws `NotYet` until it has ended, with the pause until the next look. */
export interface LookActivities {
  lookAtJob(input: {
    readonly workspace: string;
    readonly job: string;
    readonly queueMs: number;
    readonly runMs: number;
    /** Where in mlops.yaml the limits stand; default `train.limits`. */
    readonly setting?: string;
    readonly timing: Timing;
  }): Promise<JobEnd>;
  lookAtOperation(input: {
    readonly workspace: string;
    readonly operation: Operation;
    readonly timing: Timing;
  }): Promise<void>;
}

export type Activities = CoreActivities & WorkspaceActivities & LookActivities;

/** Tags of failures that park a step as *blocked* instead of failing it. */
export type BlockingFailure =
  | 'QuotaExceeded'
  | 'CapacityUnavailable'
  | 'NotAuthorized'
  | 'InfrastructureMissing'
  | 'Outage'
  | 'WorkerFault';
