import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fisherGreater,
  greaterProportion,
  jensenShannon,
  mannWhitneyGreater,
  normalUpperTail,
  twoProportionGreater,
} from '../../src/domain/statistics.js';

/** What SciPy answered (`scipy/record.py`). */
const scipy = JSON.parse(readFileSync(join(import.meta.dirname, 'scipy/expected.json'), 'utf8')) as {
  readonly mannWhitney: readonly { a: number[]; b: number[]; p: number }[];
  readonly proportions: readonly {
    happened: [number, number];
    of: [number, number];
    fisher: number;
    z: number;
  }[];
  readonly normal: readonly { z: number; p: number }[];
  readonly jensenShannon: readonly { a: string[]; b: string[]; distance: number }[];
};

/** Equal to nine digits, whatever the size. */
function expectClose(found: number | undefined, expected: number): void {
  expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected) + 1e-15);
}

describe('as SciPy reckons', () => {
  test('Mann–Whitney, with ties', () => {
    for (const { a, b, p } of scipy.mannWhitney) expectClose(mannWhitneyGreater(a, b), p);
  });

  test('two proportions and Fisher’s exact test', () => {
    for (const { fisher, z, ...counts } of scipy.proportions) {
      expectClose(fisherGreater(counts), fisher);
      expectClose(twoProportionGreater(counts), z);
    }
  });

  test('the normal tail, far out too', () => {
    for (const { z, p } of scipy.normal) expectClose(normalUpperTail(z), p);
  });

  test('Jensen–Shannon, base 2', () => {
    for (const { a, b, distance } of scipy.jensenShannon) expectClose(jensenShannon(a, b), distance);
  });
});

test('few errors are judged exactly, many by the normal approximation', () => {
  const few = { happened: [1, 0], of: [50, 5000] } as const;
  expect(greaterProportion(few)).toBe(fisherGreater(few));
  const many = { happened: [120, 300], of: [1000, 9000] } as const;
  expect(greaterProportion(many)).toBe(twoProportionGreater(many));
});

test('without values on a side nothing is said', () => {
  expect(mannWhitneyGreater([], [1])).toBeUndefined();
  expect(greaterProportion({ happened: [0, 0], of: [0, 10] })).toBeUndefined();
  expect(jensenShannon(['a'], [])).toBeUndefined();
  expect(mannWhitneyGreater([5, 5], [5, 5, 5])).toBe(1);
});

const latencies = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 });

test('a probability, and the other side’s complement but for the correction', () => {
  fc.assert(
    fc.property(latencies, latencies, (a, b) => {
      const [p, q] = [mannWhitneyGreater(a, b) ?? -1, mannWhitneyGreater(b, a) ?? -1];
      expect(p >= 0 && p <= 1 && q >= 0 && q <= 1).toBe(true);
      expect(p + q).toBeGreaterThanOrEqual(1 - 1e-9);
      // Everything slower by the same amount can only look slower.
      expect(
        mannWhitneyGreater(
          a.map((ms) => ms + 5),
          b,
        ),
      ).toBeLessThanOrEqual(p + 1e-12);
    }),
  );
});
