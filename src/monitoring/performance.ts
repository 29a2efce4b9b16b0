import { z } from 'zod';
import type { Performance } from '../domain/performance.js';
import { identifier, literal, literals, withDatabase } from './database.js';
import type { Database } from './database.js';
import { plainClass } from './labels.js';
import { isTraffic, pointers } from './requests.js';
import { listFiles } from './files.js';
import { openTable } from './tables.js';
import { UnreadableData } from './types.js';

export interface PerformanceInput {
  /** The data collector's `model_outputs` files, or folders of them. */
  readonly collectedOutputs: readonly string[];
  /** A table with a row a prediction: its correlation id, and what turned out to be true. */
  readonly labels: readonly string[];
  readonly columns: {
    /** Of the labels: the request's correlation id; of requests of several rows with `_0`, `_1`, … behind it. */
    readonly id: string;
    readonly label: string;
    /** Of the outputs: the predicted class. */
    readonly prediction: string;
    /** Of the outputs: the probability of the positive class, 1 or true. */
    readonly probability?: string;
  };
  readonly windowFromMs: number;
  readonly windowToMs: number;
}

/** Probabilities nearer to 0 or 1 than this are taken as this near, as scikit-learn does. */
const leastProbability = 2 ** -52;

/**
 * Joins predictions with labels that came later, by correlation id. Accuracy and F1 as scikit-learn has them: of the
 * positive class where the labels are 0 and 1 (or booleans), else the mean over the classes. AUC and log loss need a
 * probability and labels of 0 and 1.
 * @throws UnreadableData when the labels cannot be read or lack a column.
 */
export function measurePerformance(input: PerformanceInput): Promise<Performance> {
  return withDatabase(async (db) => {
    await loadOutputs(db, input);
    await joinLabels(db, input);
    const { predictions } = await db.one(
      z.object({ predictions: z.number() }),
      'SELECT count(*)::DOUBLE AS predictions FROM outputs',
    );
    return { predictions, ...(await metricsOf(db)) };
  });
}

async function loadOutputs(db: Database, input: PerformanceInput): Promise<void> {
  const { prediction, probability } = input.columns;
  await db.run('CREATE TABLE outputs (id VARCHAR, predicted VARCHAR, score DOUBLE)');
  const files = (await listFiles(input.collectedOutputs)).filter((file) => /\.jsonl$/i.test(file));
  if (files.length === 0) return;
  const wanted = pointers([prediction, ...(probability === undefined ? [] : [probability])]);
  await db.run(`INSERT INTO outputs
    SELECT CASE WHEN total > 1 THEN correlationid || '_' || place ELSE correlationid END,
      ${plainClass('texts[1]')}, TRY_CAST(texts[2] AS DOUBLE)
    FROM (
      SELECT correlationid, total, place - 1 AS place, json_extract_string(part, ${wanted}) AS texts
      FROM (
        SELECT correlationid, len(parts) AS total, unnest(parts) AS part, generate_subscripts(parts, 1) AS place
        FROM (
          SELECT correlationid,
            CASE json_type(data) WHEN 'ARRAY' THEN CAST(data AS JSON[]) WHEN 'OBJECT' THEN [data] ELSE [] END AS parts
          FROM read_json(${literals(files)}, format = 'newline_delimited', ignore_errors = true,
            columns = {"time": 'VARCHAR', "data": 'JSON', "correlationid": 'VARCHAR'})
          WHERE ${isTraffic} AND epoch_ms(TRY_CAST(time AS TIMESTAMPTZ)) >= ${input.windowFromMs}
            AND epoch_ms(TRY_CAST(time AS TIMESTAMPTZ)) < ${input.windowToMs}
        )
      )
    ) WHERE texts[1] IS NOT NULL`);
}

async function joinLabels(db: Database, { labels, columns }: PerformanceInput): Promise<void> {
  const table = await openTable(db, labels);
  const names = table.columns.map(({ name }) => name);
  const lacking = [columns.id, columns.label].filter((name) => !names.includes(name));
  if (lacking.length > 0)
    throw new UnreadableData(
      `the labels have no column ${lacking.join(', ')}; they have ${names.join(', ')}`,
    );
  await db.run(`CREATE TABLE joined AS
    SELECT truth, predicted, score FROM outputs JOIN (
      SELECT CAST(${identifier(columns.id)} AS VARCHAR) AS id, ${plainClass(identifier(columns.label))} AS truth
      FROM ${table.sql} WHERE ${identifier(columns.label)} IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY id) = 1
    ) AS labels USING (id)`);
}

const whole = z.object({
  labelled: z.number(),
  accuracy: z.number().nullable(),
  binary: z.boolean().nullable(),
  auc: z.number().nullable(),
  log_loss: z.number().nullable(),
});

async function metricsOf(db: Database): Promise<Pick<Performance, 'labelled' | 'metrics'>> {
  const near = `least(greatest(score, ${leastProbability}), ${1 - leastProbability})`;
  const found = await db.one(
    whole,
    `WITH ranked AS (
      SELECT *, truth = '1.0' AS positive,
        rank() OVER (ORDER BY score) + (count(*) OVER (PARTITION BY score) - 1) / 2.0 AS place
      FROM joined
    ), counts AS (
      SELECT count(*) FILTER (positive)::DOUBLE AS p, count(*) FILTER (NOT positive)::DOUBLE AS n FROM ranked
    )
    SELECT count(*)::DOUBLE AS labelled, avg((truth = predicted)::INTEGER) AS accuracy,
      bool_and(truth IN (${literal('0.0')}, ${literal('1.0')})) AS binary,
      CASE WHEN count(score) = count(*) AND any_value(p) > 0 AND any_value(n) > 0
        THEN (sum(place) FILTER (positive) - any_value(p) * (any_value(p) + 1) / 2) / (any_value(p) * any_value(n)) END::DOUBLE AS auc,
      CASE WHEN count(score) = count(*) THEN -avg(ln(CASE WHEN positive THEN ${near} ELSE 1 - ${near} END)) END AS log_loss
    FROM ranked, counts`,
  );
  const f1 = await f1Of(db, found.binary === true);
  const { labelled, accuracy, auc, log_loss } = found;
  const all = { accuracy, f1, ...(found.binary === true && { auc, log_loss }) };
  const known = Object.entries(all).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { labelled, metrics: Object.fromEntries(known) };
}

async function f1Of(db: Database, binary: boolean): Promise<number | null> {
  const { f1 } = await db.one(
    z.object({ f1: z.number().nullable() }),
    `SELECT avg(2 * hits / nullif(2 * hits + wrong, 0)) AS f1 FROM (
      SELECT label, count(*) FILTER (truth = label AND predicted = label)::DOUBLE AS hits,
        count(*) FILTER ((truth = label) <> (predicted = label))::DOUBLE AS wrong
      FROM joined, (SELECT DISTINCT truth AS label FROM joined UNION SELECT predicted FROM joined) AS classes
      GROUP BY label
    ) ${binary ? `WHERE label = ${literal('1.0')}` : ''}`,
  );
  return f1;
}
