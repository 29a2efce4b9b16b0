import { z } from 'zod';
import { identifier } from './database.js';
import type { Database } from './database.js';
import { UnreadableData } from './types.js';

export interface Column {
  readonly name: string;
  /** DuckDB's name of it, `BIGINT`. */
  readonly type: string;
}

/** @throws UnreadableData where the relation cannot be read */
export async function columnsOf(db: Database, sql: string): Promise<Column[]> {
  const row = z.object({ column_name: z.string(), column_type: z.string() });
  try {
    const rows = await db.all(row, `DESCRIBE SELECT * FROM ${sql}`);
    return rows.map(({ column_name, column_type }) => ({ name: column_name, type: column_type }));
  } catch (error) {
    throw unreadable(error);
  }
}

/** Errors that tell of a mistake in our SQL, not in somebody's file. */
const ownMistakes = /^(Binder|Catalog|Parser|Internal) Error/;

/** DuckDB's error as this folder's, shortened to the sentences that say what and where; other errors as they are. */
export function unreadable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UnreadableData || ownMistakes.test(error.message))
    return error;
  return new UnreadableData(error.message.split('\n').slice(0, 4).join(' ').slice(0, 600), { cause: error });
}

const floats = /^(FLOAT|DOUBLE)$/;

/** An SQL condition that holds where a column has a value: neither NULL nor, as pandas counts, NaN. */
export function hasValue({ name, type }: Column): string {
  const column = identifier(name);
  return floats.test(type) ? `(${column} IS NOT NULL AND NOT isnan(${column}))` : `${column} IS NOT NULL`;
}
