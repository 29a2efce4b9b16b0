import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePredictions, compareRequests, type Comparison } from '../../src/domain/comparison.js';
import type { RequestRow } from '../../src/domain/health.js';
import type { RolloutPlan, RolloutStep } from '../../src/domain/project.js';
import {
  describeComparison,
  nextHealthLookMs,
  nextVigilLookMs,
  ruleOnStep,
  type StepClock,
} from '../../src/domain/step-ruling.js';

const minute = 60_000;
const step: RolloutStep = { kind: 'traffic', percent: 10, forMs: 10 * minute };
const plan: RolloutPlan = {
  steps: [step],
  abort: { errorRate: { op: '>', value: 0.2 } },
  keepPreviousMs: 0,
  compare: { minRequests: 50, extendMs: 30 * minute, alpha: 0.01, slower: 0.1 },
};
const at = (elapsedMs: number, more: Partial<StepClock> = {}): StepClock => ({
  elapsedMs,
  delayMs: 0,
  look: 1,
  grantedMs: 0,
  ...more,
});

/** Rows with latencies around `ms`, spread evenly by 20 %, the first `errors` of them failed. */
function rows(count: number, ms: number, errors = 0): RequestRow[] {
  return Array.from({ length: count }, (_, index) => ({
    at: index,
    status: index < errors ? 500 : 200,
    durationMs: ms * (0.9 + (0.2 * ((index * 37) % count)) / count),
  }));
}

const rule = (seen: Comparison, clock: StepClock, more: Partial<RolloutPlan> = {}) =>
  ruleOnStep({ ...plan, ...more }, step, seen, clock);

describe('a step', () => {
  const equal = compareRequests(rows(100, 30), rows(900, 30), 0.1);

  test('that nothing speaks against goes on when its time is over, the log’s delay included', () => {
    expect(rule(equal, at(9 * minute)).kind).toBe('wait');
    expect(rule(equal, at(12 * minute, { delayMs: 5 * minute })).kind).toBe('wait');
    expect(rule(equal, at(10 * minute)).kind).toBe('done');
  });

  test('with a challenger that fails more often ends, though below the threshold', () => {
    const seen = compareRequests(rows(200, 30, 20), rows(1800, 30, 9), 0.1);
    expect(rule(seen, at(10 * minute))).toEqual({
      kind: 'abort',
      reasons: [expect.stringContaining('more errors than the champion: 20 of 200 against 9 of 1800')],
    });
  });

  test('with a challenger that is slower by more than what counts as equal ends', () => {
    const slow = compareRequests(rows(100, 45), rows(900, 30), 0.1);
    expect(rule(slow, at(10 * minute))).toEqual({
      kind: 'abort',
      reasons: [expect.stringContaining('slower than the champion by more than 10 %: p50 4')],
    });
    expect(rule(compareRequests(rows(5000, 32), rows(5000, 30), 0.1), at(10 * minute)).kind).toBe('done');
  });

  test('a quick failure is no quick answer', () => {
    const failing = rows(100, 30).map((row, index) =>
      index % 10 === 0 ? { ...row, status: 500, durationMs: 1 } : { ...row, durationMs: 45 },
    );
    expect(compareRequests(failing, rows(900, 30), 0.1).slower).toBeLessThan(1e-6);
  });

  test('that has seen too little lasts longer, then a person is asked, who can grant more time', () => {
    const few = compareRequests(rows(3, 30), rows(27, 30), 0.1);
    expect(rule(few, at(5 * minute))).toEqual({ kind: 'wait', reasons: [] });
    expect(rule(few, at(20 * minute)).kind).toBe('wait');
    const reasons = [
      'the challenger has seen 3 requests, 50 are needed',
      'the champion has seen 27 requests, 50 are needed',
    ];
    expect(rule(few, at(40 * minute))).toEqual({ kind: 'ask', reasons });
    expect(rule(few, at(40 * minute, { grantedMs: 30 * minute })).kind).toBe('wait');
    expect(rule(equal, at(40 * minute)).kind).toBe('done');
  });

  test('goes back at once where a threshold is met, however few requests there were', () => {
    expect(rule(compareRequests(rows(4, 30, 4), rows(36, 30), 0.1), at(minute)).kind).toBe('abort');
  });

  test('is judged by thresholds alone where nothing is compared', () => {
    const { steps, abort, keepPreviousMs } = plan;
    const alone = { steps, abort, keepPreviousMs };
    const none = compareRequests([], [], 0);
    expect(ruleOnStep(alone, step, none, at(10 * minute)).kind).toBe('done');
  });

  test('metrics of queries end it, and one that cannot be had leaves it to a person', () => {
    const metrics = [
      { name: 'cpu', source: 'prometheus', query: 'q', abort: { op: '>', value: 90 } },
    ] as const;
    expect(rule({ ...equal, metrics: { cpu: 95 } }, at(minute), { metrics })).toEqual({
      kind: 'abort',
      reasons: ['cpu 95 > 90'],
    });
    expect(rule({ ...equal, metrics: { cpu: 50 } }, at(10 * minute), { metrics }).kind).toBe('done');
    expect(rule({ ...equal, metrics: { cpu: 'no answer' } }, at(50 * minute), { metrics })).toEqual({
      kind: 'ask',
      reasons: ['cpu: no answer'],
    });
  });

  test('with a challenger that fails more often ends also where a figure cannot be had', () => {
    const seen = compareRequests(rows(200, 30, 20), rows(1800, 30, 9), 0.1);
    const metrics = [
      { name: 'cpu', source: 'prometheus', query: 'q', abort: { op: '>', value: 90 } },
    ] as const;
    const blind = { ...seen, metrics: { cpu: 'no answer' } };
    expect(rule(blind, at(10 * minute), { metrics }).kind).toBe('abort');
    // A rollout that began when it was not so ends as it would have.
    expect(ruleOnStep({ ...plan, metrics }, step, blind, at(10 * minute), false).kind).toBe('wait');
  });

  test('that takes all traffic is not held up by a champion that gets none', () => {
    const all: RolloutStep = { ...step, percent: 100 };
    const seen = compareRequests(rows(100, 30), [], 0.1);
    expect(ruleOnStep(plan, all, seen, at(10 * minute)).kind).toBe('done');
    expect(ruleOnStep(plan, step, seen, at(50 * minute)).kind).toBe('ask');
    const failing = compareRequests(rows(100, 30, 30), [], 0.1);
    expect(ruleOnStep(plan, all, failing, at(minute)).kind).toBe('abort');
  });

  test('whose answers should be compared and were not collected asks, also where nothing else is compared', () => {
    const { steps, keepPreviousMs } = plan;
    const alone = { steps, keepPreviousMs, abort: { predictions: { op: '>', value: 0.2 } } } as const;
    expect(ruleOnStep(alone, step, equal, at(10 * minute)).kind).toBe('ask');
  });

  test('predictions of the same requests are held against each other', () => {
    const answers = (value: (index: number) => number) =>
      Array.from({ length: 100 }, (_, index) => ({ key: `${index}`, value: value(index) }));
    const predictions = comparePredictions(
      answers((index) => index % 2),
      answers((index) => Number(index < 90)),
    );
    expect(predictions).toMatchObject({ rows: 100, paired: true, agreement: 0.5 });
    const abort = { predictions: { op: '>', value: 0.2 } } as const;
    expect(rule({ ...equal, ...(predictions && { predictions }) }, at(minute), { abort }).kind).toBe('abort');
    expect(rule(equal, at(50 * minute), { abort })).toMatchObject({ kind: 'ask' });
    expect(describeComparison({ ...equal, ...(predictions && { predictions }) })).toContain(
      'predictions agree on 50 % of 100 mirrored rows',
    );
  });
});

test('probabilities are compared by twentieths of the champion’s, unpaired where requests differ', () => {
  const answers = (prefix: string, shift: number) =>
    Array.from({ length: 200 }, (_, index) => ({
      key: `${prefix}${index}`,
      value: Math.min(1, index / 200 + shift),
    }));
  const same = comparePredictions(answers('a', 0), answers('b', 0));
  expect(same).toEqual({ rows: 200, paired: false, distance: 0 });
  expect(comparePredictions(answers('a', 0.5), answers('b', 0))?.distance).toBeGreaterThan(0.4);
  expect(comparePredictions([], answers('b', 0))).toBeUndefined();
});

/** mulberry32: numbers that look random and are the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test('looking thirty times at an equal challenger takes it for a worse one no oftener than `alpha`', () => {
  const random = generator(1);
  const strict = { ...plan, abort: {}, compare: { minRequests: 20, extendMs: 0, alpha: 0.05, slower: 0 } };
  const request = (): RequestRow => ({
    at: 0,
    status: random() < 0.05 ? 500 : 200,
    durationMs: Math.round(10 + 40 * random() ** 3),
  });
  const runs = 400;
  let aborted = 0;
  for (let run = 0; run < runs; run += 1) {
    const [challenger, champion]: [RequestRow[], RequestRow[]] = [[], []];
    for (let look = 1; look <= 30; look += 1) {
      for (let count = 0; count < 5; count += 1) challenger.push(request());
      for (let count = 0; count < 10; count += 1) champion.push(request());
      const clock = at((look * step.forMs) / 30, { look });
      if (ruleOnStep(strict, step, compareRequests(challenger, champion, 0), clock).kind === 'abort') {
        aborted += 1;
        break;
      }
    }
  }
  expect(aborted / runs).toBeLessThanOrEqual(0.05);
});

test('whatever is seen, a step neither ends early nor goes on against a threshold', () => {
  const count = fc.integer({ min: 0, max: 80 });
  fc.assert(
    fc.property(count, count, fc.integer({ min: 0, max: 90 }), (requests, errors, minutes) => {
      const seen = compareRequests(rows(requests, 30, Math.min(errors, requests)), rows(80, 30), 0.1);
      const { kind } = rule(seen, at(minutes * minute));
      if (kind === 'done') {
        expect(minutes).toBeGreaterThanOrEqual(10);
        expect(requests).toBeGreaterThanOrEqual(50);
        expect(seen.challenger.errorRate).toBeLessThanOrEqual(0.2);
      }
      if (kind === 'ask') expect(minutes).toBeGreaterThanOrEqual(40);
      if (requests > 0 && seen.challenger.errorRate > 0.2) expect(kind).toBe('abort');
    }),
  );
});

test('a step of any length, waited out for any time, takes few looks', () => {
  const durations = fc.integer({ min: minute, max: 30 * 24 * 60 * minute });
  fc.assert(
    fc.property(durations, (stepMs) => {
      let looks = 0;
      for (let elapsed = 0; elapsed < stepMs; looks += 1)
        elapsed += nextHealthLookMs(elapsed, stepMs, minute);
      expect(looks).toBeLessThanOrEqual(160);
    }),
  );
});

test('between two steps somebody looks every ten minutes at least, where looks may be so frequent', () => {
  const times = fc.integer({ min: 0, max: 90 * 24 * 60 * minute });
  fc.assert(
    fc.property(times, times, (waited, stepMs) => {
      const pause = nextVigilLookMs(waited, stepMs, minute);
      expect(pause).toBeGreaterThanOrEqual(minute);
      expect(pause).toBeLessThanOrEqual(10 * minute);
    }),
  );
});
