import { type Column, columnsOf } from './columns.js';
import type { Database } from './database.js';
import { listFiles } from './files.js';
import { byFormat, type Source } from './formats.js';
import { mltableAt } from './mltable.js';
import { UnreadableData } from './types.js';

export interface Table extends Source {
  readonly columns: readonly Column[];
}

/**
 * A table over files of any of the known formats and folders with an `MLTable`, columns matched by name; folders named
 * `column=value` add that column, as in Spark.
 * @throws UnreadableData when there is no file of a known format, or one that cannot be read.
 */
export async function openTable(db: Database, paths: readonly string[]): Promise<Table> {
  const described = await Promise.all(paths.map((path) => mltableAt(db, path)));
  const plain = paths.filter((_, index) => described[index] === undefined);
  const sources = [
    ...described.filter((source) => source !== undefined),
    ...byFormat(await listFiles(plain)),
  ];
  if (sources.length === 0) {
    const found = paths.length === 0 ? 'no path was given' : `nothing readable lies at ${paths.join(', ')}`;
    throw new UnreadableData(`${found}; tables are read from .csv, .tsv, .parquet, .jsonl and .json files`);
  }
  const selects = sources.map(({ sql }) => `SELECT * FROM ${sql}`);
  const sql = `(${selects.join(' UNION ALL BY NAME ')})`;
  const columns = await columnsOf(db, sql);
  return {
    ...{ sql, columns },
    files: sources.flatMap(({ files }) => files),
    indexed: sources.every(({ indexed }) => indexed),
  };
}
