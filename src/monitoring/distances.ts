import { z } from 'zod';
import type { Database } from './database.js';

/** Smallest deviation that distances are divided by: Azure's, so that a constant column gives no infinite distance. */
const leastDeviation = 0.001;

const distance = z.object({ value: z.number().nullable() });

/**
 * Two relations with a column `v` and no missing values. Categories are text, numbers finite.
 * Both queries sort or group inside DuckDB, which spills to disk what does not fit its memory.
 */
export interface Samples {
  readonly baseline: string;
  readonly current: string;
}

/**
 * Normalized Wasserstein distance as Azure ML's monitor defines it: the first Wasserstein distance of the two
 * empirical distributions, which is the area between their distribution functions, in standard deviations (of the
 * sample) of the baseline. Exact. `undefined` when a side has no values.
 */
export async function normalizedWasserstein(db: Database, samples: Samples): Promise<number | undefined> {
  const { value } = await db.one(
    distance,
    `WITH points AS (
      SELECT v, sum(b) AS b, sum(c) AS c
      FROM (SELECT v, 1 AS b, 0 AS c FROM ${samples.baseline} UNION ALL SELECT v, 0, 1 FROM ${samples.current})
      GROUP BY v
    ), totals AS (
      SELECT sum(b)::DOUBLE AS b, sum(c)::DOUBLE AS c,
        greatest(coalesce((SELECT stddev_samp(v) FROM ${samples.baseline}), 0), ${leastDeviation}) AS deviation
      FROM points
    ), steps AS (
      SELECT sum(b) OVER upto AS b, sum(c) OVER upto AS c, lead(v) OVER (ORDER BY v) - v AS width
      FROM points WINDOW upto AS (ORDER BY v ROWS UNBOUNDED PRECEDING)
    )
    SELECT CASE WHEN any_value(totals.b) > 0 AND any_value(totals.c) > 0
      THEN coalesce(sum(abs(steps.b / totals.b - steps.c / totals.c) * width), 0) / any_value(deviation) END AS value
    FROM steps, totals`,
  );
  return value ?? undefined;
}

/**
 * Jensen–Shannon distance of two categorical distributions, base 2: 0 for equal shares, 1 for no category in
 * common. `undefined` when a side has no values.
 */
export async function jensenShannon(db: Database, samples: Samples): Promise<number | undefined> {
  const { value } = await db.one(
    distance,
    `WITH counts AS (
      SELECT v, sum(b)::DOUBLE AS b, sum(c)::DOUBLE AS c
      FROM (SELECT v, 1 AS b, 0 AS c FROM ${samples.baseline} UNION ALL SELECT v, 0, 1 FROM ${samples.current})
      GROUP BY v
    ), shares AS (
      SELECT b / nullif(sum(b) OVER (), 0) AS p, c / nullif(sum(c) OVER (), 0) AS q FROM counts
    )
    SELECT CASE WHEN count(p) > 0 AND count(q) > 0 THEN sqrt(greatest(sum(
      (CASE WHEN p > 0 THEN p * log2(2 * p / (p + q)) ELSE 0 END) +
      (CASE WHEN q > 0 THEN q * log2(2 * q / (p + q)) ELSE 0 END)) / 2, 0)) END AS value
    FROM shares`,
  );
  return value ?? undefined;
}
