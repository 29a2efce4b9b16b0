import type { CoreActivities } from '../activities/contract.js';
import { defaultTiming, type Timing } from '../domain/timing.js';
import { blockingReason, messageOf } from './failures.js';
import { surfaceActivities } from './proxies.js';

type Told = 'report' | 'announceApproval' | 'reportRelease' | 'reportPlan';

/** One thing to show on GitHub, as plain JSON. */
export type Notice = {
  readonly [K in Told]: { readonly kind: K; readonly input: Parameters<CoreActivities[K]>[0] };
}[Told];

export interface ReportingInput {
  readonly notices: readonly Notice[];
  readonly timing?: Partial<Timing>;
}

/** Tells GitHub what a lifecycle that has ended could not tell: GitHub was away. Returns what could not be told either. */
export async function reporting(input: ReportingInput): Promise<readonly string[]> {
  const { blockedForMs } = { ...defaultTiming, ...input.timing };
  const problems = await Promise.all(
    input.notices.map((notice) =>
      deliver(notice, surfaceActivities(blockedForMs)).then(
        () => [],
        (error: unknown) => [`${notice.kind}: ${messageOf(error)}`],
      ),
    ),
  );
  return problems.flat();
}

/** How long one notice is tried before the newest takes its place. */
const roundMs = 10 * 60_000;

/** Adds no turn of its own to the promise: histories know in which order things went on. */
export function deliver(notice: Notice, activities = surfaceActivities(roundMs)): Promise<void> {
  switch (notice.kind) {
    case 'report':
      return activities.report(notice.input);
    case 'announceApproval':
      return activities.announceApproval(notice.input);
    case 'reportRelease':
      return activities.reportRelease(notice.input);
    case 'reportPlan':
      return activities.reportPlan(notice.input);
  }
}

/** Whether telling again may help: an outage passes, a missing permission needs somebody. */
export function willPass(error: unknown): boolean {
  const type = blockingReason(error)?.type;
  return type === 'Outage' || type === 'WorkerFault';
}
