import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gainOf, type Pair, percentileInterval, resampledGains } from '../../src/domain/bootstrap.js';
import { type Metric, metricOf, type ScoredRows } from '../../src/domain/held-out-metrics.js';

interface Case {
  readonly metric: string;
  readonly goal: Pair['goal'];
  readonly labels: readonly number[];
  readonly champion: readonly number[];
  readonly challenger: readonly number[];
  readonly gain: number;
  readonly low: number;
  readonly high: number;
}

const { cases, resamples } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'scipy/bootstrap.json'), 'utf8'),
) as { cases: Case[]; resamples: number };

function rowsOf(labels: readonly number[], scores: readonly (number | null)[]): ScoredRows {
  return {
    truth: labels.map((label) => `${label}.0`),
    told: scores.map((score) => (score === null ? null : score >= 0.5 ? '1.0' : '0.0')),
    score: scores,
  };
}

function prepared(name: string, rows: ScoredRows): Metric {
  const metric = metricOf(name, rows);
  if (typeof metric === 'string') throw new Error(metric);
  return metric;
}

function pairOf({ metric, goal, labels, champion, challenger }: Case): Pair {
  return {
    goal,
    rows: labels.length,
    champion: prepared(metric, rowsOf(labels, champion)),
    challenger: prepared(metric, rowsOf(labels, challenger)),
  };
}

describe("as SciPy's bootstrap", () => {
  test.each(cases)('$metric', (one) => {
    const pair = pairOf(one);
    expect(gainOf(pair)).toBeCloseTo(one.gain, 12);
    const [low, high] = percentileInterval([...resampledGains(pair, resamples)], 0.95) ?? [];
    // Other draws: the ends of two intervals of 9,999 draws lie within a few hundredths of their width.
    const width = one.high - one.low;
    expect(Math.abs((low ?? Number.NaN) - one.low)).toBeLessThan(width * 0.04);
    expect(Math.abs((high ?? Number.NaN) - one.high)).toBeLessThan(width * 0.04);
  });

  test('the percentile is linear between neighbours, as in NumPy', () => {
    expect(percentileInterval([4, 1, 3, 2], 0.5)).toEqual([1.75, 3.25]);
  });
});

const score = fc.integer({ min: 0, max: 20 }).map((of20) => of20 / 20);
const table = fc.array(fc.tuple(fc.constantFrom(0, 1), score, score), { minLength: 1, maxLength: 30 });
const names = ['AUC', 'accuracy', 'f1', 'log_loss', 'brier', 'mae', 'mse', 'rmse'];

describe('properties', () => {
  test('a row that counts twice is a row that stands twice', () => {
    fc.assert(
      fc.property(
        table,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 30, maxLength: 30 }),
        fc.constantFrom(...names),
        (rows, counts, name) => {
          const times = Uint32Array.from(rows, (_, index) => counts[index] ?? 0);
          const repeated = rows.flatMap((row, index) => Array.from({ length: times[index] ?? 0 }, () => row));
          if (repeated.length === 0) return;
          const of = (some: typeof rows): Metric =>
            prepared(
              name,
              rowsOf(
                some.map(([label]) => label),
                some.map(([, told]) => told),
              ),
            );
          const ones = new Uint32Array(repeated.length).fill(1);
          const [weighted, plain] = [of(rows)(times), of(repeated)(ones)];
          if (Number.isNaN(plain)) expect(weighted).toBeNaN();
          else expect(weighted).toBeCloseTo(plain, 10);
        },
      ),
    );
  });

  test('the same rows give the same interval, turned round when the models change places', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('accuracy', 'brier', 'log_loss'), (rows, metric) => {
        const side = (at: 1 | 2): Metric =>
          prepared(
            metric,
            rowsOf(
              rows.map(([label]) => label),
              rows.map((row) => row[at]),
            ),
          );
        const pair: Pair = { rows: rows.length, goal: 'maximize', champion: side(1), challenger: side(2) };
        const gains = [...resampledGains(pair, 200)];
        expect([...resampledGains(pair, 200)]).toEqual(gains);
        const [low, high] = percentileInterval(gains, 0.9) ?? [1, 0];
        expect(low).toBeLessThanOrEqual(high);
        const turned = { ...pair, champion: pair.challenger, challenger: pair.champion };
        const [turnedLow, turnedHigh] = percentileInterval([...resampledGains(turned, 200)], 0.9) ?? [];
        expect(turnedLow).toBeCloseTo(-high, 10);
        expect(turnedHigh).toBeCloseTo(-low, 10);
      }),
      { numRuns: 30 },
    );
  });

  test('a model is neither better nor worse than itself', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(...names), (rows, metric) => {
        const same = prepared(
          metric,
          rowsOf(
            rows.map(([label]) => label),
            rows.map(([, told]) => told),
          ),
        );
        const pair: Pair = { rows: rows.length, goal: 'minimize', champion: same, challenger: same };
        const interval = percentileInterval([...resampledGains(pair, 200)], 0.95);
        expect(interval?.map(Math.abs) ?? [0, 0]).toEqual([0, 0]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('what has no metric says why', () => {
  const binary = rowsOf([0, 1], [0.2, 0.9]);
  test.each([
    ['AUC', { ...binary, truth: ['0.0', 'setosa'] }, 'labels are not 0 and 1'],
    ['roc_auc', { ...binary, score: [0.2, null] }, 'not every row has a probability'],
    ['accuracy', { ...binary, told: ['1.0', null] }, 'not every row has a prediction'],
    ['RMSE', { ...binary, told: ['1.0', 'much'] }, 'labels and predictions are not all numbers'],
    [
      'norm_macro_recall',
      binary,
      'norm_macro_recall cannot be computed from predictions; what can be is AUC',
    ],
    ['constructor', binary, 'constructor cannot be computed from predictions'],
  ])('%s', (name, rows, why) => {
    expect(metricOf(name, rows)).toContain(why);
  });

  test('rows of one class have no interval of AUC', () => {
    const auc = prepared('AUC', rowsOf([1, 1, 1], [0.2, 0.5, 0.9]));
    const pair: Pair = { rows: 3, goal: 'maximize', champion: auc, challenger: auc };
    expect(percentileInterval([...resampledGains(pair, 200)], 0.95)).toBeUndefined();
  });
});
