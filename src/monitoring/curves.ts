import { z } from 'zod';
import type { Confusion, Curves, Predicted } from '../domain/curves.js';
import { literal, withDatabase } from './database.js';
import type { Database } from './database.js';
import { openPredicted } from './predicted.js';
import { plural } from '../domain/text.js';

/** Steps of either axis at which a point of a curve is kept: what a drawing can show. */
const steps = 100;
const calibrationBins = 10;
/** More classes than these share the last row and column. */
const shownClasses = 12;
const others = 'all others';

/**
 * Reads a table of held-out predictions: `label` (what is true), `probability` (of the positive class, 1 or true) or
 * `prediction` (a class), or both; without a prediction 0.5 decides. Memory is bounded whatever its size.
 * @throws UnreadableData when it cannot be read, or lacks these columns.
 */
export function readPredicted(files: readonly string[]): Promise<Predicted> {
  return withDatabase(async (db) => {
    const notes = await load(db, files);
    const { rows } = await db.one(
      z.object({ rows: z.number() }),
      'SELECT count(*)::DOUBLE AS rows FROM predicted',
    );
    const curves = await curvesOf(db);
    return {
      rows,
      confusion: await confusionOf(db),
      ...(typeof curves !== 'string' && { curves }),
      notes: typeof curves === 'string' ? [...notes, curves] : notes,
    };
  });
}

async function load(db: Database, files: readonly string[]): Promise<string[]> {
  const { sql } = await openPredicted(db, files);
  await db.run(`CREATE TABLE predicted AS SELECT truth, score, told FROM ${sql}`);
  const { lost } = await db.one(
    z.object({ lost: z.number() }),
    'SELECT count(*) FILTER (truth IS NULL OR told IS NULL)::DOUBLE AS lost FROM predicted',
  );
  await db.run('DELETE FROM predicted WHERE truth IS NULL OR told IS NULL');
  return lost === 0
    ? []
    : [`${plural(lost, 'row')} without a label, or without a probability from 0 to 1, left out`];
}

const figures = z.object({
  positives: z.number(),
  negatives: z.number(),
  scored: z.boolean().nullable(),
  binary: z.boolean().nullable(),
  brier: z.number().nullable(),
});

/** The curves, or why there are none. */
async function curvesOf(db: Database): Promise<Curves | string> {
  const positive = `truth = ${literal('1.0')}`;
  const { positives, negatives, scored, binary, brier } = await db.one(
    figures,
    `SELECT count(*) FILTER (${positive})::DOUBLE AS positives, count(*) FILTER (NOT (${positive}))::DOUBLE AS negatives,
      count(score) = count(*) AND count(*) > 0 AS scored, bool_and(truth IN ('0.0', '1.0')) AS binary,
      avg((score - (${positive})::INTEGER) ** 2) AS brier FROM predicted`,
  );
  if (scored !== true || brier === null) return 'no probabilities, so no curves';
  if (binary !== true) return 'labels are not 0 and 1, so no curves';
  if (positives === 0 || negatives === 0) return 'only one class among the labels, so no curves';
  await db.run(`CREATE TABLE curve AS
    SELECT score, p, n, sum(p) OVER upto AS tp, sum(n) OVER upto AS fp FROM (
      SELECT score, count(*) FILTER (${positive})::DOUBLE AS p, count(*) FILTER (NOT (${positive}))::DOUBLE AS n
      FROM predicted GROUP BY score
    ) WINDOW upto AS (ORDER BY score DESC ROWS UNBOUNDED PRECEDING)`);
  const areas = await db.one(
    z.object({ auc: z.number(), average: z.number() }),
    `SELECT sum(n * (tp - p / 2)) / ${positives * negatives} AS auc, sum(p * tp / (tp + fp)) / ${positives} AS average FROM curve`,
  );
  return {
    auc: areas.auc,
    averagePrecision: areas.average,
    brier,
    prevalence: positives / (positives + negatives),
    ...(await pointsOf(db, positives, negatives)),
    calibration: await db.all(
      z.object({ told: z.number(), seen: z.number(), count: z.number() }),
      `SELECT avg(score) AS told, avg((${positive})::INTEGER) AS seen, count(*)::DOUBLE AS count
      FROM predicted GROUP BY least(floor(score * ${calibrationBins}), ${calibrationBins - 1}) ORDER BY told`,
    ),
  };
}

/** Of steps too small to draw only the last is kept; both ends always are. */
async function pointsOf(
  db: Database,
  positives: number,
  negatives: number,
): Promise<Pick<Curves, 'roc' | 'precisionRecall'>> {
  const place = `floor(tp * ${steps} / ${positives}) * ${steps + 1} + floor(fp * ${steps} / ${negatives})`;
  const kept = await db.all(
    z.object({ tp: z.number(), fp: z.number() }),
    `SELECT tp, fp FROM curve QUALIFY ${place} IS DISTINCT FROM lead(${place}) OVER (ORDER BY score DESC)
    ORDER BY score DESC`,
  );
  return {
    roc: [
      { falsePositives: 0, truePositives: 0 },
      ...kept.map(({ tp, fp }) => ({ falsePositives: fp / negatives, truePositives: tp / positives })),
    ],
    precisionRecall: kept.map(({ tp, fp }) => ({ recall: tp / positives, precision: tp / (tp + fp) })),
  };
}

async function confusionOf(db: Database): Promise<Confusion> {
  const pairs = await db.all(
    z.object({ truth: z.string(), told: z.string(), count: z.number() }),
    `WITH classes AS (
      SELECT name FROM (SELECT truth AS name FROM predicted UNION ALL SELECT told FROM predicted)
      GROUP BY name ORDER BY count(*) DESC, name LIMIT ${shownClasses}
    ), named AS (
      SELECT CASE WHEN truth IN (FROM classes) THEN truth ELSE ${literal(others)} END AS truth,
        CASE WHEN told IN (FROM classes) THEN told ELSE ${literal(others)} END AS told FROM predicted
    ) SELECT truth, told, count(*)::DOUBLE AS count FROM named GROUP BY ALL`,
  );
  const known = [...new Set(pairs.flatMap(({ truth, told }) => [truth, told]))];
  const labels = known.sort((a, b) => Number(a === others) - Number(b === others) || (a < b ? -1 : 1));
  const counts = labels.map((truth) =>
    labels.map((told) => pairs.find((pair) => pair.truth === truth && pair.told === told)?.count ?? 0),
  );
  return { labels: labels.map((label) => label.replace(/^(-?\d+)\.0$/, '$1')), counts };
}
