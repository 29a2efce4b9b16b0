import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { datastore } from '../../src/azureml/blobs.js';
import { batchOutput } from '../../src/azureml/index.js';
import type { AzureMl } from '../../src/azureml/index.js';
import { setUp, startAzure } from './support/workspace.js';
import type { TestAzure } from './support/workspace.js';

let azure: TestAzure;
let ml: AzureMl;
beforeAll(async () => {
  azure = await startAzure();
  ml = azure.connect('dev');
  await setUp(ml, []);
});
afterAll(() => azure.stop());

/** Puts files where a job writes its output `score`. */
async function wrote(job: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const { container } = await datastore(ml, 'workspaceblobstore');
  for (const [name, content] of Object.entries(files)) {
    const blob = container.getBlockBlobClient(`azureml/${job}/score/${name}`);
    await blob.uploadData(Buffer.from(content));
  }
}

/** A Parquet file as DuckDB writes it, in several row groups. */
async function parquet(rows: number): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'batch-output-'));
  try {
    const path = join(folder, 'rows.parquet');
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(
      `COPY (SELECT range AS id, 'in time' AS late FROM range(${rows})) TO '${path}' (ROW_GROUP_SIZE 2048)`,
    );
    connection.closeSync();
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('counts lines that hold something, and shows the first', async () => {
  await wrote('lines', { 'late.csv': 'A-1,late\r\n\r\nA-2,in time\n', 'more/late.jsonl': '{"late":true}' });
  expect(await batchOutput(ml, 'lines')).toEqual({
    rows: 3,
    files: ['late.csv', 'more/late.jsonl'],
    sample: 'A-1,late',
    unreadable: [],
  });
});

it('counts the rows of Parquet files, none of an empty table or of what stands for a folder', async () => {
  await wrote('table', {
    'a.parquet': await parquet(5_000),
    'b.PQ': await parquet(1),
    'none.parquet': await parquet(0),
    'spark.parquet': '',
    'spark.parquet/part-0.parquet': await parquet(2),
  });
  const { rows, files, ...others } = await batchOutput(ml, 'table');
  expect(rows).toBe(5_003);
  expect(files).not.toContain('spark.parquet');
  expect(others).toEqual({ unreadable: [] });
});

it('names what is called Parquet and is none, and counts the others', async () => {
  const whole = await parquet(3);
  await wrote('broken', {
    'cut.parquet': whole.subarray(0, whole.length - 20),
    'lines.parquet': 'id,late\n1,true\n',
    'tiny.parquet': 'x',
    'whole.parquet': whole,
  });
  const { rows, unreadable } = await batchOutput(ml, 'broken');
  expect(rows).toBe(3);
  expect(unreadable.map((why) => why.replace(/: .*/, ''))).toEqual(
    ['cut', 'lines', 'tiny'].map(
      (name) => `azureml/broken/score/${name}.parquet is no readable Parquet file`,
    ),
  );
});
