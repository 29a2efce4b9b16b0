import type { BucketSize } from '../faults.js';

export interface Taken {
  /** Whole tokens that are left. */
  readonly remaining: number;
  /** 0 when a token was there, else whole seconds until the next one. */
  readonly waitSeconds: number;
}

/** Token buckets by name, full at first; `now` in milliseconds. */
export function createBuckets(now: () => number = Date.now): { take(name: string, size: BucketSize): Taken } {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(name, { size, perSecond }) {
      const at = now();
      const before = buckets.get(name) ?? { tokens: size, at };
      const tokens = Math.min(size, before.tokens + ((at - before.at) / 1000) * perSecond);
      const taken = tokens >= 1;
      buckets.set(name, { tokens: taken ? tokens - 1 : tokens, at });
      if (taken) return { remaining: Math.floor(tokens - 1), waitSeconds: 0 };
      return { remaining: 0, waitSeconds: Math.max(1, Math.ceil((1 - tokens) / perSecond)) };
    },
  };
}
