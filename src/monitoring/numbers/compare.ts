import type { Database } from '../database.js';
import { type Bounded, compareCells, type CellFacts, type Comparison, isSpike, total } from './area.js';
import { sortCells } from './sorted.js';
import { bentGrid, type Bins, dividedGrid, evenGrid, type Grid, mostCells, type Relations } from './grid.js';
import { type Cell, countCells, countValues, type FirstLook, lookAtFirst } from './tally.js';

/** `one-pass` counts values in fine cells; `exact` also sorts those that the cells leave open. */
export type Mode = 'one-pass' | 'exact';

/** Bounds of a sample's usable values and how many there are. */
export interface Extent {
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

export interface NumberComparison extends Comparison {
  readonly cells: readonly Cell[];
  /** The equal bins of Azure's histograms, which share the fine cells' edges. */
  readonly bins: {
    readonly edges: readonly number[];
    readonly baseline: number[];
    readonly current: number[];
  };
  readonly deviation: { readonly baseline: number; readonly current: number };
  readonly mean: { readonly baseline: number; readonly current: number };
  /** Wasserstein distance over the baseline's deviation (at least Azure's 0.001). */
  readonly normalized: Bounded;
}

/** Azure's least deviation to divide by, so that a constant column gives no infinite distance. */
const leastDeviation = 0.001;
/** Error of the normalized distance, in deviations, beyond which a one-pass comparison looks closer. */
export const tolerance = 0.001;
/** Error of the largest gap of the distribution functions, of 0 to 1, that one pass may leave. */
export const gapTolerance = 0.005;
/** Fine cells over the whole range. */
const fineCells = 32_768;
const mostDivisions = 6;
/** Absorbs roundings of a position among bins. */
const roundings = 1e-9;
/** More rows than this are divided once more before they are sorted. */
const fewRows = 250_000;

/**
 * Compares the numbers of two samples. One pass over each side counts values in at most 65,536 cells. Where that leaves
 * the normalized distance uncertain by more than 0.001 deviations (one absurd value can press all others into one
 * cell), another pass sums the values of each cell as well, then the cells in question are divided, and what still is
 * open is sorted. `exact` leaves nothing open.
 */
export async function compareNumbers(
  db: Database,
  relations: Relations,
  extents: { readonly baseline: Extent; readonly current: Extent },
  mode: Mode,
): Promise<NumberComparison> {
  const looks = [await lookAtFirst(db, relations.baseline), await lookAtFirst(db, relations.current)];
  const { fine, bins } = gridOver(extents.baseline, extents.current, looks);
  let cells = (await countValues(db, relations, looks)) ?? (await countFirst(db, relations, fine, mode));
  const binned = bins(cells);
  const counts = { n: total(cells, 'baseline'), m: total(cells, 'current') };
  for (let round = 0; round < mostDivisions; round += 1) {
    const open = openCells(cells, mode);
    const divisible = open.filter(({ cell }) => !isSpike(cell));
    if (rowsOf(divisible) <= fewRows) break;
    const divided = await divide(db, relations, cells, divisible);
    if (divided === undefined) break;
    cells = divided;
  }
  cells = replaced(cells, await sortCells(db, relations, openCells(cells, mode), counts));
  return { ...summary(cells), cells, bins: binned };
}

/** Counts alone are enough for most columns, whose deviation is a thousand cells or more. */
async function countFirst(db: Database, relations: Relations, grid: Grid, mode: Mode): Promise<Cell[]> {
  if (mode === 'one-pass') {
    const counted = await countCells(db, relations, grid, 'counts');
    if (openCells(counted, mode).length === 0) return counted;
  }
  return await countCells(db, relations, grid, 'sums');
}

function summary(cells: readonly Cell[]): Omit<NumberComparison, 'cells' | 'bins'> {
  const compared = compareCells(cells);
  const [baseline, current] = [momentsOf(cells, 'baseline'), momentsOf(cells, 'current')];
  return {
    ...compared,
    mean: { baseline: baseline.mean, current: current.mean },
    deviation: { baseline: baseline.deviation, current: current.deviation },
    normalized: normalized(compared.wasserstein, baseline),
  };
}

/** A distance over a deviation of which neither is known exactly. */
function normalized({ value, error }: Bounded, { deviation, slack }: Moments): Bounded {
  const unit = Math.max(deviation, leastDeviation);
  const least = Math.max(unit - slack, leastDeviation);
  return { value: value / unit, error: (error + (slack * value) / unit) / least };
}

/** Cells whose values must be looked at more closely, those that matter most first. */
function openCells(cells: readonly Cell[], mode: Mode): CellFacts[] {
  const { facts, gap, wasserstein } = compareCells(cells);
  if (mode === 'exact') return facts.filter((fact) => fact.area.error > 0 || fact.gap.most > gap.value);
  const moments = momentsOf(cells, 'baseline');
  const uncertain = facts.filter(({ area }) => area.error > 0).sort((a, b) => b.area.error - a.area.error);
  let left = wasserstein;
  const wide = uncertain.filter(({ area }) => {
    const needed = normalized(left, moments).error > tolerance;
    left = { value: left.value, error: left.error - area.error };
    return needed;
  });
  const full = facts.filter((fact) => fact.gap.most > gap.value + gapTolerance);
  return [...new Set([...wide, ...full])];
}

function rowsOf(facts: readonly CellFacts[]): number {
  return facts.reduce((sum, { cell }) => sum + cell.baseline.count + cell.current.count, 0);
}

/** Divides open cells of one grid. `undefined` where doubles could not tell the edges of finer cells apart. */
async function divide(
  db: Database,
  relations: Relations,
  cells: readonly Cell[],
  open: readonly CellFacts[],
): Promise<Cell[] | undefined> {
  const divisible = open.filter(({ cell: { start, width } }) => width > Math.abs(start) * 1e-12);
  const [first] = divisible;
  if (first === undefined) return undefined;
  const chosen = divisible.filter(({ cell }) => cell.grid === first.cell.grid).slice(0, mostCells / 2);
  const gone = new Set(chosen.map(({ cell }) => cell));
  const counted = await countCells(db, relations, dividedGrid(first.cell.grid, chosen), 'sums');
  return [...cells.filter((cell) => !gone.has(cell)), ...counted].sort((a, b) => a.start - b.start);
}

function replaced(cells: readonly Cell[], known: readonly Cell[]): Cell[] {
  const by = new Map(known.map((cell) => [cell.start, cell]));
  return cells.map((cell) => by.get(cell.start) ?? cell);
}

interface Grids {
  readonly fine: Grid;
  readonly bins: (cells: readonly Cell[]) => NumberComparison['bins'];
}

/**
 * Azure's bins: equal ones over both samples, as many as Sturges' rule gives for the smaller sample; the fine cells
 * divide each of them evenly. Where the first rows lie in less than half of the bins, these get most of the cells.
 */
function gridOver(baseline: Extent, current: Extent, looks: readonly FirstLook[]): Grids {
  const low = Math.min(baseline.min, current.min);
  const high = Math.max(baseline.max, current.max);
  const constant = !(high > low);
  const count = constant ? 1 : Math.ceil(Math.log2(Math.min(baseline.count, current.count)) + 1);
  const pad = low === 0 ? 0.005 : Math.abs(low) * 0.005;
  const start = constant ? low - pad : low;
  const width = constant ? 2 * pad : (high - low) / count;
  const edges = Array.from({ length: count + 1 }, (_, i) => start + i * width);
  return {
    fine: fineGrid({ start, width, count }, looks),
    bins: (cells) => {
      const counts = { baseline: edges.slice(1).map(() => 0), current: edges.slice(1).map(() => 0) };
      for (const cell of cells) {
        const bin = Math.min(count - 1, Math.floor((cell.start - start) / width + roundings));
        for (const side of ['baseline', 'current'] as const)
          counts[side][bin] = (counts[side][bin] ?? 0) + cell[side].count;
      }
      return { edges, ...counts };
    },
  };
}

function fineGrid(bins: Omit<Bins, 'from' | 'to'>, looks: readonly FirstLook[]): Grid {
  const binOf = (value: number): number =>
    Math.min(bins.count - 1, Math.max(0, Math.floor((value - bins.start) / bins.width)));
  const from = Math.min(...looks.map(({ low }) => binOf(low)));
  const to = Math.max(...looks.map(({ high }) => binOf(high))) + 1;
  if (to - from < bins.count / 2) return bentGrid({ ...bins, from, to });
  const each = Math.floor(fineCells / bins.count);
  return evenGrid(bins.start, bins.width / each);
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
  /** By how much both may be wrong: a deviation moves by no more than the root mean square of what values move by. */
  readonly slack: number;
}

/** Mean and deviation of the sample, from the means and spreads of its cells. */
function momentsOf(cells: readonly Cell[], side: 'baseline' | 'current'): Moments {
  const count = total(cells, side);
  const origin = cells[0]?.start ?? 0;
  const at = (cell: Cell): number => cell.start - origin + cell.width * cell[side].mean;
  const offset = cells.reduce((sum, cell) => sum + cell[side].count * at(cell), 0) / count;
  const squares = cells.reduce(
    (sum, cell) =>
      sum + cell[side].count * (at(cell) - offset) ** 2 + cell.width * cell.width * cell[side].spread,
    0,
  );
  const slacks = cells.reduce(
    (sum, cell) => sum + cell[side].count * (cell.width * cell[side].slack) ** 2,
    0,
  );
  if (count <= 1) return { mean: origin + offset, deviation: 0, slack: 0 };
  return {
    mean: origin + offset,
    deviation: Math.sqrt(squares / (count - 1)),
    slack: Math.sqrt(slacks / (count - 1)),
  };
}
