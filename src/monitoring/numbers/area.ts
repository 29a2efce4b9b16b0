import type { Cell, Tally } from './tally.js';

/** A statistic, and by how much it may be wrong at most; 0 where it is exact. */
export interface Bounded {
  readonly value: number;
  readonly error: number;
}

/** What a cell adds to the statistics of the whole, as far as its tallies tell. */
export interface CellFacts {
  readonly cell: Cell;
  /** Counts of both sides before the cell. */
  readonly before: { readonly baseline: number; readonly current: number };
  /** Area between the two distribution functions in the cell. */
  readonly area: Bounded;
  /** The largest gap of the distribution functions in the cell lies between these. */
  readonly gap: { readonly least: number; readonly most: number };
}

export interface Comparison {
  /** First Wasserstein distance, in the unit of the values. */
  readonly wasserstein: Bounded;
  /** Statistic of the Kolmogorov–Smirnov test. */
  readonly gap: Bounded;
  readonly facts: readonly CellFacts[];
}

/** Variance of a cell's values, in squared widths, below which rounding hides whether there is any. */
const onePoint = 1e-15;

/**
 * The distances of two samples from their cells. Outside the cells the gap of the distribution functions is constant.
 * Inside a cell its sign is often known, since no more than the cell's own values can change it: then the area is the
 * difference of the two sums of values: exactly, or as far as each value may lie from where it is taken to lie. Where
 * the functions may cross within a cell, the area is an estimate, and it is told how good.
 */
export function compareCells(cells: readonly Cell[]): Comparison {
  const [n, m] = [total(cells, 'baseline'), total(cells, 'current')];
  const facts: CellFacts[] = [];
  const before = { baseline: 0, current: 0 };
  let [area, error, least, most, end] = [0, 0, 0, 0, 0];
  for (const cell of cells) {
    const gapBefore = before.baseline / n - before.current / m;
    if (facts.length > 0) area += Math.abs(gapBefore) * Math.max(0, cell.start - end);
    const fact = { cell, before: { ...before }, ...inCell(cell, gapBefore, n, m) };
    facts.push(fact);
    area += fact.area.value;
    error += fact.area.error;
    least = Math.max(least, fact.gap.least);
    most = Math.max(most, fact.gap.most);
    before.baseline += cell.baseline.count;
    before.current += cell.current.count;
    end = cell.start + cell.width;
  }
  return {
    wasserstein: { value: area, error },
    gap: { value: least, error: Math.max(0, most - least) },
    facts,
  };
}

export function total(cells: readonly Cell[], side: 'baseline' | 'current'): number {
  return cells.reduce((sum, cell) => sum + cell[side].count, 0);
}

function inCell(cell: Cell, before: number, n: number, m: number): Pick<CellFacts, 'area' | 'gap'> {
  const { baseline, current, width, known } = cell;
  const [p, q] = [baseline.count / n, current.count / m];
  const after = before + p - q;
  const ends = Math.max(Math.abs(before), Math.abs(after));
  if (known !== undefined) {
    return { area: { value: known.area, error: 0 }, gap: { least: known.gap, most: known.gap } };
  }
  if (width === 0) return { area: { value: 0, error: 0 }, gap: { least: ends, most: ends } };
  const [low, high] = [before - q, before + p];
  const extreme = Math.max(Math.abs(low), Math.abs(high));
  if (isSpike(cell)) return { area: twoPoints(cell, before, p, q), gap: { least: ends, most: extreme } };
  const signed = width * Math.abs(before + p * (1 - baseline.mean) - q * (1 - current.mean));
  const slack = width * (p * baseline.slack + q * current.slack);
  if (low >= 0 || high <= 0) {
    return { area: { value: signed, error: slack }, gap: { least: ends, most: extreme } };
  }
  const most = width * extreme;
  const value = Math.min(most, Math.max(signed, width * asIfEven(before, after)));
  const error = Math.max(most - value, value - Math.max(0, signed - slack));
  return { area: { value, error }, gap: { least: ends, most: extreme } };
}

/** Whether a cell's values are so near to each other that a division of the cell would not tell them apart. */
export function isSpike({ baseline, current }: Cell): boolean {
  return isPoint(baseline) && isPoint(current);
}

function isPoint({ count, slack, spread }: Tally): boolean {
  return slack === 0 && spread <= count * onePoint;
}

function twoPoints({ baseline, current, width }: Cell, before: number, p: number, q: number): Bounded {
  const first = Math.min(p > 0 ? baseline.mean : 1, q > 0 ? current.mean : 1);
  const last = Math.max(p > 0 ? baseline.mean : 0, q > 0 ? current.mean : 0, first);
  const between = baseline.mean < current.mean ? before + p : before - q;
  const after = before + p - q;
  const area = Math.abs(before) * first + Math.abs(between) * (last - first) + Math.abs(after) * (1 - last);
  return { value: width * area, error: 0 };
}

/** Mean of |gap| over a cell whose values lie evenly: the gap is a straight line then. */
function asIfEven(before: number, after: number): number {
  if (before * after >= 0) return (Math.abs(before) + Math.abs(after)) / 2;
  return (before * before + after * after) / (2 * Math.abs(before - after));
}
