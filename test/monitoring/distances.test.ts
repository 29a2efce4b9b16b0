import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDatabase } from '../../src/monitoring/database.js';
import type { Database } from '../../src/monitoring/database.js';
import { jensenShannon, normalizedWasserstein } from '../../src/monitoring/distances.js';

const values = (list: readonly (number | string)[]): string =>
  `(SELECT unnest([${list.map((v) => (typeof v === 'number' ? `${v}::DOUBLE` : `'${v}'`)).join(', ')}]) AS v)`;
const none = (type: string): string => `(SELECT NULL::${type} AS v WHERE false)`;

const wasserstein = (db: Database, baseline: readonly number[], current: readonly number[]) =>
  normalizedWasserstein(db, { baseline: values(baseline), current: values(current) });
const shannon = (db: Database, baseline: readonly string[], current: readonly string[]) =>
  jensenShannon(db, { baseline: values(baseline), current: values(current) });

function deviation(sample: readonly number[]): number {
  const mean = sample.reduce((a, b) => a + b, 0) / sample.length;
  const squares = sample.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return sample.length > 1 ? Math.sqrt(squares / (sample.length - 1)) : 0;
}

const sample = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 });
const labels = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 30 });

function check<T>(
  arbitrary: fc.Arbitrary<T>,
  property: (db: Database, value: T) => Promise<void>,
): Promise<void> {
  return withDatabase((db) =>
    fc.assert(
      fc.asyncProperty(arbitrary, (value) => property(db, value)),
      { numRuns: 40 },
    ),
  );
}

describe('normalized Wasserstein distance', () => {
  it('agrees with examples worked by hand', async () => {
    await withDatabase(async (db) => {
      // Sorted and of equal size: the mean of |0-5|, |1-6|, |3-8| is 5; the baseline's sample deviation is √(7/3).
      expect(await wasserstein(db, [0, 1, 3], [5, 6, 8])).toBeCloseTo(5 / Math.sqrt(7 / 3), 12);
      // Unequal sizes: between 0 and 1 the functions differ by |3/4 - 1/2|; the deviation of [0,0,0,1] is 0.5.
      expect(await wasserstein(db, [0, 0, 0, 1], [0, 1])).toBeCloseTo(0.25 / 0.5, 12);
      // A constant baseline is measured in thousandths, as Azure does.
      expect(await wasserstein(db, [2, 2], [2.5])).toBeCloseTo(500, 9);
    });
  });

  it('is 0 for the same values in any order, and however often they are repeated', () =>
    check(sample, async (db, xs) => {
      expect(await wasserstein(db, xs, [...xs, ...xs].reverse())).toBe(0);
    }));

  it('is k for a shift by k standard deviations', () =>
    check(fc.tuple(sample, fc.double({ min: -4, max: 4, noNaN: true })), async (db, [xs, k]) => {
      const sd = Math.max(deviation(xs), 0.001);
      const moved = xs.map((x) => x + k * sd);
      expect(await wasserstein(db, xs, moved)).toBeCloseTo(Math.abs(k), 6);
    }));

  it('equals the mean distance of the sorted values where both samples have the same size', () =>
    check(fc.tuple(sample, sample), async (db, [a, b]) => {
      const n = Math.min(a.length, b.length);
      const [xs, ys] = [a.slice(0, n), b.slice(0, n)];
      const sorted = (list: readonly number[]) => [...list].sort((p, q) => p - q);
      const right = sorted(ys);
      const mean = sorted(xs).reduce((sum, x, i) => sum + Math.abs(x - (right[i] ?? NaN)), 0) / n;
      expect(await wasserstein(db, xs, ys)).toBeCloseTo(mean / Math.max(deviation(xs), 0.001), 6);
    }));

  it('is unknown when a side has no values', () =>
    withDatabase(async (db) => {
      const [some, empty] = [values([1, 2]), none('DOUBLE')];
      expect(await normalizedWasserstein(db, { baseline: some, current: empty })).toBeUndefined();
      expect(await normalizedWasserstein(db, { baseline: empty, current: some })).toBeUndefined();
    }));
});

describe('Jensen–Shannon distance', () => {
  it('agrees with an example worked by hand', () =>
    withDatabase(async (db) => {
      // p = (1/2, 1/2), q = (1, 0), m = (3/4, 1/4): ½·(½·log2(2/3) + ½·log2(2)) + ½·log2(4/3)
      const divergence = 0.5 * (0.5 * Math.log2(2 / 3) + 0.5) + 0.5 * Math.log2(4 / 3);
      expect(await shannon(db, ['a', 'b'], ['a'])).toBeCloseTo(Math.sqrt(divergence), 12);
    }));

  it('is symmetric, between 0 and 1, and 0 for equal shares', () =>
    check(fc.tuple(labels, labels), async (db, [a, b]) => {
      const there = (await shannon(db, a, b)) ?? NaN;
      const back = (await shannon(db, b, a)) ?? NaN;
      expect(there).toBeCloseTo(back, 9);
      expect(there).toBeGreaterThanOrEqual(0);
      expect(there).toBeLessThanOrEqual(1 + 1e-12);
      expect(await shannon(db, a, [...a, ...a])).toBeCloseTo(0, 7);
    }));

  it('is 1 when nothing is in common, and unknown when a side has no values', () =>
    withDatabase(async (db) => {
      expect(await shannon(db, ['a', 'b'], ['c'])).toBeCloseTo(1, 12);
      const [some, empty] = [values(['a']), none('VARCHAR')];
      expect(await jensenShannon(db, { baseline: some, current: empty })).toBeUndefined();
      expect(await jensenShannon(db, { baseline: empty, current: some })).toBeUndefined();
    }));
});
