import { createHash } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import type { ModelType } from '../domain/model.js';
import { blobsOf, contentOf, stored } from './blobs.js';
import type { BlobEntry } from './blobs.js';
import type { AzureMl } from './client.js';
import { getJob } from './jobs.js';
import { locateOutput } from './locations.js';
import type { JobModel, Json } from './types.js';
import { parseYaml } from './yaml/parse.js';

const logNames =
  /user_logs\/std_log[^/]*\.txt$|logs\/azureml\/(?:executionlogs|stderrlogs)\.txt$|azureml-logs\/.*driver_log[^/]*\.txt$/;

/** Last lines of what a job printed; empty when there is no log yet. */
export async function jobLogTail(ml: AzureMl, name: string, lines: number): Promise<string> {
  const { container, prefix } = await locateOutput(ml, name, 'artifacts');
  const logs = (await blobsOf(container, prefix)).filter((blob) => logNames.test(blob.name));
  const log = logs.find((blob) => blob.name.includes('user_logs/')) ?? logs[0];
  if (log === undefined) return '';
  // 200 bytes a line is plenty; a training log may hold gigabytes.
  const from = Math.max(0, log.size - lines * 200 - 4096);
  const text = await stored(`read ${log.name}`, () =>
    log.size === 0
      ? Promise.resolve('')
      : container.getBlobClient(log.name).downloadToBuffer(from).then(String),
  );
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * The model that a job left behind: `outputs.<name>` for a named output, else the artifact path that the run logged
 * it under. An MLmodel file makes it an MLflow model and tells its flavors. Undefined when there is nothing there.
 */
export async function jobModel(ml: AzureMl, name: string, model: string): Promise<JobModel | undefined> {
  const output = /^outputs\.([^./]+)$/.exec(model)?.[1];
  const artifact = output === undefined ? model.replace(/^\/+|\/+$/g, '') : '';
  const place = await locateOutput(ml, name, output ?? 'artifacts');
  const root = artifact === '' ? place.prefix : `${place.prefix.replace(/\/?$/, '/')}${artifact}`;
  const found = await filesUnder(place.container, root);
  if (found.length === 0) return undefined;
  const path = `azureml://jobs/${name}/outputs/${output ?? 'artifacts'}/paths/${artifact === '' ? '' : `${artifact}/`}`;
  return describe(place.container, root, found, path, await typeOf(ml, name, output));
}

async function typeOf(ml: AzureMl, job: string, output: string | undefined): Promise<ModelType> {
  const type = output === undefined ? undefined : (await getJob(ml, job))?.outputs[output]?.type;
  return type === 'mlflow_model' || type === 'triton_model' ? type : 'custom_model';
}

/** Blobs of a folder, or the one blob of that name. */
async function filesUnder(container: ContainerClient, root: string): Promise<BlobEntry[]> {
  const folder = root.replace(/\/?$/, '/');
  return (await blobsOf(container, root)).filter(({ name }) => name === root || name.startsWith(folder));
}

async function describe(
  container: ContainerClient,
  root: string,
  files: readonly BlobEntry[],
  path: string,
  type: ModelType,
): Promise<JobModel> {
  const base = root.replace(/\/?$/, '/');
  const hash = await hashOfBlobs(container, base, files);
  const text = await contentOf(container, `${base}MLmodel`);
  if (text === undefined) return { type, path, hash };
  const flavors = (parseYaml(text.toString('utf8')).value as { flavors?: Json } | undefined)?.flavors;
  return { type: 'mlflow_model', path, hash, ...(flavors === undefined ? {} : { flavors }) };
}

/** Depends on the files alone: another copy of the same model has the same hash. */
export async function hashOfBlobs(
  container: ContainerClient,
  base: string,
  files: readonly BlobEntry[],
): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, size, md5 } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const content = md5 ?? (await md5OfBlob(container, name));
    hash.update(`${name.startsWith(base) ? name.slice(base.length) : name}\n${size}\n${content}\n`);
  }
  return hash.digest('hex');
}

async function md5OfBlob(container: ContainerClient, name: string): Promise<string> {
  return stored(`read ${name}`, async () => {
    const hash = createHash('md5');
    const { readableStreamBody } = await container.getBlobClient(name).download();
    for await (const chunk of readableStreamBody ?? []) hash.update(chunk as Buffer);
    return hash.digest('base64');
  });
}
