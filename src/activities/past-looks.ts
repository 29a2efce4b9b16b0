import pLimit from 'p-limit';
import { z } from 'zod';
import { type AzureMl, listBlobs, readBlob, writeBlob } from '../azureml/index.js';
import type { PastLook } from '../domain/past-look.js';

/** What a trend is drawn of: a month of daily looks. */
const shownLooks = 30;
const parallel = 8;
const file = 'look.json';

const figures = z.record(z.string(), z.number());
const schema = z.object({
  atMs: z.number(),
  verdict: z.enum(['ok', 'breach', 'missing_data']),
  rows: z.number(),
  features: figures,
  predictions: figures,
  performance: figures,
});

/** Folder of an endpoint's looks, and within it of the one whose window ends at a time. */
export function looksFolder(project: string, endpoint: string): string {
  return `mlops/${project}/monitoring/${endpoint}`;
}

export function lookFolder(project: string, endpoint: string, atMs: number): string {
  return `${looksFolder(project, endpoint)}/${stamp(atMs)}`;
}

export async function writeLook(ml: AzureMl, folder: string, look: PastLook): Promise<void> {
  await writeBlob(ml, `${folder}/${file}`, `${JSON.stringify(look)}\n`);
}

/** The last looks before a time, oldest first. What somebody has spoilt is left out. */
export async function readLooks(ml: AzureMl, folder: string, beforeMs: number): Promise<PastLook[]> {
  const limit = stamp(beforeMs);
  const names = (await listBlobs(ml, `${folder}/`))
    .filter((name) => name.endsWith(`/${file}`) && name.slice(folder.length + 1) < limit)
    .slice(-(shownLooks - 1));
  const atOnce = pLimit(parallel);
  const texts = await Promise.all(names.map((name) => atOnce(() => readBlob(ml, name))));
  return texts.flatMap((text) => {
    const parsed = schema.safeParse(parse(text ?? ''));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Times as names of folders, in the order of time. */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replaceAll(':', '-');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
