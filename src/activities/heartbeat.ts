import { Context } from '@temporalio/activity';

const longestMs = 10_000;

/** Tells the server while files move that the worker is alive, so that a killed one is soon replaced. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timeoutMs = context.info.heartbeatTimeoutMs ?? Infinity;
  const timer = setInterval(
    () => {
      context.heartbeat();
    },
    Math.min(longestMs, timeoutMs / 3),
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
