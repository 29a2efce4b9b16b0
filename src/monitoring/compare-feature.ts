import { z } from 'zod';
import { type FeatureDrift, isBreach, severity, type Statistic } from '../domain/drift.js';
import type { Database } from './database.js';
import { categoricalDistributions, type Distributions, numericalDistributions } from './distributions.js';
import type { CategoryCounts, Side } from './distributions.js';
import type { Feature } from './features.js';
import { compareNumbers, type Extent, type Mode } from './numbers/compare.js';
import { largest, samplesOf } from './samples.js';
import { categoricalStatistics, numericalStatistics, type Thresholds } from './statistics.js';

export interface Rows {
  readonly baseline: number;
  readonly current: number;
}

/** How many values of a feature are of another type than the baseline's. */
export interface FeatureRows extends Rows {
  readonly mismatched: number;
}

export interface Judging {
  readonly mode: Mode;
  readonly plan: Thresholds;
}

/** Compares one feature of the tables `baseline` and `current`; `undefined` when a side has no usable value. */
export async function compareFeature(
  db: Database,
  feature: Feature,
  index: number,
  rows: FeatureRows,
  { mode, plan }: Judging,
): Promise<FeatureDrift | undefined> {
  const found =
    feature.type === 'numerical'
      ? await numbers(db, index, rows, mode, plan)
      : await categories(db, index, rows, plan);
  if (found === undefined) return undefined;
  const { statistics, ...distributions } = found;
  const [worst] = statistics
    .filter(({ threshold }) => threshold !== undefined)
    .sort((a, b) => severity(b) - severity(a));
  if (worst?.threshold === undefined) return undefined;
  return {
    feature: feature.column.name,
    type: feature.type,
    metric: worst.metric,
    value: worst.value,
    threshold: worst.threshold,
    breached: isBreach(worst),
    statistics,
    ...distributions,
  };
}

type Found = Distributions & { readonly statistics: readonly Statistic[] };

async function numbers(
  db: Database,
  index: number,
  rows: FeatureRows,
  mode: Mode,
  plan: Thresholds,
): Promise<Found | undefined> {
  const baseline = await extentOf(db, 'baseline', index);
  const current = await extentOf(db, 'current', index);
  if (baseline === undefined || current === undefined) return undefined;
  const relations = { baseline: baseline.relation, current: current.relation };
  const compared = await compareNumbers(db, relations, { baseline, current }, mode);
  const count = (side: Side): number => compared.cells.reduce((sum, cell) => sum + cell[side].count, 0);
  const counts = { baseline: count('baseline'), current: count('current') };
  const distributions = numericalDistributions(compared, {
    baseline: { min: baseline.min, max: baseline.max, nulls: missing(rows.baseline, counts.baseline) },
    current: {
      min: current.min,
      max: current.max,
      nulls: missing(rows.current, counts.current + rows.mismatched),
    },
  });
  return { ...distributions, statistics: numericalStatistics(compared, counts, plan) };
}

const bounds = z.object({ min: z.number().nullable(), max: z.number().nullable(), count: z.number() });

/** Bounds of a column and the relation of its usable values; only a column with absurd ones is filtered. */
async function extentOf(
  db: Database,
  table: Side,
  index: number,
): Promise<(Extent & { readonly relation: string }) | undefined> {
  const all = `(SELECT f${index} AS v FROM ${table})`;
  const usable = `(SELECT f${index} AS v FROM ${table} WHERE abs(f${index}) <= ${largest})`;
  for (const relation of [all, usable]) {
    const { min, max, count } = await db.one(
      bounds,
      `SELECT min(v) AS min, max(v) AS max, count(v)::DOUBLE AS count FROM ${relation}`,
    );
    if (min === null || max === null) return undefined;
    if (Math.abs(min) <= Number(largest) && Math.abs(max) <= Number(largest))
      return { min, max, count, relation };
  }
  return undefined;
}

const counted = z.tuple([z.array(z.string()), z.array(z.number()), z.array(z.number())]);

async function categories(
  db: Database,
  index: number,
  rows: FeatureRows,
  plan: Thresholds,
): Promise<Found | undefined> {
  const samples = samplesOf(index);
  const [labels, baseline, current] = await db.columns(
    counted,
    `SELECT v, sum(b)::DOUBLE, sum(c)::DOUBLE FROM (
      SELECT v, count(*) AS b, 0 AS c FROM ${samples.baseline} GROUP BY v
      UNION ALL SELECT v, 0, count(*) FROM ${samples.current} GROUP BY v
    ) GROUP BY v ORDER BY v`,
  );
  const counts: CategoryCounts = { labels, baseline, current };
  const totals = { baseline: sum(baseline), current: sum(current) };
  if (totals.baseline === 0 || totals.current === 0) return undefined;
  return {
    ...categoricalDistributions(counts, {
      baseline: { nulls: missing(rows.baseline, totals.baseline) },
      current: { nulls: missing(rows.current, totals.current + rows.mismatched) },
    }),
    statistics: categoricalStatistics(counts, plan),
  };
}

/** Share of the rows that have no value. */
function missing(rows: number, values: number): number {
  return rows > 0 ? (rows - values) / rows : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
