import { setTimeout as pause } from 'node:timers/promises';

const defaultLimitMs = 30_000;

/** Looks until there is something to see; undefined when the time is over. */
export async function untilSeen<T>(
  pollMs: number,
  look: () => Promise<T | undefined>,
  limitMs = defaultLimitMs,
): Promise<T | undefined> {
  const until = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() > until) return seen;
    await pause(pollMs);
  }
}
