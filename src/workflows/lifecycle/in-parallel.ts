import { CancellationScope, isCancellation } from '@temporalio/workflow';

/** Runs `run` over all items, at most `most` at once, in their order. */
export async function inParallel<T>(
  most: number,
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const runNext = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next);
  };
  await allOrNone(Array.from({ length: Math.min(most, items.length) }, () => runNext));
}

/**
 * Runs side by side. When one throws, the others are cancelled and waited for: a lifecycle that ended before its
 * children had cancelled their jobs would leave the jobs running.
 */
export async function allOrNone(runs: readonly (() => Promise<void>)[]): Promise<void> {
  const scope = new CancellationScope();
  await scope.run(async () => {
    const settled = await Promise.allSettled(
      runs.map(async (run) => {
        try {
          await run();
        } catch (error) {
          scope.cancel();
          throw error;
        }
      }),
    );
    const failed = settled
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => reason as Error);
    const cause = failed.find((error) => !isCancellation(error)) ?? failed[0];
    if (cause !== undefined) throw cause;
  });
}
