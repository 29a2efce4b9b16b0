import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { columnsOf } from './columns.js';
import { identifier, literal, literals } from './database.js';
import type { Database } from './database.js';
import { listFiles } from './files.js';
import { csv, json, parquet, type Source } from './formats.js';
import { UnreadableData } from './types.js';

const columns = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const none = z.literal(false).default(false);

const delimited = z
  .strictObject({
    delimiter: z.string().default(','),
    header: z.literal('all_files_same_headers').default('all_files_same_headers'),
    encoding: z.enum(['utf8', 'utf8bom', 'ascii', 'iso88591', 'latin1', 'utf16']).default('utf8'),
    infer_column_types: z.union([z.boolean(), z.looseObject({})]).default(true),
    support_multi_line: z.boolean().default(false),
    empty_as_string: none,
    include_path_column: none,
  })
  .prefault({});
const encodings = { utf8: 'utf-8', utf8bom: 'utf-8', ascii: 'utf-8', utf16: 'utf-16' } as const;

const jsonLines = z
  .strictObject({
    // DuckDB makes an empty row of what it cannot read.
    invalid_lines: z.literal('error').default('error'),
    encoding: z.literal('utf8').default('utf8'),
    include_path_column: none,
  })
  .prefault({});

const castTypes = { int: 'BIGINT', float: 'DOUBLE', string: 'VARCHAR', boolean: 'BOOLEAN' } as const;
const casts = z.array(
  z.strictObject({ columns, column_type: z.enum(['int', 'float', 'string', 'boolean']) }),
);

/** How a reading transformation reads files. */
const readers = {
  read_delimited: (files: readonly string[], options: unknown) => {
    const { delimiter, encoding, infer_column_types } = delimited.parse(options ?? undefined);
    return csv(files, {
      delim: literal(delimiter),
      encoding: literal(encoding in encodings ? encodings[encoding as keyof typeof encodings] : 'latin-1'),
      ...(infer_column_types === false && { all_varchar: 'true' }),
    });
  },
  read_parquet: (files: readonly string[], options: unknown) => {
    z.strictObject({ include_path_column: none })
      .prefault({})
      .parse(options ?? undefined);
    return parquet(files);
  },
  read_json_lines: (files: readonly string[], options: unknown) => {
    jsonLines.parse(options ?? undefined);
    return json(files, { format: literal('newline_delimited') });
  },
} as const;

/** What a transformation makes of a relation that has the columns `known`. */
const steps = {
  keep_columns: (sql: string, options: unknown, known: readonly string[]) =>
    `(SELECT ${named(options, known)} FROM ${sql})`,
  drop_columns: (sql: string, options: unknown, known: readonly string[]) =>
    `(SELECT * EXCLUDE (${named(options, known)}) FROM ${sql})`,
  convert_column_types: (sql: string, options: unknown, known: readonly string[]) => {
    const replaced = casts
      .parse(options)
      .flatMap(({ columns: names, column_type }) =>
        existing(names, known).map((name) => `CAST(${name} AS ${castTypes[column_type]}) AS ${name}`),
      );
    return `(SELECT * REPLACE (${replaced.join(', ')}) FROM ${sql})`;
  },
} as const;

function named(options: unknown, known: readonly string[]): string {
  return existing(columns.parse(options), known).join(', ');
}

/** Columns as SQL identifiers, each of which is there. */
function existing(wanted: readonly string[], known: readonly string[]): string[] {
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length === 0) return wanted.map(identifier);
  throw new UnreadableData(
    `MLTable: there is no column ${unknown.join(', ')}; the files have ${known.join(', ')}`,
  );
}

const entry = z.union([
  z.strictObject({ file: z.string() }),
  z.strictObject({ folder: z.string() }),
  z.strictObject({ pattern: z.string() }),
]);
const table = z.looseObject({
  paths: z.array(entry).min(1),
  transformations: z
    .array(z.union([z.string().transform((name) => ({ [name]: null })), z.record(z.string(), z.unknown())]))
    .default([]),
});
type Transformation = readonly [name: string, options: unknown];

/**
 * The table that the file `MLTable` of a folder describes; undefined where there is none. Read are files of the
 * folder, by the transformations that name columns and formats; the format is
 * https://learn.microsoft.com/azure/machine-learning/reference-yaml-mltable.
 * @throws UnreadableData when the file asks for anything else: a table that is read otherwise is another table.
 */
export async function mltableAt(db: Database, folder: string): Promise<Source | undefined> {
  const text = await readFile(join(folder, 'MLTable'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { paths, transformations } = parsed(text);
  const files = (await Promise.all(paths.map((one) => filesAt(db, folder, one)))).flat();
  if (files.length === 0) throw new UnreadableData('MLTable: its paths name no file');
  const [reading, ...rest] = transformations.flatMap((one): Transformation[] => Object.entries(one));
  const isReading = reading !== undefined && reading[0] in readers;
  const reader = isReading ? readers[reading[0] as keyof typeof readers] : undefined;
  if (reader === undefined) throw unsupported(reading?.[0] ?? 'no transformation', 'first', readers);
  const first = explained(reading?.[0] ?? '', () => reader(files, reading?.[1]));
  let sql = first.sql;
  for (const [name, options] of rest) {
    if (!(name in steps)) throw unsupported(name, 'then', steps);
    const known = (await columnsOf(db, sql)).map((column) => column.name);
    sql = explained(name, () => steps[name as keyof typeof steps](sql, options, known));
  }
  return { ...first, sql, files };
}

function parsed(text: string): z.infer<typeof table> {
  return explained('MLTable', () => {
    let value: unknown;
    try {
      value = load(text);
    } catch (error) {
      throw new UnreadableData(`MLTable is no YAML: ${(error as Error).message.split('\n')[0] ?? ''}`);
    }
    return table.parse(value);
  });
}

async function filesAt(db: Database, folder: string, one: z.infer<typeof entry>): Promise<string[]> {
  const written = Object.values(one)[0] ?? '';
  const path = resolve(folder, written);
  const isInside = path === resolve(folder) || path.startsWith(resolve(folder) + sep);
  if (/^[a-z]+:\/\//i.test(written) || written.startsWith('azureml:') || !isInside) {
    throw new UnreadableData(
      `MLTable: ${written} lies outside the folder of the asset; only files beside MLTable are read`,
    );
  }
  if (!('pattern' in one))
    return (await listFiles([path])).filter((file) => file !== join(folder, 'MLTable'));
  const found = await db.all(
    z.object({ file: z.string() }),
    `SELECT file FROM glob(${literals([path])}) ORDER BY file`,
  );
  return found.map(({ file }) => file);
}

function unsupported(name: string, place: 'first' | 'then', allowed: object): UnreadableData {
  const names = Object.keys(allowed).join(', ');
  return new UnreadableData(`MLTable: ${name} is not read here; ${place} come ${names}`);
}

/** A mistake in the file, told as one of the data. */
function explained<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const told = error.issues.map(({ path, message }) => `${[where, ...path].join('.')}: ${message}`);
    throw new UnreadableData(`MLTable: ${told.join('; ')}`);
  }
}
