import { Context } from '@temporalio/activity';

const everyMs = 10_000;

/** Tells the server while files move that the worker is alive, so that a killed one is replaced within a minute. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => {
    context.heartbeat();
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
