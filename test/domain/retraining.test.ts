import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  boundedLimits,
  coalesce,
  defaultRetrainingLimits,
  govern,
  loosest,
  type RetrainingHistory,
} from '../../src/domain/retraining.js';

const hour = 3_600_000;
const empty: RetrainingHistory = { retrainedAt: [], breaches: 0 };

test('telling people and rolling back are never held back', () => {
  const busy = { retrainedAt: [hour], breaches: 9 };
  expect(govern(busy, 'notify', hour).action).toBe('notify');
  expect(govern(busy, 'rollback', hour)).toMatchObject({
    action: 'rollback',
    history: { breaches: 10, retrainedAt: [hour] },
  });
});

test('a second retraining waits for the cool-down and says how long', () => {
  const { history } = govern(empty, 'retrain', 0);
  expect(govern(history, 'retrain', 5 * hour)).toMatchObject({
    action: 'cooling_down',
    reason: 'the last retraining was 5h ago; the next may start 19h from now',
  });
  expect(govern(history, 'retrain', 24 * hour).action).toBe('retrain');
});

test('after four in thirty days somebody should look', () => {
  const retrainedAt = [0, 1, 2, 3].map((day) => day * 24 * hour);
  expect(govern({ retrainedAt, breaches: 4 }, 'retrain', 10 * 24 * hour)).toMatchObject({
    action: 'limit_reached',
  });
  expect(govern({ retrainedAt, breaches: 4 }, 'retrain', 31 * 24 * hour).action).toBe('retrain');
});

test('after three that brought nothing a person decides; one that serves starts the count anew', () => {
  const day = 24 * hour;
  let history = empty;
  for (const at of [0, 1, 2]) history = govern(history, 'retrain', at * day).history;
  expect(govern(history, 'retrain', 3 * day)).toMatchObject({
    action: 'stopped',
    reason: expect.stringContaining('the last 3 retrainings brought nothing that serves') as unknown,
  });
  expect(govern(history, 'retrain', 40 * day).action).toBe('stopped');
  expect(govern(history, 'rollback', 3 * day).action).toBe('rollback');
  expect(govern(history, 'retrain', 3 * day, undefined, 2.5 * day)).toMatchObject({
    action: 'retrain',
    history: { fruitless: 1 },
  });
  expect(govern({ ...history, fruitless: 0 }, 'retrain', 3 * day).action).toBe('retrain');
});

test('breaches that come together are one, and the strongest wish wins', () => {
  const wish = fc.constantFrom('notify', 'retrain', 'rollback').map((onBreach) => ({ onBreach }) as const);
  fc.assert(
    fc.property(fc.array(wish), (breaches) => {
      const wishes = breaches.map(({ onBreach }) => onBreach);
      const expected = (['rollback', 'retrain', 'notify'] as const).find((name) => wishes.includes(name));
      expect(coalesce(breaches)?.onBreach).toBe(expected);
    }),
  );
});

test('over any sequence of breaches the limits hold and the memory is bounded', () => {
  const { cooldownMs, max, windowMs } = defaultRetrainingLimits;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 * hour }), { maxLength: 80 }), (pauses) => {
      const retrained: number[] = [];
      let history = empty;
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        // Each retraining comes to serve at once, so that the breaker leaves the other limits to be seen.
        const decision = govern(history, 'retrain', now, defaultRetrainingLimits, now);
        history = decision.history;
        if (decision.action === 'retrain') retrained.push(now);
      }
      expect(history.breaches).toBe(pauses.length);
      expect(history.retrainedAt.length).toBeLessThanOrEqual(max);
      retrained.forEach((at, index) => {
        expect(at - (retrained[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(cooldownMs);
        expect(retrained.filter((other) => other <= at && other > at - windowMs).length).toBeLessThanOrEqual(
          max,
        );
      });
    }),
  );
});

test('no signal loosens the limits beyond what a file may say, whatever numbers it carries', () => {
  const any = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, NaN));
  fc.assert(
    fc.property(any, any, any, any, (cooldownMs, max, windowMs, maxFruitless) => {
      const bounded = boundedLimits({ cooldownMs, max, windowMs, maxFruitless });
      expect(bounded.cooldownMs).toBeGreaterThanOrEqual(loosest.cooldownMs);
      expect(bounded.windowMs).toBeGreaterThanOrEqual(defaultRetrainingLimits.windowMs);
      expect(bounded.max).toBeLessThanOrEqual(loosest.max);
      expect(bounded.maxFruitless).toBeLessThanOrEqual(loosest.maxFruitless);
    }),
  );
  expect(boundedLimits(undefined)).toEqual(defaultRetrainingLimits);
});
