import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { withDatabase } from '../../src/monitoring/database.js';
import { analyse } from '../../src/monitoring/index.js';
import { bentGrid, cellNumber, mostCells } from '../../src/monitoring/numbers/grid.js';
import { folder } from './support.js';

const shapes = [
  { name: 'crowded at the left', start: 0, width: 104, count: 25, from: 0, to: 5 },
  { name: 'crowded at the right', start: -2600, width: 104, count: 25, from: 20, to: 25 },
  { name: 'crowded in the middle, far from zero', start: 1e6, width: 0.5, count: 16, from: 7, to: 9 },
];

describe('a bent grid', () => {
  it.each(shapes)('puts each value into the cell that holds it: $name', async (bins) => {
    const grid = bentGrid(bins);
    const row = z.object({ v: z.number(), cell: z.number() });
    const values = `SELECT ${bins.start} + ${bins.width * bins.count} * i / 5000 AS v FROM range(5001) AS r(i)`;
    const rows = await withDatabase((db) =>
      db.all(row, `SELECT v, ${cellNumber} AS cell FROM (${grid.rows(`(${values})`)})`),
    );
    expect(rows).toHaveLength(5001);
    const lost = rows.filter(({ v, cell }) => {
      const { start, width } = grid.cell(cell);
      const rounding = 1e-6 * width + 1e-12 * Math.abs(v);
      return cell >= mostCells || v < start - rounding || v >= start + width + rounding;
    });
    expect(lost).toEqual([]);
  });

  it.each(shapes)('has an edge wherever a bin has one: $name', (bins) => {
    const grid = bentGrid(bins);
    const starts = Array.from({ length: mostCells - 1 }, (_, i) => grid.cell(i).start);
    for (let bin = 0; bin < bins.count; bin += 1) {
      const edge = bins.start + bin * bins.width;
      expect(
        starts.some((start) => Math.abs(start - edge) <= 1e-9 * bins.width + 1e-12 * Math.abs(edge)),
      ).toBe(true);
    }
  });
});

it('says the same of whole numbers, whichever type their file gives them', async () => {
  const dir = await folder();
  const found = await Promise.all(
    ['UTINYINT', 'INTEGER', 'BIGINT', 'DOUBLE'].map(async (type) => {
      const files = ['baseline', 'current'].map((side) => join(dir, `${type}.${side}.parquet`));
      await withDatabase(async (db) => {
        for (const [i, file] of files.entries())
          await db.run(
            `COPY (SELECT CASE WHEN i % 50 > 0 THEN (i * i % ${90 + 17 * i})::${type} END AS age FROM range(3000) AS r(i)) TO '${file}' (FORMAT parquet)`,
          );
      });
      const [baseline = '', current = ''] = files;
      return await analyse({
        baseline: [baseline],
        currentTable: [current],
        collectedInputs: [],
        windowFromMs: 0,
        windowToMs: 0,
        plan: { numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 1 },
      });
    }),
  );
  const [first, ...others] = found;
  expect(first?.features[0]?.statistics).toHaveLength(4);
  for (const other of others) expect(other).toEqual(first);
});
