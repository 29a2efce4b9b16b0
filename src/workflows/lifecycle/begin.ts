import {
  getExternalWorkflowHandle,
  patched,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Newer } from '../../domain/concurrency.js';
import { defaultTiming } from '../../domain/timing.js';
import { isChildBlocked, isNewer, isReleaseReport } from '../guards.js';
import type { LifecycleInput, ReleaseProgress, ReleaseReport } from '../messages.js';
import { Parking } from '../parking.js';
import { coreActivities } from '../proxies.js';
import {
  approvalsQuery,
  childSignal,
  lifecycleStatusQuery,
  releaseSignal,
  retrySignal,
  supersededSignal,
} from '../signals.js';
import { hearComments } from './comments.js';
import type { LifecycleBase } from './context.js';
import { Tracker } from './tracker.js';

/** Sets up what a lifecycle shows and hears, before anything else may fail. */
export function begin(input: LifecycleInput): LifecycleBase {
  const timing = { ...defaultTiming, ...input.timing };
  const tracker = new Tracker(input, timing);
  const parking = new Parking(timing, (blocked) => {
    tracker.blocked(workflowInfo().workflowId, blocked);
  });
  const reports = new Map<string, ReleaseReport[]>();
  let newer: Newer | undefined;
  const base: LifecycleBase = {
    input,
    timing,
    core: coreActivities(timing),
    tracker,
    parking,
    reports,
    superseded: () => newer,
  };
  const wake = waker(base);

  setHandler(lifecycleStatusQuery, () => tracker.snapshot(), {
    description: 'Phases, candidates, gate, approval, releases and why.',
  });
  setHandler(approvalsQuery, () => tracker.status.approvals ?? [], {
    description: 'Who was asked what, who answered, how that was verified, and what was refused.',
  });
  setHandler(
    retrySignal,
    () => {
      wake();
    },
    { description: 'Look again at once at what is blocked.' },
  );
  hearComments(base, wake);
  setHandler(
    supersededSignal,
    (by) => {
      if (isNewer(by)) newer ??= by;
      else refuse(tracker, 'superseded');
    },
    { description: 'From a newer lifecycle of the same branch.' },
  );
  setHandler(
    childSignal,
    (message) => {
      if (isChildBlocked(message)) tracker.blocked(message.child, message.blocked ?? undefined);
      else refuse(tracker, 'child');
    },
    { description: 'From a child: what blocks it.' },
  );
  setHandler(
    releaseSignal,
    (report) => {
      if (isReleaseReport(report)) hear(base, report);
      else refuse(tracker, 'release');
    },
    { description: "From an endpoint's owner." },
  );
  // Anything else (a stale approval, a typing mistake) is kept for the auditor and changes nothing.
  setDefaultSignalHandler((name) => {
    tracker.refuse(`the signal "${name.slice(0, 80)}": it answers nothing that is asked now`);
  });
  return base;
}

function hear({ tracker, reports }: LifecycleBase, report: ReleaseReport): void {
  reports.set(report.releaseId, [...(reports.get(report.releaseId) ?? []), report]);
  const known = tracker.status.releases[report.releaseId];
  if (known === undefined) return;
  const progress = report.kind === 'progress' ? report.progress : reached(known, report);
  tracker.status.releases = { ...tracker.status.releases, [report.releaseId]: progress };
  if (report.kind === 'progress') tracker.surfaces.step(report.releaseId, report.progress.step);
  tracker.blocked(progress.owner, progress.blocked);
}

function reached(
  known: ReleaseProgress,
  report: Exclude<ReleaseReport, { kind: 'progress' }>,
): ReleaseProgress {
  if (report.kind === 'granted') return known.state === 'queued' ? { ...known, state: 'granted' } : known;
  const { endpoint, owner, step, traffic } = known;
  const { result } = report;
  const scoringUri = result.kind === 'deployed' ? result.scoringUri : known.scoringUri;
  return {
    ...{ endpoint, owner, step, state: 'finished', result },
    ...(traffic !== undefined && { traffic }),
    ...(scoringUri !== undefined && { scoringUri }),
  };
}

function refuse(tracker: Tracker, signal: string): void {
  tracker.refuse(`a signal "${signal}" whose payload says nothing that it can act on`);
}

const mostPassedOn = 100;
const passedOnLaterMs = 600_000;

/** `retry` reaches whoever is blocked: this workflow, a child, or the endpoint that works on its release. */
function waker({ parking, tracker }: LifecycleBase): () => void {
  let [passedOn, lastAt] = [0, 0];
  return () => {
    parking.wake();
    const blockers = tracker.blockers();
    if (blockers.length === 0) return;
    const isTooSoon = passedOn >= mostPassedOn && Date.now() - lastAt < passedOnLaterMs;
    // Each is three events more, and strangers can send thousands.
    if (isTooSoon && patched('retries are bounded')) return;
    [passedOn, lastAt] = [passedOn + 1, Date.now()];
    for (const workflowId of blockers) {
      getExternalWorkflowHandle(workflowId)
        .signal(retrySignal)
        .catch(() => {
          // It has ended meanwhile: nothing to wake.
        });
    }
  };
}
