import { createInterface } from 'node:readline';
import type { BlobClient, ContainerClient } from '@azure/storage-blob';
import { parquetMetadataAsync } from 'hyparquet';
import { blobsOf, stored } from './blobs.js';
import type { BlobEntry } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { locateOutput } from './locations.js';

/** What a batch deployment of a model calls its only output. */
export const scoreOutput = 'score';

/** Predictions of a job. */
export interface BatchOutput {
  /** Of Parquet files as their footers count them, of others the lines that hold something. */
  readonly rows: number;
  readonly files: readonly string[];
  /** First row of the first file of lines. */
  readonly sample?: string;
  /** One sentence a file that is called Parquet and is none; its rows are not counted. */
  readonly unreadable: readonly string[];
}

const parquet = /\.(parquet|pq)$/i;

/** Counts the rows of a job's output, file by file, without holding them. */
export async function batchOutput(ml: AzureMl, job: string, output = scoreOutput): Promise<BatchOutput> {
  const { container, prefix } = await locateOutput(ml, job, output);
  // Blobs of size 0 may stand for folders, those of Spark's `table.parquet/` among them.
  const found = (await blobsOf(container, prefix)).filter(({ size }) => size > 0);
  const counts: Counted[] = [];
  for (const entry of found) counts.push(await countRows(container, entry));
  const sample = counts.find((counted) => counted.sample !== undefined)?.sample;
  return {
    rows: counts.reduce((sum, { rows = 0 }) => sum + rows, 0),
    files: found.map(({ name }) => name.slice(prefix.length).replace(/^\/+/, '')),
    ...(sample !== undefined && { sample }),
    unreadable: counts.flatMap(({ unreadable = [] }) => unreadable),
  };
}

type Counted = Partial<Omit<BatchOutput, 'files'>>;

async function countRows(container: ContainerClient, entry: BlobEntry): Promise<Counted> {
  const blob = container.getBlobClient(entry.name);
  if (parquet.test(entry.name)) return await countInFooter(blob, entry);
  return await stored(`read ${entry.name}`, () => countLines(blob));
}

const longestSample = 200;

async function countLines(blob: BlobClient): Promise<Counted> {
  const { readableStreamBody: input } = await blob.download();
  if (input === undefined) return { rows: 0 };
  let rows = 0;
  let sample: string | undefined;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    rows += 1;
    sample ??= line.slice(0, longestSample);
  }
  return { rows, ...(sample !== undefined && { sample }) };
}

/** Reads the end of a file only, however large it is. */
async function countInFooter(blob: BlobClient, { name, size }: BlobEntry): Promise<Counted> {
  const slice = async (start: number, end = size) => {
    const bytes = await stored(`read ${name}`, () => blob.downloadToBuffer(start, end - start));
    return new Uint8Array(bytes).buffer;
  };
  try {
    return { rows: Number((await parquetMetadataAsync({ byteLength: size, slice })).num_rows) };
  } catch (thrown) {
    if (thrown instanceof AzureError || !(thrown instanceof Error)) throw thrown;
    return { unreadable: [`${name} is no readable Parquet file: ${thrown.message}`] };
  }
}
