/**
 * Does work that a signal ends: `over`, or one of its own after `ms`, with `reason`. It holds a timer and no
 * `AbortSignal.timeout()`: one that only `AbortSignal.any()` knows is collected by Node 20 and never comes, so that
 * a question to a frozen process would wait for minutes.
 */
export async function within<T>(
  ms: number,
  over: AbortSignal,
  reason: Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const alarm = setTimeout(() => {
    late.abort(reason);
  }, ms);
  try {
    return await work(AbortSignal.any([over, late.signal]));
  } finally {
    clearTimeout(alarm);
  }
}
