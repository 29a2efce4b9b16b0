import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { compareText } from '../domain/text.js';
import { identifier, literals } from './database.js';
import type { Database } from './database.js';
import { UnreadableData } from './types.js';

/** The spellings of a missing value that pandas.read_csv knows, so that both see the same table. */
const nullSpellings = [
  ...['', '#N/A', '#N/A N/A', '#NA', '-1.#IND', '-1.#QNAN', '-NaN', '-nan', '1.#IND', '1.#QNAN'],
  ...['<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null'],
];

const parquet = /\.(parquet|pq)$/i;

const formats: readonly { readonly suffix: RegExp; readonly read: (files: readonly string[]) => string }[] = [
  {
    suffix: /\.(csv|tsv)(\.gz)?$/i,
    // `header`: guessing it fails where every column is text. `sample_size`: one late `n.a.` must not break the read.
    read: (files) =>
      `read_csv(${literals(files)}, header = true, union_by_name = true, sample_size = -1, nullstr = ${literals(nullSpellings)})`,
  },
  {
    suffix: parquet,
    read: (files) => `read_parquet(${literals(files)}, union_by_name = true)`,
  },
  {
    suffix: /\.(jsonl|ndjson|json)(\.gz)?$/i,
    read: (files) => `read_json(${literals(files)}, union_by_name = true, sample_size = -1)`,
  },
];

export interface Column {
  readonly name: string;
  /** DuckDB's name of it, `BIGINT`. */
  readonly type: string;
}

export interface Table {
  /** A relation to select from. */
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly files: readonly string[];
  /** Whether the files tell bounds and counts of their columns, and are read by column. */
  readonly indexed: boolean;
}

/**
 * A table over files of any of the known formats, columns matched by name; folders named `column=value` add that
 * column, as in Spark.
 * @throws UnreadableData when there is no file of a known format, or one that cannot be read.
 */
export async function openTable(db: Database, paths: readonly string[]): Promise<Table> {
  const files = await listFiles(paths);
  const selects = formats
    .map(({ suffix, read }) => ({ read, own: files.filter((file) => suffix.test(file)) }))
    .filter(({ own }) => own.length > 0)
    .map(({ read, own }) => `SELECT * FROM ${read(own)}`);
  if (selects.length === 0) {
    const found = paths.length === 0 ? 'no path was given' : `nothing readable lies at ${paths.join(', ')}`;
    throw new UnreadableData(`${found}; tables are read from .csv, .tsv, .parquet, .jsonl and .json files`);
  }
  const sql = `(${selects.join(' UNION ALL BY NAME ')})`;
  const columns = await describe(db, sql);
  return { sql, columns, files, indexed: files.every((file) => parquet.test(file)) };
}

async function describe(db: Database, sql: string): Promise<Column[]> {
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

/** Files at the paths, folders walked; hidden files and markers such as `_SUCCESS` are no data. */
export async function listFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(listPath));
  return [...new Set(found.flat())].sort(compareText);
}

async function listPath(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return [];
  if (!info.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const floats = /^(FLOAT|DOUBLE)$/;

/** An SQL condition that holds where a column has a value: neither NULL nor, as pandas counts, NaN. */
export function hasValue({ name, type }: Column): string {
  const column = identifier(name);
  return floats.test(type) ? `(${column} IS NOT NULL AND NOT isnan(${column}))` : `${column} IS NOT NULL`;
}
