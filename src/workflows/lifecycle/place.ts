import {
  type ApplicationFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
} from '@temporalio/workflow';
import type { CoreActivities, EndpointTarget } from '../../activities/contract.js';
import type { Release, ReleaseResult } from '../../domain/release.js';
import { blockingReason, failure } from '../failures.js';
import type { ReleaseReport } from '../messages.js';
import { queueOf } from '../setup.js';
import { proceedSignal, withdrawSignal } from '../signals.js';
import type { Lifecycle } from './context.js';

/** What a lifecycle and an endpoint's owner say to each other about one release. */

type EndpointAnswer = Awaited<ReturnType<CoreActivities['askEndpoint']>>;

/** Asks the endpoint for a place; answers how the release ended where it gets none. */
export async function askForPlace(
  lifecycle: Lifecycle,
  release: Release,
  target: EndpointTarget,
): Promise<ReleaseResult | undefined> {
  const ask = (): Promise<void> => request(lifecycle, release, target);
  await ask();
  const report = await nextReport(lifecycle, release, target, ['granted', 'finished'], ask);
  return report.kind === 'finished' ? report.result : undefined;
}

/** Lets a release go on that has its place, and waits until the endpoint has done with it. */
export async function takeTurn(
  lifecycle: Lifecycle,
  release: Release,
  target: EndpointTarget,
): Promise<ReleaseResult> {
  const goOn = (): Promise<void> => proceed(release, target);
  await goOn();
  const last = await nextReport(lifecycle, release, target, ['finished'], async () => {
    await request(lifecycle, release, target);
    await goOn();
  });
  return last.kind === 'finished' ? last.result : { kind: 'failed', reason: 'the endpoint gave no result' };
}

/**
 * Builds and tests the deployment of a batch endpoint, which costs nothing while nobody calls it, before people are
 * asked about it.
 */
export async function tryFirst(
  lifecycle: Lifecycle,
  release: Release,
  target: EndpointTarget,
): Promise<ReleaseResult> {
  const trial: Release = { ...release, id: `${release.id}/trial`, trial: true };
  lifecycle.tracker.release(trial.id, target);
  try {
    return (await askForPlace(lifecycle, trial, target)) ?? (await takeTurn(lifecycle, trial, target));
  } catch (error) {
    await CancellationScope.nonCancellable(() => withdraw(target, trial, 'the lifecycle ended'));
    throw error;
  }
}

async function request(lifecycle: Lifecycle, release: Release, target: EndpointTarget): Promise<void> {
  const taskQueue = queueOf(lifecycle.loaded, target.workspace);
  await lifecycle.parking.step(`ask ${target.endpoint}`, () =>
    lifecycle.core.requestRelease({ release, target, taskQueue, timing: lifecycle.timing }),
  );
}

async function proceed(release: Release, target: EndpointTarget): Promise<void> {
  try {
    await getExternalWorkflowHandle(target.workflowId).signal(proceedSignal, { releaseId: release.id });
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw gone(target);
  }
}

function gone({ endpoint, workflowId }: EndpointTarget): ApplicationFailure {
  return failure(
    'EndpointGone',
    `the owner of endpoint ${endpoint} (${workflowId}) is gone: somebody ended that workflow; start the lifecycle again with \`mlops retry\``,
  );
}

/** Waits for the endpoint's word. After a while of silence it asks, so that a terminated endpoint workflow shows as an error. */
async function nextReport(
  lifecycle: Lifecycle,
  release: Release,
  target: EndpointTarget,
  kinds: readonly ReleaseReport['kind'][],
  /** Says again what the endpoint seems not to have heard. */
  again: () => Promise<void>,
): Promise<ReleaseReport> {
  for (;;) {
    const heard = (): ReleaseReport | undefined =>
      lifecycle.reports.get(release.id)?.findLast(({ kind }) => kinds.includes(kind));
    await condition(() => heard() !== undefined, lifecycle.timing.silenceMs);
    const report = heard();
    if (report !== undefined) return report;
    const { state, result } = await askEndpoint(lifecycle, release, target);
    if (state === 'gone') throw gone(target);
    // A run that has had too many signals hears no more of them, this answer included.
    if (state === 'finished' && result !== undefined) {
      return { kind: 'finished', releaseId: release.id, result };
    }
    // Lost or answered while nobody listened: asking again is idempotent, the endpoint repeats its answer.
    if (state === 'unknown' || state === 'finished') await again();
  }
}

/** An endpoint that cannot be asked now may be at work all the same: its release goes on. */
async function askEndpoint(
  { core }: Lifecycle,
  { id }: Release,
  { workflowId }: EndpointTarget,
): Promise<EndpointAnswer> {
  try {
    return await core.askEndpoint({ workflowId, releaseId: id });
  } catch (error) {
    if (blockingReason(error) === undefined) throw error;
    return { state: 'running' };
  }
}

export async function withdraw(target: EndpointTarget, release: Release, reason: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(target.workflowId).signal(withdrawSignal, {
      releaseId: release.id,
      reason,
    });
  } catch {
    // The endpoint's owner is gone, and with it the release.
  }
}
