import { CancellationScope, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Release, ReleaseResult } from '../../domain/release.js';
import type { ReleaseProgress, ReleaseReport } from '../messages.js';
import { releaseSignal } from '../signals.js';
import type { Owner } from './context.js';

const keptResults = 20;
/** So that what is kept of twenty results stays small. */
const longestReason = 2_000;

/** Tells a lifecycle about its release; one that has ended no longer listens, and that is fine. */
export async function tell(release: Release, report: ReleaseReport): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    getExternalWorkflowHandle(release.lifecycleId)
      .signal(releaseSignal, report)
      .catch(() => undefined),
  );
}

export async function showProgress(owner: Owner, step: string): Promise<void> {
  const { running } = owner;
  if (running === undefined) return;
  running.step = step;
  await tell(running.release, {
    releaseId: running.release.id,
    kind: 'progress',
    progress: progressOf(owner, step),
  });
}

function progressOf(owner: Owner, step: string): ReleaseProgress {
  const { blocked } = owner.parking;
  return {
    endpoint: owner.input.endpoint,
    owner: workflowInfo().workflowId,
    state: blocked === undefined ? 'running' : 'blocked',
    step,
    traffic: owner.traffic,
    ...(owner.scoringUri === undefined ? {} : { scoringUri: owner.scoringUri }),
    ...(blocked === undefined ? {} : { blocked }),
  };
}

/** Answers a release for good, and keeps the answer for a lifecycle that asks again. */
export async function finish(owner: Owner, release: Release, full: ReleaseResult): Promise<void> {
  const result = 'reason' in full ? { ...full, reason: full.reason.slice(0, longestReason) } : full;
  owner.lastResults = [...owner.lastResults, { releaseId: release.id, result }].slice(-keptResults);
  await tell(release, { releaseId: release.id, kind: 'finished', result });
}
