import { literal } from './database.js';
import type { Database } from './database.js';
import { plainClass } from './labels.js';
import { openTable } from './tables.js';
import { UnreadableData } from './types.js';

/** Held-out predictions as a relation. */
export interface PredictedTable {
  /** Selects `truth` and `told` (classes in plain spelling), `score` (0 to 1, else NULL) and, where there is one, `id`. */
  readonly sql: string;
  readonly hasId: boolean;
}

/**
 * Opens a table with `label` (what is true), `probability` (of the positive class, 1 or true) or `prediction` (a class
 * or a number), or both; without a prediction 0.5 decides.
 * @throws UnreadableData when it cannot be read, or lacks these columns.
 */
export async function openPredicted(db: Database, files: readonly string[]): Promise<PredictedTable> {
  const { sql, columns } = await openTable(db, files);
  const has = (name: string): boolean => columns.some((column) => column.name === name);
  if (!has('label') || !(has('probability') || has('prediction'))) {
    const found = columns.map(({ name }) => name).join(', ');
    throw new UnreadableData(
      `predictions need the columns label and probability (or prediction); they have ${found}`,
    );
  }
  const score = has('probability') ? 'TRY_CAST(probability AS DOUBLE)' : 'NULL';
  const decided = `CASE WHEN score >= 0.5 THEN ${literal('1.0')} WHEN score < 0.5 THEN ${literal('0.0')} END`;
  const id = has('id') ? 'CAST(id AS VARCHAR) AS id' : undefined;
  return {
    hasId: id !== undefined,
    sql: `(SELECT ${id === undefined ? '' : 'id, '}truth, score, ${has('prediction') ? `coalesce(told, ${decided})` : decided} AS told FROM (
      SELECT ${id === undefined ? '' : `${id}, `}${plainClass('label')} AS truth, ${has('prediction') ? plainClass('prediction') : 'NULL'} AS told,
        CASE WHEN ${score} BETWEEN 0 AND 1 THEN ${score} END AS score
      FROM ${sql}
    ))`,
  };
}
