import { z } from 'zod';
import type { Database } from '../database.js';
import { cellNumber, evenGrid, type Grid, mostCells, type Relations } from './grid.js';

/** Values of one side in a cell: how many, and their mean and sum of squared deviations in widths of the cell. */
export interface Tally {
  readonly count: number;
  /** 0 at the cell's start, 1 at its end. */
  readonly mean: number;
  /** How far each value may lie from `mean` where values were only counted, and none is known but its cell; else 0. */
  readonly slack: number;
  readonly spread: number;
}

/** A stretch of the number line, and what both sides have in it. */
export interface Cell {
  readonly grid: Grid;
  readonly index: number;
  readonly start: number;
  readonly width: number;
  readonly baseline: Tally;
  readonly current: Tally;
  /** What sorting the cell's values has told: the area between the distribution functions, and their largest gap. */
  readonly known?: { readonly area: number; readonly gap: number };
}

const none: Tally = { count: 0, mean: 0, slack: 0, spread: 0 };

/** What is told of a cell's values: only how many there are, which takes half the time, or their sums as well. */
export type Detail = 'counts' | 'sums';

/** Counts both sides in one pass over each. Returns the cells that have values, in order. */
export async function countCells(
  db: Database,
  relations: Relations,
  grid: Grid,
  detail: Detail,
): Promise<Cell[]> {
  const side = detail === 'counts' ? countSide : sumSide;
  const baseline = await side(db, relations.baseline, grid);
  const current = await side(db, relations.current, grid);
  const indices = [...new Set([...baseline.keys(), ...current.keys()])].sort((a, b) => a - b);
  return indices.map((index) => ({
    grid,
    index,
    ...grid.cell(index),
    baseline: baseline.get(index) ?? none,
    current: current.get(index) ?? none,
  }));
}

const cellColumn = z.array(z.number().nullable());
const counts = z.tuple([cellColumn, z.array(z.number())]);

async function countSide(db: Database, relation: string, grid: Grid): Promise<Map<number, Tally>> {
  const [cells, found] = await db.columns(
    counts,
    `SELECT cell, count(*)::DOUBLE FROM (SELECT ${cellNumber} AS cell FROM (${grid.rows(relation)})) GROUP BY cell`,
  );
  const tallies = new Map<number, Tally>();
  for (const [row, cell] of cells.entries()) {
    if (cell !== null) tallies.set(cell, { count: found[row] ?? 0, mean: 0.5, slack: 0.5, spread: 0 });
  }
  return tallies;
}

const sums = z.tuple([
  cellColumn,
  z.array(z.number()),
  z.array(z.number().nullable()),
  z.array(z.number().nullable()),
]);

/** Rounded down once a value, not twice: that alone saves an eighth. Sums are compensated (`fsum`): a cell whose values are all equal must show no spread. */
async function sumSide(db: Database, relation: string, grid: Grid): Promise<Map<number, Tally>> {
  const [cells, found, totals, squares] = await db.columns(
    sums,
    `SELECT cell, count(*)::DOUBLE, fsum(x), fsum(x * x)
    FROM (
      SELECT TRY_CAST(whole AS USMALLINT) AS cell, p - whole AS x
      FROM (SELECT p, floor(p) AS whole FROM (${grid.rows(relation)}))
    ) GROUP BY cell`,
  );
  const tallies = new Map<number, Tally>();
  for (const [row, cell] of cells.entries()) {
    const count = found[row] ?? 0;
    const sum = totals[row] ?? 0;
    if (cell === null) continue;
    const mean = sum / count;
    tallies.set(cell, { count, mean, slack: 0, spread: Math.max(0, (squares[row] ?? 0) - sum * mean) });
  }
  return tallies;
}

const sampledRows = 20_000;

/** What the first rows of a sample show. It only chooses how to count, and never enters a statistic. */
export interface FirstLook {
  /** How many different values there are. */
  readonly values: number;
  /** Nearly all lie between these. */
  readonly low: number;
  readonly high: number;
}

const firstLook = z.object({ values: z.number(), low: z.number(), high: z.number() });

export async function lookAtFirst(db: Database, relation: string): Promise<FirstLook> {
  const quantile = (share: number): string => `coalesce(quantile_disc(v, ${share}), 0)::DOUBLE`;
  return await db.one(
    firstLook,
    `SELECT count(DISTINCT v)::DOUBLE AS values, ${quantile(0.001)} AS low, ${quantile(0.999)} AS high
    FROM (SELECT v FROM ${relation} WHERE isfinite(v::DOUBLE) LIMIT ${sampledRows})`,
  );
}

/** So few different values among the first rows are taken for a column of few values altogether. */
const fewValues = 2_000;

const counted = z.tuple([z.array(z.number()), z.array(z.number()), z.array(z.number())]);

/**
 * Ages, counts, readings of an instrument: where a column has few different values, these are counted one by one, each
 * a cell without width. `undefined` where there are many.
 */
export async function countValues(
  db: Database,
  relations: Relations,
  looks: readonly FirstLook[],
): Promise<Cell[] | undefined> {
  if (looks.some(({ values }) => values > fewValues)) return undefined;
  const side = (relation: string, b: string, c: string): string =>
    `SELECT v, ${b} AS b, ${c} AS c FROM ${relation} GROUP BY v`;
  const [values, baseline, current] = await db.columns(
    counted,
    `SELECT v::DOUBLE AS v, sum(b)::DOUBLE, sum(c)::DOUBLE FROM (
      ${side(relations.baseline, 'count(*)', '0')} UNION ALL ${side(relations.current, '0', 'count(*)')}
    ) WHERE isfinite(v::DOUBLE) GROUP BY v::DOUBLE ORDER BY 1 LIMIT ${mostCells}`,
  );
  if (values.length === mostCells) return undefined;
  const grid = evenGrid(0, 1);
  const tally = (count = 0): Tally => ({ count, mean: 0, slack: 0, spread: 0 });
  return values.map((start, index) => ({
    grid,
    index,
    start,
    width: 0,
    baseline: tally(baseline[index]),
    current: tally(current[index]),
  }));
}
