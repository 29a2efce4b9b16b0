import type { Samples } from './distances.js';
import { identifier } from './database.js';
import type { Database } from './database.js';
import type { Feature } from './features.js';
import { pointers } from './requests.js';
import type { Table } from './tables.js';

/** Beyond this a difference of two numbers may overflow, and a distance would be no number. */
const largest = '1e300';

/**
 * Makes the tables `baseline(f0, f1, …)` and `current(f0, m0, f1, m1, …)`, a column a feature in the order given:
 * `f` the value as the baseline's type has it, NULL where it is missing; `m` whether there was one of another type.
 */
export async function makeSamples(db: Database, table: Table, features: readonly Feature[]): Promise<void> {
  const base = features.map((feature, i) => `${baselineValue(feature)} AS f${i}`);
  await db.run(`CREATE TABLE baseline AS SELECT ${base.join(', ')} FROM ${table.sql}`);
  const current = features.flatMap((feature, i) => [
    `${requestValue(feature, i)} AS f${i}`,
    `${isMismatch(feature, i)} AS m${i}`,
  ]);
  // One look into a row's JSON for all features: parsing it is what takes time.
  const texts = `SELECT json_extract_string(row, ${pointers(features.map(({ column }) => column.name))}) AS texts FROM requests`;
  await db.run(`CREATE TABLE current AS SELECT ${current.join(', ')} FROM (${texts})`);
}

/** The values of the feature at `index` on both sides. */
export function samplesOf(index: number): Samples {
  const of = (table: string): string => `(SELECT f${index} AS v FROM ${table} WHERE f${index} IS NOT NULL)`;
  return { baseline: of('baseline'), current: of('current') };
}

function baselineValue({ column, type }: Feature): string {
  const name = identifier(column.name);
  return type === 'numerical' ? usable(`CAST(${name} AS DOUBLE)`) : `nullif(CAST(${name} AS VARCHAR), '')`;
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
