import { z } from 'zod';
import type { Samples } from './distances.js';
import type { Database } from './database.js';
import type { Distribution, Histogram } from '../domain/drift.js';

/** Bins and categories that a person can still tell apart in a small chart. */
const bins = 24;
const categories = 10;
const others = 'all others';

const momentsRow = z.object({
  count: z.number(),
  mean: z.number().nullable(),
  sd: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  whole: z.boolean().nullable(),
});
export type Moments = z.infer<typeof momentsRow>;

export function moments(db: Database, sample: string): Promise<Moments> {
  return db.one(
    momentsRow,
    `SELECT count(*)::DOUBLE AS count, avg(v) AS mean, stddev_samp(v) AS sd, min(v) AS min, max(v) AS max,
      bool_and(v = floor(v)) AS whole FROM ${sample}`,
  );
}

/** Shares of missing values, 0 to 1. */
export interface Nulls {
  readonly baseline: number;
  readonly current: number;
}

export async function numericalDistributions(
  db: Database,
  samples: Samples,
  nulls: Nulls,
): Promise<{ readonly baseline: Distribution; readonly current: Distribution }> {
  const [b, c] = [await moments(db, samples.baseline), await moments(db, samples.current)];
  const edges = binEdges(b, c);
  const side = async (sample: string, own: Moments, missing: number): Promise<Distribution> => ({
    count: own.count,
    nulls: missing,
    ...(own.mean !== null && { mean: own.mean }),
    ...(own.count > 0 && { sd: own.sd ?? 0 }),
    ...(own.min !== null && { min: own.min }),
    ...(own.max !== null && { max: own.max }),
    histogram: await binShares(db, sample, edges, own.count),
  });
  return {
    baseline: await side(samples.baseline, b, nulls.baseline),
    current: await side(samples.current, c, nulls.current),
  };
}

/**
 * Equal bins over both samples, from at most four deviations below the means to four above: one absurd value must
 * not press all others into one bin. Whole numbers get bins of whole width, else some would cover more of them.
 */
function binEdges(b: Moments, c: Moments): number[] {
  const sides = [b, c].filter(({ count }) => count > 0);
  if (sides.length === 0) return [0, 1];
  const low = Math.max(
    Math.min(...sides.map(({ min }) => min ?? 0)),
    Math.min(...sides.map(({ mean, sd }) => (mean ?? 0) - 4 * (sd ?? 0))),
  );
  const high = Math.min(
    Math.max(...sides.map(({ max }) => max ?? 0)),
    Math.max(...sides.map(({ mean, sd }) => (mean ?? 0) + 4 * (sd ?? 0))),
  );
  const exact = Math.max(Math.abs(low), Math.abs(high)) < 2 ** 50;
  if (exact && sides.every(({ whole }) => whole === true))
    return wholeEdges(Math.floor(low), Math.ceil(high));
  const width = (high - low) / bins;
  // Constant, or too close together (or too far apart) for doubles to tell edges from each other.
  if (!(width > Math.abs(low) * 1e-12) || !Number.isFinite(width)) return [low - 0.5, low + 0.5];
  return Array.from({ length: bins + 1 }, (_, i) => low + i * width);
}

function wholeEdges(low: number, high: number): number[] {
  const width = Math.max(1, Math.ceil((high - low + 1) / bins));
  const count = Math.min(bins, Math.ceil((high - low + 1) / width));
  return Array.from({ length: count + 1 }, (_, i) => low - 0.5 + i * width);
}

const binRow = z.object({ bin: z.number(), count: z.number() });

async function binShares(
  db: Database,
  sample: string,
  edges: readonly number[],
  total: number,
): Promise<Histogram> {
  const [low = 0, second = 1] = edges;
  const last = edges.length - 2;
  const rows = await db.all(
    binRow,
    `SELECT least(greatest(floor((v - ${sql(low)}) / ${sql(second - low)}), 0), ${last})::INTEGER AS bin,
      count(*)::DOUBLE AS count FROM ${sample} GROUP BY bin`,
  );
  const counts = new Map(rows.map(({ bin, count }) => [bin, count]));
  const shares = Array.from({ length: last + 1 }, (_, i) => (total > 0 ? (counts.get(i) ?? 0) / total : 0));
  return { kind: 'bins', edges, shares };
}

/** A number as an SQL literal of type DOUBLE; without the cast a decimal would round. */
function sql(value: number): string {
  return `CAST('${value}' AS DOUBLE)`;
}

const categoryRow = z.object({ label: z.string(), b: z.number(), c: z.number() });

export async function categoricalDistributions(
  db: Database,
  samples: Samples,
  nulls: Nulls,
): Promise<{ readonly baseline: Distribution; readonly current: Distribution }> {
  const both = `(SELECT v, 1 AS b, 0 AS c FROM ${samples.baseline} UNION ALL SELECT v, 0, 1 FROM ${samples.current})`;
  const top = await db.all(
    categoryRow,
    `WITH counts AS (SELECT v AS label, sum(b)::DOUBLE AS b, sum(c)::DOUBLE AS c FROM ${both} GROUP BY v)
    SELECT label, b, c FROM counts
    ORDER BY greatest(b / (SELECT sum(b) FROM counts), c / (SELECT sum(c) FROM counts)) DESC NULLS LAST, label
    LIMIT ${categories + 1}`,
  );
  const totals = await db.one(
    z.object({ b: z.number().nullable(), c: z.number().nullable() }),
    `SELECT sum(b)::DOUBLE AS b, sum(c)::DOUBLE AS c FROM ${both}`,
  );
  const side = (key: 'b' | 'c', missing: number): Distribution => {
    const count = totals[key] ?? 0;
    return { count, nulls: missing, histogram: categoryShares(top, key, count) };
  };
  return { baseline: side('b', nulls.baseline), current: side('c', nulls.current) };
}

function categoryShares(
  top: readonly z.infer<typeof categoryRow>[],
  key: 'b' | 'c',
  total: number,
): Histogram {
  const few = top.length <= categories;
  const shown = few ? top : top.slice(0, categories);
  const shares = shown.map((row) => (total > 0 ? row[key] / total : 0));
  const labels = shown.map(({ label }) => label);
  if (few) return { kind: 'categories', labels, shares };
  const rest = total > 0 ? Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0)) : 0;
  return { kind: 'categories', labels: [...labels, others], shares: [...shares, rest] };
}
