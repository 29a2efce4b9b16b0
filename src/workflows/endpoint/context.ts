import type { CancellationScope } from '@temporalio/workflow';
import type { CoreActivities } from '../../activities/contract.js';
import type { DeployedRelease, Release, ReleaseResult, Traffic } from '../../domain/release.js';
import type { Timing } from '../../domain/timing.js';
import type { RetrainingHistory } from '../../domain/retraining.js';
import type { Breach, EndpointInput } from '../messages.js';
import type { Parking } from '../parking.js';
import type { Proxies } from '../proxies.js';

/** What the owner of an endpoint remembers; what survives continue-as-new is `EndpointState`. */
export interface Owner {
  readonly input: EndpointInput;
  readonly timing: Timing;
  readonly core: CoreActivities;
  readonly activities: Proxies;
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

export interface Running {
  readonly release: Release;
  step: string;
  /** Cancelled to stop it, whatever it waits for. */
  readonly scope: CancellationScope;
}
