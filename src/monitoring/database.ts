import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { z } from 'zod';

/** What DuckDB may hold in memory; beyond it, it spills to the temporary folder. */
const memoryLimit = '512MB';

export interface Database {
  run(sql: string): Promise<void>;
  /** All rows of a small result, decoded; whole numbers of any width arrive as numbers. */
  all<T>(schema: z.ZodType<T>, sql: string): Promise<T[]>;
  /** The columns of a larger result, in the order selected. */
  columns<T>(schema: z.ZodType<T>, sql: string): Promise<T>;
  /** The only row of an aggregate. */
  one<T>(schema: z.ZodType<T>, sql: string): Promise<T>;
}

/** Opens a database in a temporary folder, and removes it when `use` has ended. */
export async function withDatabase<T>(use: (db: Database) => Promise<T>): Promise<T> {
  // Loading DuckDB's native library takes half a second, which a worker's start need not pay for.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const folder = await mkdtemp(join(tmpdir(), 'mlops-duckdb-'));
  try {
    const instance = await DuckDBInstance.create(join(folder, 'data.duckdb'), {
      memory_limit: memoryLimit,
      temp_directory: join(folder, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'false',
      // Groups of 16 bits are counted in an array instead of a hash table: `numbers/tally.ts` counts cells that way.
      perfect_ht_threshold: '18',
    });
    try {
      return await use(database(await instance.connect()));
    } finally {
      instance.closeSync();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function database(connection: DuckDBConnection): Database {
  const all = async <T>(schema: z.ZodType<T>, sql: string): Promise<T[]> => {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map((row) => schema.parse(mapValues(row)));
  };
  return {
    all,
    columns: async (schema, sql) => {
      const reader = await connection.runAndReadAll(sql);
      return schema.parse(reader.getColumnsJS());
    },
    run: async (sql) => {
      await connection.run(sql);
    },
    one: async (schema, sql) => {
      const [row] = await all(schema, sql);
      if (row === undefined) throw new Error(`no row came of: ${sql}`);
      return row;
    },
  };
}

function mapValues(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
  );
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`;
}
