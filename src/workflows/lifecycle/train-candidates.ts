import { type ChildWorkflowHandle, condition, startChild, workflowInfo } from '@temporalio/workflow';
import { placeTaken } from '../../domain/concurrency.js';
import type { CandidateResult } from '../../domain/evaluation.js';
import { trainingId } from '../../domain/keys.js';
import { formatMs } from '../../domain/text.js';
import { supersededSignal } from '../signals.js';
import type { training } from '../training.js';
import { at, type Lifecycle } from './context.js';
import { allOrNone } from './in-parallel.js';
import { longJobsAreSpared, untilStopped } from '../giving-way.js';

/**
 * Every candidate is a workflow of its own; one that fails does not sink the others. At most `parallel` run at once.
 * A newer commit lets none begin and ends those whose jobs have not run for long.
 */
export async function trainAll(
  lifecycle: Lifecycle,
  pins: Record<string, string>,
): Promise<CandidateResult[]> {
  const { loaded, superseded, tracker } = lifecycle;
  const { candidates, limits } = loaded.project;
  const results: (CandidateResult | undefined)[] = candidates.map(() => undefined);
  const queue = candidates.map((candidate, position) => ({ candidate, position }));
  const finished = (): CandidateResult[] => results.filter((result) => result !== undefined);
  const runNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next.position] = await trainOne(lifecycle, next.candidate.name, pins);
      tracker.status.candidates = finished();
      tracker.show();
    }
  };
  let cancelled = false;
  condition(() => superseded() !== undefined).then(
    () => {
      queue.length = 0;
      if (longJobsAreSpared()) tellWaiting(lifecycle);
      else cancelled = true;
    },
    () => undefined,
  );
  const runs = Array.from({ length: Math.min(limits.parallel, candidates.length) }, () => runNext);
  await untilStopped(
    () => cancelled,
    () => allOrNone(runs),
  );
  return finished();
}

function tellWaiting({ tracker, superseded, concurrency }: Lifecycle): void {
  const newer = superseded();
  if (newer === undefined) return;
  tracker.phase(
    'train',
    'running',
    `${placeTaken(newer)}; jobs that have run for more than ${formatMs(concurrency.spareMs)} are left to finish, \`cancel\` stops them too`,
  );
}

async function trainOne(
  lifecycle: Lifecycle,
  candidate: string,
  pins: Record<string, string>,
): Promise<CandidateResult> {
  const { input, id, loaded, timing } = lifecycle;
  const { workspace, limits } = loaded.project;
  const child = await startChild<typeof training>('training', {
    workflowId: trainingId(id, candidate),
    args: [
      {
        ...at(lifecycle),
        candidate,
        lifecycleId: id,
        trigger: input.trigger,
        pins,
        limits,
        taskQueue: loaded.queues[workspace] ?? workflowInfo().taskQueue,
        timing,
      },
    ],
    staticSummary: candidate,
  });
  const over = { yet: false };
  passOn(lifecycle, child, over);
  try {
    return await child.result();
  } finally {
    over.yet = true;
  }
}

/** The child alone knows its job, so it decides whether that is left to finish. */
function passOn(
  { superseded, concurrency }: Lifecycle,
  child: ChildWorkflowHandle<typeof training>,
  over: { readonly yet: boolean },
): void {
  const tell = async (): Promise<void> => {
    await condition(() => over.yet || superseded() !== undefined);
    const newer = superseded();
    if (over.yet || newer === undefined || !longJobsAreSpared()) return;
    await child.signal(supersededSignal, {
      by: newer.by,
      commit: newer.commit,
      spareMs: concurrency.spareMs,
    });
  };
  tell().catch(() => {
    // It has ended meanwhile, or all of this is being cancelled.
  });
}
