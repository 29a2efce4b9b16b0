import type { CancellationScope } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/contract.js';
import type { DeployedRelease, Release, ReleaseResult, Traffic } from '../../domain/release.js';
import type { RolloutStep } from '../../domain/project.js';
import type { Timing } from '../../domain/timing.js';
import type { RetrainingHistory } from '../../domain/retraining.js';
import type { SteeringAction } from '../../domain/steering.js';
import type { RetirementOrder } from '../../domain/retirement.js';
import type { Breach, EndpointInput, Midway, PendingApproval, RetirementStatus } from '../messages.js';
import type { Parking } from '../parking.js';
import type { Proxies } from '../proxies.js';

/** What the owner of an endpoint remembers; what survives continue-as-new is `EndpointState`. */
export interface Owner {
  readonly input: EndpointInput;
  readonly timing: Timing;
  readonly core: CoreActivities;
  readonly activities: Proxies;
  /** Events after which it continues as new when nothing is to do. */
  readonly historyLimit: number;
  readonly parking: Parking;
  /** For what can be done later: it fails instead of waiting, so that a rollback never stands behind it. */
  readonly hasty: Parking;

  champion?: DeployedRelease;
  previous?: DeployedRelease;
  /** Asked for, not yet answered. */
  inbox: Release[];
  /** Granted, waiting for its approval. */
  waiting: Release[];
  /** Ids of granted releases that may go on. */
  readonly proceeding: Set<string>;
  retiring: { deployment: string; at: number }[];
  breaches: Breach[];
  governor: RetrainingHistory;
  held: boolean;
  /** Steering that is not proven yet, first comes first. */
  steering: SteeringRequest[];
  /** How many signals of a name this run has heard. */
  readonly heard: Map<SteeringAction, number>;
  /** How many riskier messages are with the approvers. */
  asking: number;
  approval?: PendingApproval;
  /** What somebody else changed, while people are asked about it. */
  byHand?: string;
  /** A rollout that goes on in the next run. */
  midway?: Midway;
  /** One that goes on from the run before. */
  resumes?: Midway;
  /** It goes, as soon as nothing else runs. */
  retirement?: Retirement;
  /** The release that was carried out last. */
  latest?: Release;
  /** Said by an operator: back to the previous champion. */
  rollback?: { reason: string };
  /** Why the release that runs now is to stop. */
  abort?: { readonly reason: string; readonly by: 'operator' | 'lifecycle' };
  running?: Running;
  traffic: Traffic;
  scoringUri?: string;
  lastResults: { releaseId: string; result: ReleaseResult }[];
  /** What happened lately, for people. */
  events: { at: number; what: string }[];
}

export interface Retirement {
  readonly order: RetirementOrder;
  stage: RetirementStatus['stage'];
  deletesAt?: number;
  /** Why it is to stop. */
  stop?: string;
}

export interface SteeringRequest {
  readonly action: SteeringAction;
  /** Which signal of its name in the history of the run that heard it, from 0. */
  readonly nth: number;
  readonly saidIn: string;
  readonly payload: unknown;
}

/** A rollout under way, as people may change it. */
export interface RolloutControl {
  current?: RolloutStep;
  /** Steps after the current one; an edited plan replaces them. */
  next: readonly RolloutStep[];
  paused: boolean;
  /** The current step ends now. */
  skipped: boolean;
  /** How much a person's word grants. */
  readonly extendMs: number;
  /** Milliseconds that people granted a step that has seen too little. */
  grantedMs: number;
  /** Why it waits for a person. */
  question?: string;
}

export interface Running {
  readonly release: Release;
  /** Present from its first traffic step on. */
  rollout?: RolloutControl;
  step: string;
  /** Cancelled to stop it, whatever it waits for. */
  readonly scope: CancellationScope;
}
