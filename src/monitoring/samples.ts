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
  const columns = features.map((feature, i) => `${columnValue(feature)} AS f${i}`);
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

/** Makes `current` of a table that has the baseline's columns. */
export async function makeCurrentOf(db: Database, table: Table, features: readonly Feature[]): Promise<void> {
  const columns = features.flatMap((feature, i) => [`${columnValue(feature)} AS f${i}`, `false AS m${i}`]);
  await db.run(
    `CREATE ${table.indexed ? 'VIEW' : 'TABLE'} current AS SELECT ${columns.join(', ')} FROM ${table.sql}`,
  );
}

/** The values of the feature at `index` on both sides. */
export function samplesOf(index: number): Samples {
  const of = (table: string): string => `(SELECT f${index} AS v FROM ${table} WHERE f${index} IS NOT NULL)`;
  return { baseline: of('baseline'), current: of('current') };
}

function columnValue({ column, type }: Feature): string {
  const name = identifier(column.name);
  return type === 'numerical' ? `CAST(${name} AS DOUBLE)` : `nullif(CAST(${name} AS VARCHAR), '')`;
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
