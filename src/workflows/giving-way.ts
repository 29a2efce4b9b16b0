import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import { isSpared, type Newer } from '../domain/concurrency.js';

/** Lifecycles that gave way before cancelled every job; their histories have to replay. */
export function longJobsAreSpared(): boolean {
  return patched('long-jobs-are-spared');
}

/** Runs until a newer commit comes, which cancels it; `undefined` says that it did. */
export async function untilNewer<T>(
  newer: () => Newer | undefined,
  run: () => Promise<T>,
): Promise<T | undefined> {
  return await untilStopped(() => newer() !== undefined, run);
}

/**
 * Runs what submits a job and waits for it, until a newer commit comes. A job that has run for longer than `spareMs`
 * is left to finish: hours of compute are worth more than the place that it holds. `undefined` says that it was
 * cancelled.
 * @param runningMs how long the job has run, in milliseconds; `null` while it does not
 */
export async function unlessNewer<T>(
  newer: () => Newer | undefined,
  { spareMs, runningMs }: { readonly spareMs: number; readonly runningMs: () => Promise<number | null> },
  run: () => Promise<T>,
): Promise<T | undefined> {
  let stopped = false;
  const judge = async (): Promise<void> => {
    await condition(() => newer() !== undefined);
    // An age that nobody can tell spares nothing: the newer commit must not wait for an outage.
    const age = longJobsAreSpared() ? await runningMs().catch(() => null) : null;
    stopped = !isSpared(age, newer()?.spareMs ?? spareMs);
  };
  judge().catch(() => undefined);
  return await untilStopped(() => stopped, run);
}

/** Runs until `stopped`, which cancels it; `undefined` says that it did. */
export async function untilStopped<T>(stopped: () => boolean, run: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  condition(stopped).then(
    () => {
      scope.cancel();
    },
    () => undefined,
  );
  try {
    return await scope.run(run);
  } catch (error) {
    if (isCancellation(error) && stopped()) return undefined;
    throw error;
  }
}
