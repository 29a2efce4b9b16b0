import type { EndpointKind, RolloutStep } from '../domain/project.js';
import type { DeployedRelease, Release, ReleaseResult, Traffic } from '../domain/release.js';
import type { RetirementOrder } from '../domain/retirement.js';
import type { RetrainingHistory } from '../domain/retraining.js';
import type { Timing } from '../domain/timing.js';
import type { Blocked, Breach, PendingApproval } from './messages.js';

/** What the owner of an endpoint is given, remembers and shows. */

export interface EndpointPlace {
  /** Alias in the policy. */
  readonly workspace: string;
  readonly endpoint: string;
  /** Absent: online. */
  readonly kind?: EndpointKind;
}

export interface EndpointInput extends EndpointPlace {
  readonly taskQueue: string;
  readonly timing?: Partial<Timing>;
  /** For tests: events after which it continues as new. Otherwise the server says when the history has grown long. */
  readonly historyLimit?: number;
  /** Carried over by continue-as-new. */
  readonly state?: EndpointState;
}

export interface EndpointState {
  readonly champion?: DeployedRelease;
  readonly previous?: DeployedRelease;
  readonly waiting: readonly Release[];
  /** Deployments that go when their time has come. */
  readonly retiring: readonly { readonly deployment: string; readonly at: number }[];
  readonly governor: RetrainingHistory;
  readonly held: boolean;
  readonly scoringUri?: string;
  /** Ids of waiting releases whose approval is there. */
  readonly proceeding: readonly string[];
  readonly traffic: Traffic;
  /** The release under way, where its history has grown long. */
  readonly midway?: Midway;
  /** Not answered yet. */
  readonly breaches?: readonly Breach[];
  /** Ordered while a release runs. */
  readonly retirement?: RetirementOrder;
  /** The release that was carried out last: its project's people steer what nothing serves. */
  readonly latest?: Release;
  /** Answers to the latest releases, for lifecycles that ask again. */
  readonly lastResults: readonly { readonly releaseId: string; readonly result: ReleaseResult }[];
  readonly events: readonly { readonly at: number; readonly what: string }[];
}

/** A release in the middle of its rollout, as the next run goes on with it. */
export interface Midway {
  readonly release: Release;
  /** What served before it, to go back to. */
  readonly before: {
    readonly exists: boolean;
    readonly traffic: Traffic;
    readonly mirror: Traffic;
    readonly deployments: readonly { readonly name: string; readonly state: string }[];
  };
  readonly planned: {
    readonly deployment: string;
    readonly hash: string;
    readonly instanceType: string;
    readonly instanceCount: number;
  };
  readonly builtInMs: number;
  /** What its test showed. */
  readonly proof: string;
  readonly control: {
    readonly current?: RolloutStep;
    readonly next: readonly RolloutStep[];
    readonly paused: boolean;
    /** Its step is over by a person's word. */
    readonly skipped?: boolean;
    readonly extendMs: number;
    readonly grantedMs: number;
    readonly question?: string;
  };
  /** When its step began, milliseconds since the epoch, and how often it was looked at. */
  readonly fromMs: number;
  readonly looks: number;
}

/** What the endpoint's `status` query answers. */
export interface EndpointStatus
  extends Omit<EndpointState, 'midway' | 'breaches' | 'retirement'>, EndpointPlace {
  readonly running?: {
    readonly release: Release;
    readonly step: string;
    readonly blocked?: Blocked;
    readonly rollout?: RolloutStatus;
  };
  /** What somebody else changed; a person is asked. */
  readonly byHand?: string;
  readonly retirement?: RetirementStatus;
  /** What approvers are asked about a steering message. */
  readonly approval?: PendingApproval;
}

/** An endpoint that goes. */
export interface RetirementStatus {
  readonly text: string;
  readonly by: string;
  /** While it drains, `abort` brings its traffic back. */
  readonly stage: 'queued' | 'draining' | 'deleting';
  /** When deleting begins, milliseconds since the epoch. */
  readonly deletesAt?: number;
}

export interface RolloutStatus {
  readonly current?: RolloutStep;
  readonly next: readonly RolloutStep[];
  readonly paused: boolean;
  /** Why it waits for a person. */
  readonly question?: string;
}
