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
  return {
    rows: (relation) => `SELECT v, ${line(start, width, 0)} AS p FROM ${relation}`,
    cell: (index) => ({ start: start + index * width, width }),
  };
}

/** Equal bins over a range, and those of them that nearly all values lie in: `[from, to)`. */
export interface Bins {
  readonly start: number;
  readonly width: number;
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** One is left over, for the largest value lies on the last edge. */
const bentCells = mostCells - 1;
/** Of so many cells, those for the bins outside of the crowded ones. */
const sparseShare = 1 / 8;

/**
 * Cells that divide each bin evenly, those in which values crowd more finely: their numbers lie on a bent line, steep
 * over the crowded bins and flat beside them, of which each part is above or below the others where it counts.
 */
export function bentGrid(bins: Bins): Grid {
  const sparse = bins.count - (bins.to - bins.from);
  const coarse = Math.max(1, Math.floor((bentCells * sparseShare) / Math.max(1, sparse)));
  const fine = Math.floor((bentCells - coarse * sparse) / (bins.to - bins.from));
  const edges = [bins.from, bins.to].map((bin) => bins.start + bin * bins.width);
  const [left = 0, right = 0] = edges;
  const [coarseWidth, fineWidth] = [bins.width / coarse, bins.width / fine];
  const firstFine = bins.from * coarse;
  const firstRight = firstFine + (bins.to - bins.from) * fine;
  const middle = line(left, fineWidth, firstFine);
  const notAbove =
    bins.to < bins.count ? `least(${middle}, ${line(right, coarseWidth, firstRight)})` : middle;
  const position = bins.from > 0 ? `greatest(${notAbove}, ${line(bins.start, coarseWidth, 0)})` : notAbove;
  return {
    rows: (relation) => `SELECT v, ${position} AS p FROM ${relation}`,
    cell: (index) => {
      if (index < firstFine) return { start: bins.start + index * coarseWidth, width: coarseWidth };
      if (index < firstRight) return { start: left + (index - firstFine) * fineWidth, width: fineWidth };
      return { start: right + (index - firstRight) * coarseWidth, width: coarseWidth };
    },
  };
}

/** SQL for the position of `v` on a line that is `first` at `start` and rises by one each `width`. */
function line(start: number, width: number, first: number): string {
  // One multiplication and one addition a value, where that loses nothing: this is what a pass spends its time with.
  const near = Math.abs(start) < 100 * mostCells * width;
  return near
    ? `v * ${double(1 / width)} + ${double(first + edge - start / width)}`
    : `(v - ${double(start)}) / ${double(width)} + ${double(first + edge)}`;
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
