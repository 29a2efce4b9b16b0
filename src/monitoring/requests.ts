import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { TEST_REQUEST } from '../domain/test-requests.js';
import { literal, literals } from './database.js';
import type { Database } from './database.js';
import { unreadable } from './columns.js';
import { listFiles } from './files.js';

/** The largest line that is read; the collector moves payloads above 4 MB to a side file. */
const largestLine = 64 * 1024 * 1024;

export interface CollectedRows {
  readonly rows: number;
  /** Lines that are no JSON (cut off by a collector that was stopped, say) or tell no time. */
  readonly brokenLines: number;
  /** The beginnings of some of them. */
  readonly brokenSamples: readonly string[];
  /** Requests in the window whose rows cannot be read by column name. */
  readonly unnamed: number;
}

const counts = z.object({ broken: z.number(), unnamed: z.number(), rows: z.number() });

/** Whether a line is of somebody's request, and of none that tested the deployment. */
export const isTraffic = `NOT starts_with(coalesce(correlationid, ''), ${literal(TEST_REQUEST)})`;

/** Loads the window's rows into the table `requests(row JSON)`. */
export async function loadRequests(
  db: Database,
  paths: readonly string[],
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<CollectedRows> {
  const files = (await listFiles(paths)).filter((file) => /\.jsonl$/i.test(file));
  await db.run('CREATE TABLE requests (row JSON)');
  if (files.length === 0) return { rows: 0, brokenLines: 0, brokenSamples: [], unnamed: 0 };
  const read = `read_json(${literals(files)}, format = 'newline_delimited', ignore_errors = true,
    maximum_object_size = ${largestLine}, columns = {"time": 'VARCHAR', "data": 'JSON', "correlationid": 'VARCHAR'})`;
  try {
    await db.run(`CREATE TABLE lines AS
      SELECT sent IS NULL AS broken, data,
        CASE json_type(data) WHEN 'ARRAY' THEN CAST(data AS JSON[]) WHEN 'OBJECT' THEN [data] ELSE [] END AS parts
      FROM (SELECT data, time, epoch_ms(TRY_CAST(time AS TIMESTAMPTZ)) AS sent FROM ${read} WHERE ${isTraffic})
      WHERE sent IS NULL OR (sent >= ${window.fromMs} AND sent < ${window.toMs})`);
  } catch (error) {
    throw unreadable(error);
  }
  await db.run(`INSERT INTO requests
    SELECT part FROM (SELECT unnest(parts) AS part FROM lines WHERE NOT broken) WHERE json_type(part) = 'OBJECT'`);
  const found = await db.one(
    counts,
    `SELECT count(*) FILTER (broken)::DOUBLE AS broken,
      count(*) FILTER (NOT broken AND NOT coalesce(list_bool_or([json_type(p) = 'OBJECT' FOR p IN parts]), false))::DOUBLE AS unnamed,
      (SELECT count(*) FROM requests)::DOUBLE AS rows FROM lines`,
  );
  await db.run('DROP TABLE lines');
  const brokenSamples = found.broken > 0 ? await brokenLinesOf(files) : [];
  return { rows: found.rows, brokenLines: found.broken, brokenSamples, unnamed: found.unnamed };
}

/**
 * JSON pointers (RFC 6901) to columns of a row, as an SQL list: a pointer, unlike DuckDB's `$.` paths, can name any
 * column.
 */
export function pointers(columns: readonly string[]): string {
  return literals(columns.map((column) => `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`));
}

const mostSamples = 3;
const sampleLength = 80;

async function brokenLinesOf(files: readonly string[]): Promise<string[]> {
  const samples: string[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      if (isRequest(line)) continue;
      samples.push(line.length > sampleLength ? `${line.slice(0, sampleLength)}…` : line);
      if (samples.length === mostSamples) return samples;
    }
  }
  return samples;
}

function isRequest(line: string): boolean {
  if (line.trim() === '') return true;
  try {
    const { time } = z.looseObject({ time: z.string() }).parse(JSON.parse(line));
    return !Number.isNaN(Date.parse(time));
  } catch {
    return false;
  }
}
