import type { CellFacts } from './area.js';

/** The relations with the column `v` that are compared, of type DOUBLE; other rows than usable numbers are missing. */
export interface Relations {
  readonly baseline: string;
  readonly current: string;
}

/** Numbered cells, and how a query finds a value's. */
export interface Grid {
  /** SQL for rows of `v` and `p`, the number of its cell with a fraction, of those values that lie in the grid. */
  readonly rows: (relation: string) => string;
  readonly cell: (index: number) => { readonly start: number; readonly width: number };
}

/** SQL for the number of a cell. 16 bits, for then DuckDB counts in an array instead of a hash table. */
export const cellNumber = 'TRY_CAST(floor(p) AS USMALLINT)';
export const mostCells = 65_536;

/** So that a value on an edge falls to the right of it, as in Spark's and NumPy's histograms, whatever rounding does. */
const edge = 1e-9;

/** A number as an SQL literal of type DOUBLE; without the cast a decimal would round. */
export function double(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

/** Cells `[start + i · width, start + (i + 1) · width)`. */
export function evenGrid(start: number, width: number): Grid {
  // One multiplication and one addition a value, where that loses nothing: this is what a pass spends its time with.
  const near = Math.abs(start) < 100 * mostCells * width;
  const position = near
    ? `v * ${double(1 / width)} + ${double(edge - start / width)}`
    : `(v - ${double(start)}) / ${double(width)} + ${edge}`;
  return {
    rows: (relation) => `SELECT v, ${position} AS p FROM ${relation}`,
    cell: (index) => ({ start: start + index * width, width }),
  };
}

/** Divides chosen cells of a grid, each into equally many. */
export function dividedGrid(grid: Grid, chosen: readonly CellFacts[]): Grid {
  const parts = Math.floor(mostCells / chosen.length);
  const indices = chosen.map(({ cell }) => cell.index);
  const numbered = indices.map((index, place) => `${index}, ${place * parts}`).join('), (');
  return {
    rows: (relation) =>
      `SELECT v, place + (p - floor(p)) * ${parts} AS p FROM (${grid.rows(relation)}) AS undivided
       JOIN (VALUES (${numbered})) AS chosen(cell, place) ON ${cellNumber} = chosen.cell`,
    cell: (index) => {
      const { start, width } = grid.cell(indices[Math.floor(index / parts)] ?? 0);
      return { start: start + ((index % parts) * width) / parts, width: width / parts };
    },
  };
}
