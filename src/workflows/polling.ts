import type { PollResult } from '../activities/contract.js';
import { defaultTiming, type Timing } from '../domain/timing.js';
import { coreActivities } from './proxies.js';

export interface PollingInput {
  /** The schedule that starts these looks. */
  readonly scheduleId: string;
  readonly timing?: Partial<Timing>;
}

/**
 * One look at the repositories of the policy, by a schedule: starts what a push would have started, where GitHub's
 * runners cannot reach Temporal or an event was lost. What it returns is where the next look goes on from.
 */
export async function polling({ scheduleId, timing }: PollingInput): Promise<PollResult> {
  return await coreActivities({ ...defaultTiming, ...timing }).lookForPushes({
    scheduleId,
    ...(timing !== undefined && { timing }),
  });
}
