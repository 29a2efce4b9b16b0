import { z } from 'zod';
import { identifier } from './database.js';
import type { Database } from './database.js';
import type { Feature } from './features.js';
import { pointers } from './requests.js';
import type { Table } from './tables.js';

/** Two relations with a column `v`. Categories are text, of numbers only those that are usable count. */
export interface Samples {
  readonly baseline: string;
  readonly current: string;
}

/** Beyond this a difference of two numbers may overflow, and a distance would be no number. */
export const largest = '1e300';

/**
 * Makes `baseline(f0, f1, …)`, a column a feature in the order given: the value as its type has it, NULL where it is
 * missing. Parquet is read where it lies, for its statistics answer much without a look at the data.
 */
export async function makeBaseline(db: Database, table: Table, features: readonly Feature[]): Promise<void> {
  const columns = features.map((feature, i) => `${columnValue(feature, table)} AS f${i}`);
  await db.run(
    `CREATE ${table.indexed ? 'VIEW' : 'TABLE'} baseline AS SELECT ${columns.join(', ')} FROM ${table.sql}`,
  );
}

/** Makes `current(f0, m0, f1, m1, …)` of requests: `f` as for the baseline, `m` whether there was a value of another type. */
export async function makeCurrent(
  db: Database,
  features: readonly Feature[],
  carriedAs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const columns = features.flatMap((feature, i) => [
    `${requestValue(feature, i)} AS f${i}`,
    `${isMismatch(feature, i)} AS m${i}`,
  ]);
  // One look into a row's JSON for all features: parsing it is what takes time.
  const texts = `SELECT json_extract_string(row, ${pointers(features.map(({ column }) => carriedAs[column.name] ?? column.name))}) AS texts FROM requests`;
  await db.run(`CREATE TABLE current AS SELECT ${columns.join(', ')} FROM (${texts})`);
}

/** How many values of each feature are of another type, in a table that `makeCurrent` made. */
export async function countMismatches(db: Database, features: readonly Feature[]): Promise<number[]> {
  if (features.length === 0) return [];
  const counts = features.map((_, i) => `count(*) FILTER (m${i})::DOUBLE AS m${i}`);
  const row = await db.one(z.record(z.string(), z.number()), `SELECT ${counts.join(', ')} FROM current`);
  return features.map((_, i) => row[`m${i}`] ?? 0);
}

/** Makes `current(f0, f1, …)` of a table that has the baseline's columns; a value of another type breaks the read. */
export async function makeCurrentOf(db: Database, table: Table, features: readonly Feature[]): Promise<void> {
  const columns = features.map((feature, i) => `${columnValue(feature, table)} AS f${i}`);
  await db.run(
    `CREATE ${table.indexed ? 'VIEW' : 'TABLE'} current AS SELECT ${columns.join(', ')} FROM ${table.sql}`,
  );
}

/** The values of the feature at `index` on both sides. */
export function samplesOf(index: number): Samples {
  const of = (table: string): string => `(SELECT f${index} AS v FROM ${table} WHERE f${index} IS NOT NULL)`;
  return { baseline: of('baseline'), current: of('current') };
}

/** Whole numbers keep their type: their bounds then come of the file's statistics, and they count in an array. */
const whole = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT)$/;

function columnValue({ column, type }: Feature, { columns }: Table): string {
  const name = identifier(column.name);
  if (type === 'categorical') return `nullif(CAST(${name} AS VARCHAR), '')`;
  const own = columns.find((other) => other.name === column.name)?.type ?? '';
  return whole.test(own) ? name : `CAST(${name} AS DOUBLE)`;
}

function requestText(index: number): string {
  return `nullif(texts[${index + 1}], '')`;
}

function requestValue({ column, type }: Feature, index: number): string {
  const text = requestText(index);
  if (type === 'numerical') return usable(`TRY_CAST(${text} AS DOUBLE)`);
  // `True` of Python and `1` are the baseline's `true`.
  return column.type === 'BOOLEAN' ? `CAST(TRY_CAST(${text} AS BOOLEAN) AS VARCHAR)` : text;
}

function isMismatch(feature: Feature, index: number): string {
  const text = requestText(index);
  const notNaN =
    feature.type === 'numerical' ? ` AND NOT coalesce(isnan(TRY_CAST(${text} AS DOUBLE)), false)` : '';
  return `(${text} IS NOT NULL AND ${requestValue(feature, index)} IS NULL${notNaN})`;
}

function usable(value: string): string {
  return `CASE WHEN abs(${value}) <= ${largest} THEN ${value} END`;
}
