import { z } from 'zod';
import type { Database } from '../database.js';
import type { CellFacts } from './area.js';
import { cellNumber, double, type Grid, type Relations } from './grid.js';
import type { Cell } from './tally.js';

/** Rows that are sorted at once: what DuckDB sorts within its memory. */
const batchRows = 1_000_000;

const row = z.object({ cell: z.number(), area: z.number(), gap: z.number() });

/**
 * Sorts the values of chosen cells and compares them one by one. Returns the same cells with what came of it.
 * @param n values of the baseline in all cells; @param m of the other side.
 */
export async function sortCells(
  db: Database,
  relations: Relations,
  chosen: readonly CellFacts[],
  { n, m }: { readonly n: number; readonly m: number },
): Promise<Cell[]> {
  const sorted: Cell[] = [];
  for (const batch of batches(chosen)) {
    const [first] = batch;
    if (first === undefined) continue;
    const rows = await db.all(row, compareSorted(relations, first.cell.grid, batch, n, m));
    const found = new Map(rows.map(({ cell, ...known }) => [cell, known]));
    for (const { cell } of batch) {
      const known = found.get(cell.index);
      sorted.push(known === undefined ? cell : { ...cell, known });
    }
  }
  return sorted;
}

/** Cells of one grid each, together of about `batchRows` rows. */
function batches(chosen: readonly CellFacts[]): CellFacts[][] {
  const found: CellFacts[][] = [];
  const open = new Map<Grid, { batch: CellFacts[]; rows: number }>();
  for (const fact of chosen) {
    const { grid, baseline, current } = fact.cell;
    const rows = baseline.count + current.count;
    const last = open.get(grid);
    if (last === undefined || last.rows + rows > batchRows) {
      const batch = [fact];
      found.push(batch);
      open.set(grid, { batch, rows });
    } else {
      last.batch.push(fact);
      last.rows += rows;
    }
  }
  return found;
}

/** A row at each cell's start stands for what lies before the cell, so that sums from there are those of the whole. */
function compareSorted(
  relations: Relations,
  grid: Grid,
  facts: readonly CellFacts[],
  n: number,
  m: number,
): string {
  const chosen = facts.map(({ cell: { index, start, width }, before }) =>
    [`${index}`, double(start), double(start + width), double(before.baseline), double(before.current)].join(
      ', ',
    ),
  );
  const gap = `abs(b / ${double(n)} - c / ${double(m)})`;
  const side = (relation: string, b: number, c: number): string =>
    `SELECT cell, greatest(v, start) AS v, ${b} AS b, ${c} AS c
     FROM (SELECT v, ${cellNumber} AS cell FROM (${grid.rows(relation)})) AS values_in JOIN chosen USING (cell)`;
  return `WITH chosen(cell, start, stop, b, c) AS (VALUES (${chosen.join('), (')})),
    points AS (
      SELECT cell, v, sum(b)::DOUBLE AS b, sum(c)::DOUBLE AS c FROM (
        ${side(relations.baseline, 1, 0)} UNION ALL ${side(relations.current, 0, 1)}
        UNION ALL SELECT cell, start, b, c FROM chosen UNION ALL SELECT cell, stop, 0, 0 FROM chosen
      ) GROUP BY cell, v
    ), steps AS (
      SELECT cell, sum(b) OVER upto AS b, sum(c) OVER upto AS c, lead(v) OVER (PARTITION BY cell ORDER BY v) - v AS width
      FROM points WINDOW upto AS (PARTITION BY cell ORDER BY v ROWS UNBOUNDED PRECEDING)
    )
    SELECT cell, coalesce(sum(${gap} * width), 0) AS area, max(${gap}) AS gap FROM steps GROUP BY cell`;
}
