import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { CoreActivities, LookActivities, WorkspaceActivities } from '../activities/contract.js';
import type { Timing } from '../domain/timing.js';

/** Activities by how long they take. `quick` answers in seconds, `transfer` moves files, `look` waits for Azure. */
export interface Proxies {
  readonly quick: WorkspaceActivities;
  readonly transfer: WorkspaceActivities;
  readonly look: LookActivities;
}

type Options = Parameters<typeof proxyActivities>[0];

/** An outage is retried over minutes; what it outlives is parked by the caller. */
function retried(timing: Timing): NonNullable<Options['retry']> {
  return { initialInterval: '1s', maximumInterval: '1 minute', maximumAttempts: timing.outageAttempts };
}

/** Activities of the workers whose identity may touch the workspace behind `taskQueue`. */
export function workspaceActivities(taskQueue: string, timing: Timing): Proxies {
  return {
    quick: proxyActivities<WorkspaceActivities>({
      taskQueue,
      startToCloseTimeout: timing.answerMs,
      retry: retried(timing),
    }),
    transfer: proxyActivities<WorkspaceActivities>({
      taskQueue,
      startToCloseTimeout: '60 minutes',
      heartbeatTimeout: timing.heartbeatMs,
      retry: retried(timing),
    }),
    look: proxyActivities<LookActivities>({
      taskQueue,
      startToCloseTimeout: timing.answerMs,
      scheduleToCloseTimeout: '30 days',
      // A look is retried by its own `nextRetryDelay`; what has none is an outage, or died with its worker.
      retry: { initialInterval: '1s', maximumInterval: '10s' },
      // It changes nothing, so nobody needs to wait until it has noticed.
      cancellationType: ActivityCancellationType.TRY_CANCEL,
    }),
  };
}

/** Activities that any worker of the workflow's own queue may run. */
export function coreActivities(timing: Timing): CoreActivities {
  return proxyActivities<CoreActivities>({
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: timing.heartbeatMs,
    retry: retried(timing),
  });
}

/** For reports that must not hold anything up: a few tries, then the caller goes on without. */
export function courtesyActivities(): CoreActivities {
  return proxyActivities<CoreActivities>({ startToCloseTimeout: '1 minute', retry: { maximumAttempts: 3 } });
}

/** For what GitHub shows: retried through an outage for as long as `patienceMs`; a minute after its end it is told. */
export function surfaceActivities(patienceMs: number): CoreActivities {
  return proxyActivities<CoreActivities>({
    startToCloseTimeout: '2 minutes',
    scheduleToCloseTimeout: patienceMs,
    retry: { initialInterval: '1s', maximumInterval: '1 minute' },
  });
}
