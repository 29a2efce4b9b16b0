import type { Distribution, Histogram } from '../domain/drift.js';
import type { NumberComparison } from './numbers/compare.js';
import type { Cell } from './numbers/tally.js';

/** Bins and categories that a person can still tell apart in a small chart. */
const drawnBins = 24;
const drawnCategories = 10;
const others = 'all others';

export type Side = 'baseline' | 'current';
export type Distributions = Readonly<Record<Side, Distribution>>;

/** What both sides have of a feature, apart from its values. */
export type Shape = Readonly<
  Record<Side, { readonly nulls: number; readonly min?: number; readonly max?: number }>
>;

export function numericalDistributions(compared: NumberComparison, shape: Shape): Distributions {
  const edges = binEdges(compared, shape);
  const side = (name: Side): Distribution => {
    const count = compared.cells.reduce((sum, cell) => sum + cell[name].count, 0);
    return {
      ...shape[name],
      count,
      ...(count > 0 && { mean: compared.mean[name], sd: compared.deviation[name] }),
      histogram: binShares(compared.cells, name, edges, count),
    };
  };
  return { baseline: side('baseline'), current: side('current') };
}

/**
 * Equal bins over both samples, from at most four deviations below the means to four above: one absurd value must
 * not press all others into one bin. Whole numbers get bins of whole width, else some would cover more of them.
 */
function binEdges({ mean, deviation, cells }: NumberComparison, shape: Shape): number[] {
  const sides = ['baseline', 'current'] as const;
  const low = Math.max(
    Math.min(...sides.map((side) => shape[side].min ?? 0)),
    Math.min(...sides.map((side) => mean[side] - 4 * deviation[side])),
  );
  const high = Math.min(
    Math.max(...sides.map((side) => shape[side].max ?? 0)),
    Math.max(...sides.map((side) => mean[side] + 4 * deviation[side])),
  );
  const whole = cells.every(({ start, width }) => width === 0 && Number.isSafeInteger(start));
  if (whole) return wholeEdges(Math.floor(low), Math.ceil(high));
  const width = (high - low) / drawnBins;
  // Constant, or too close together (or too far apart) for doubles to tell edges from each other.
  if (!(width > Math.abs(low) * 1e-12) || !Number.isFinite(width)) return [low - 0.5, low + 0.5];
  return Array.from({ length: drawnBins + 1 }, (_, i) => low + i * width);
}

function wholeEdges(low: number, high: number): number[] {
  const width = Math.max(1, Math.ceil((high - low + 1) / drawnBins));
  const count = Math.min(drawnBins, Math.ceil((high - low + 1) / width));
  return Array.from({ length: count + 1 }, (_, i) => low - 0.5 + i * width);
}

/** A cell is far narrower than a bin that is drawn: it counts where its mean lies. */
function binShares(cells: readonly Cell[], side: Side, edges: readonly number[], total: number): Histogram {
  const [low = 0, second = 1] = edges;
  const shares = edges.slice(1).map(() => 0);
  for (const cell of cells) {
    const { count, mean } = cell[side];
    const bin = Math.floor((cell.start + cell.width * mean - low) / (second - low));
    const within = Math.min(shares.length - 1, Math.max(0, bin));
    if (total > 0) shares[within] = (shares[within] ?? 0) + count / total;
  }
  return { kind: 'bins', edges, shares };
}

export interface CategoryCounts {
  readonly labels: readonly string[];
  readonly baseline: readonly number[];
  readonly current: readonly number[];
}

export function categoricalDistributions(counts: CategoryCounts, shape: Shape): Distributions {
  const totals = { baseline: sum(counts.baseline), current: sum(counts.current) };
  const share = (side: Side, i: number): number =>
    totals[side] > 0 ? (counts[side][i] ?? 0) / totals[side] : 0;
  const ranked = counts.labels
    .map((label, i) => ({ label, baseline: share('baseline', i), current: share('current', i) }))
    .sort((a, b) => Math.max(b.baseline, b.current) - Math.max(a.baseline, a.current));
  const shown = ranked.length > drawnCategories + 1 ? ranked.slice(0, drawnCategories) : ranked;
  const side = (name: Side): Distribution => {
    const labels = shown.map(({ label }) => label);
    const shares = shown.map((category) => category[name]);
    const rest = totals[name] > 0 ? Math.max(0, 1 - sum(shares)) : 0;
    const all = shown.length === ranked.length;
    return {
      nulls: shape[name].nulls,
      count: totals[name],
      histogram: {
        kind: 'categories',
        labels: all ? labels : [...labels, others],
        shares: all ? shares : [...shares, rest],
      },
    };
  };
  return { baseline: side('baseline'), current: side('current') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
