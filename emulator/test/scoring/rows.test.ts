import { describe, expect, it } from 'vitest';
import { parseBody, toRows } from '../../src/scoring/rows.js';
import { durationMs } from '../../src/scoring/spec.js';

const ROWS = [
  { age: 1, bmi: 2 },
  { age: 3, bmi: 4 },
];

describe('toRows', () => {
  it.each([
    [
      {
        input_data: {
          columns: ['age', 'bmi'],
          index: [0, 1],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ],
    [
      {
        input_data: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [{ input_data: { age: [1, 3], bmi: [2, 4] } }],
    [
      {
        dataframe_split: {
          columns: ['age', 'bmi'],
          data: [
            [1, 2],
            [3, 4],
          ],
        },
      },
    ],
    [{ dataframe_records: ROWS }],
    [
      {
        data: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [
      {
        columns: ['age', 'bmi'],
        data: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [{ age: [1, 3], bmi: [2, 4] }],
    [ROWS],
  ])('reads %j as rows', (body) => {
    expect(toRows(body, ['age', 'bmi'], 'input')).toEqual(ROWS);
  });

  it('names what has no name', () => {
    expect(toRows([0, 1], undefined, 'output')).toEqual([{ output: 0 }, { output: 1 }]);
    expect(toRows([[0.1, 0.9]], undefined, 'output')).toEqual([{ output_0: 0.1, output_1: 0.9 }]);
    expect(toRows('yes', undefined, 'output')).toEqual([{ output: 'yes' }]);
    expect(toRows({ risk: 0.3 }, undefined, 'output')).toEqual([{ risk: 0.3 }]);
  });

  it('reads JSON inside a JSON string', () => {
    expect(parseBody('"[1, 2]"')).toEqual([1, 2]);
    expect(parseBody('plain')).toBe('plain');
  });
});

describe('durationMs', () => {
  it.each([
    ['PT5S', 5000],
    ['PT0.5S', 500],
    ['PT1M30S', 90_000],
    ['P1DT1H', 90_000_000],
    ['PT', undefined],
    ['P', undefined],
    ['5', undefined],
  ])('%s is %s', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});
