import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RolloutPlan, RolloutStep } from '../../src/domain/project.js';
import { describeRollout, judgeHealth, rolloutSteps, stats, trafficFor } from '../../src/domain/rollout.js';

const plan: RolloutPlan = {
  steps: [
    { kind: 'mirror', percent: 10, forMs: 600_000 },
    { kind: 'traffic', percent: 10, forMs: 600_000 },
    { kind: 'traffic', percent: 50, forMs: 1_800_000 },
  ],
  abort: { errorRate: { op: '>', value: 0.01 }, p95: { op: '>', value: 500 } },
  keepPreviousMs: 0,
};

describe('steps', () => {
  test('as people read them', () => {
    expect(describeRollout(plan)).toBe('mirror 10 % 10m → 10 % 10m → 50 % 30m → 100 %');
    expect(describeRollout({ ...plan, steps: [] })).toBe('100 %');
  });

  test('all traffic comes last, once', () => {
    expect(rolloutSteps(plan).at(-1)).toEqual({ kind: 'traffic', percent: 100, forMs: 0 });
    const full: RolloutStep = { kind: 'traffic', percent: 100, forMs: 5 };
    expect(rolloutSteps({ ...plan, steps: [full] })).toEqual([full]);
  });

  test.each<[RolloutStep['kind'], number, string | undefined, object]>([
    ['mirror', 10, 'old', { live: { old: 100 }, mirror: { new: 10 } }],
    ['traffic', 10, 'old', { live: { old: 90, new: 10 }, mirror: {} }],
    ['traffic', 100, 'old', { live: { new: 100 }, mirror: {} }],
    ['traffic', 10, undefined, { live: { new: 100 }, mirror: {} }],
    ['mirror', 10, undefined, { live: {}, mirror: {} }],
    ['traffic', 10, 'new', { live: { new: 100 }, mirror: {} }],
  ])('%s %d %% beside %s', (kind, percent, champion, traffic) => {
    expect(trafficFor({ kind, percent }, champion, 'new')).toEqual(traffic);
  });

  test('live traffic adds up to 100 or is empty, no share is zero, nothing is both live and mirrored', () => {
    const steps = fc.record({
      kind: fc.constantFrom('mirror' as const, 'traffic' as const),
      percent: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom(undefined, 'a', 'b'),
        fc.constantFrom('a', 'b'),
        (step, champion, challenger) => {
          const { live, mirror } = trafficFor(step, champion, challenger);
          const shares = Object.values(live);
          expect([0, 100]).toContain(shares.reduce((sum, share) => sum + share, 0));
          expect([...shares, ...Object.values(mirror)].every((share) => share > 0)).toBe(true);
          expect(Object.keys(mirror).filter((name) => name in live)).toEqual([]);
        },
      ),
    );
  });
});

describe('figures of a window', () => {
  const row = (durationMs: number, status = 200): { at: number; status: number; durationMs: number } => ({
    at: 0,
    status,
    durationMs,
  });

  test('quantiles by nearest rank', () => {
    expect(stats(Array.from({ length: 20 }, (_, index) => row(index + 1)))).toEqual({
      requests: 20,
      errors: 0,
      errorRate: 0,
      p50: 10,
      p95: 19,
      p99: 20,
    });
  });

  test('the server’s faults are errors, the caller’s are not', () => {
    const rows = [200, 400, 401, 404, 408, 424, 429, 500, 503, 0].map((status) => row(1, status));
    expect(stats(rows)).toMatchObject({ requests: 10, errors: 6, errorRate: 0.6 });
  });

  test('no request, no latencies', () => {
    expect(stats([])).toEqual({ requests: 0, errors: 0, errorRate: 0 });
  });

  test('a quantile is a latency that some request had, and they are in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1 }), (latencies) => {
        const { p50 = -1, p95 = -1, p99 = -1 } = stats(latencies.map((latency) => row(latency)));
        expect(latencies).toEqual(expect.arrayContaining([p50, p95, p99]));
        expect(p50 <= p95 && p95 <= p99 && p99 <= Math.max(...latencies)).toBe(true);
        expect(latencies.filter((latency) => latency <= p95).length).toBeGreaterThanOrEqual(
          0.95 * latencies.length,
        );
      }),
    );
  });
});

describe('health', () => {
  const healthy = { requests: 100, errors: 1, errorRate: 0.01, p50: 10, p95: 500, p99: 700 };

  test('on the bound is not over it', () => {
    expect(judgeHealth(plan.abort, healthy)).toEqual({ healthy: true, judged: true, reasons: [] });
  });

  test('each condition that is met is told with its numbers', () => {
    expect(judgeHealth(plan.abort, { ...healthy, errors: 3, errorRate: 0.03, p95: 512 })).toEqual({
      healthy: false,
      judged: true,
      reasons: ['error rate 3 % > 1 %', 'p95 512 ms > 500 ms'],
    });
  });

  test('without a request or a condition there is nothing to judge', () => {
    expect(judgeHealth(plan.abort, stats([]))).toMatchObject({ healthy: true, judged: false });
    expect(judgeHealth({}, healthy)).toMatchObject({ healthy: true, judged: false });
  });

  test('a figure that is missing beside requests is not healthy', () => {
    expect(judgeHealth(plan.abort, { requests: 5, errors: 0, errorRate: 0 })).toMatchObject({
      healthy: false,
      reasons: ['p95 is missing: cannot be judged'],
    });
  });
});
