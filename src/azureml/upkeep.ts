import { outputsGone, outputsTag } from '../domain/tags.js';
import type { JobFound, ModelFound, RecordFound } from '../domain/upkeep.js';
import { type BlobEntry, blobsOf, datastore, datastorePath, deleteBlobs } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { getJob, isFinal } from './jobs.js';
import { locateOutput } from './locations.js';
import { beginDelete, waitForOperation } from './operations.js';
import { getOrUndefined, listAll } from './transport.js';
import type { Json, Tags } from './types.js';

interface Resource {
  readonly id: string;
  readonly name: string;
  readonly properties: Json & {
    readonly tags?: Tags | null;
    readonly isArchived?: boolean;
    readonly modelUri?: unknown;
  };
  readonly systemData?: { readonly createdAt?: string };
}

const everything = { query: { listViewType: 'All' } };

/** Every version of every model, archived ones too. */
export async function everyModel(ml: AzureMl): Promise<ModelFound[]> {
  const names = (await listAll(ml, '/models', everything)) as Resource[];
  const found = await Promise.all(
    names.map(async ({ name }) =>
      ((await listAll(ml, `/models/${name}/versions`, everything)) as Resource[]).map((resource) => ({
        name,
        version: resource.name,
        tags: resource.properties.tags ?? {},
        isArchived: resource.properties.isArchived ?? false,
        ...createdAt(resource),
      })),
    ),
  );
  return found.flat();
}

/** Every job that carries a tag, archived ones too. */
export async function everyJob(ml: AzureMl, tag: string): Promise<JobFound[]> {
  const found = (await listAll(ml, '/jobs', { query: { listViewType: 'All', tag } })) as Resource[];
  return found.map(({ properties, ...resource }) => ({
    name: resource.name,
    tags: properties.tags ?? {},
    isFinal: isFinal(properties['status']),
    makesData: Object.values((properties['outputs'] ?? {}) as Record<string, Json | null>).some(
      (output) => typeof output?.['assetName'] === 'string',
    ),
    ...createdAt(resource),
  }));
}

function createdAt({ systemData }: Pick<Resource, 'systemData'>): { createdAt?: number } {
  const created = Date.parse(systemData?.createdAt ?? '');
  return Number.isNaN(created) ? {} : { createdAt: created };
}

/** Sets tags of a model version or a job, and takes away those that are undefined; false where there is no such thing. */
export async function setTags(
  ml: AzureMl,
  path: string,
  tags: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const found = (await getOrUndefined(ml, path)) as Resource | undefined;
  if (found === undefined) return false;
  const merged = Object.entries({ ...found.properties.tags, ...tags });
  const kept = Object.fromEntries(merged.filter(([, value]) => value !== undefined));
  await ml.send({ method: 'PUT', path, body: { properties: { ...found.properties, tags: kept } } });
  return true;
}

export const modelPath = (name: string, version: string): string => `/models/${name}/versions/${version}`;

const copies = /^mlops\/models\/[0-9a-f]{64}\//;

/** Deletes a model version, with its files where they are a copy that this product made. */
export async function deleteModel(ml: AzureMl, name: string, version: string): Promise<void> {
  const path = modelPath(name, version);
  const found = (await getOrUndefined(ml, path)) as Resource | undefined;
  if (found === undefined) return;
  const uri = uriOf(found);
  await waitForOperation(ml, await beginDelete(ml, `${ml.id}${path}`));
  const place = datastorePath(uri);
  const [folder] = copies.exec(place?.path ?? '') ?? [];
  if (place === undefined || folder === undefined || (await isReferred(ml, folder))) return;
  const { container } = await datastore(ml, place.datastore);
  await deleteBlobs(
    container,
    (await blobsOf(container, folder)).map(({ name: blob }) => blob),
  );
}

/** Equal models share a folder, which is named after their content. */
async function isReferred(ml: AzureMl, folder: string): Promise<boolean> {
  const names = (await listAll(ml, '/models', everything)) as Resource[];
  const versions = await Promise.all(
    names.map(({ name }) => listAll(ml, `/models/${name}/versions`, everything) as Promise<Resource[]>),
  );
  return versions.flat().some((version) => uriOf(version).includes(folder));
}

function uriOf({ properties: { modelUri } }: Resource): string {
  return typeof modelUri === 'string' ? modelUri : '';
}

/** Logs are small, and tell why a job did what it did. */
const logs = /\/(?:user_logs|system_logs|logs|azureml-logs)\//;

/** Blobs of a job's outputs that lie where Azure puts them by default; what a file sends elsewhere is not its own. */
async function outputsOf(ml: AzureMl, job: string): Promise<{ container: Container; blobs: BlobEntry[] }[]> {
  const view = await getJob(ml, job);
  const names = Object.keys(view?.outputs ?? {}).filter((output) => output !== 'default');
  const places = await Promise.all(['artifacts', ...names].map((output) => locateOutput(ml, job, output)));
  const own = places.filter(({ prefix }) =>
    prefix.split('/').some((part) => part === job || part === `dcid.${job}`),
  );
  return await Promise.all(
    own.map(async ({ container, prefix }) => {
      const blobs = await blobsOf(container, prefix.replace(/\/?$/, '/'));
      return { container, blobs: blobs.filter(({ name }) => !logs.test(name)) };
    }),
  );
}

type Container = Awaited<ReturnType<typeof datastore>>['container'];

/** Bytes that a job's outputs take, logs not counted. */
export async function sizeOfOutputs(ml: AzureMl, job: string): Promise<number> {
  const places = await outputsOf(ml, job);
  return places.flatMap(({ blobs }) => blobs).reduce((sum, { size }) => sum + size, 0);
}

/** Marks a job first, so that nobody uses it again, then deletes its outputs. Ended in the middle it can be done again. */
export async function deleteOutputs(ml: AzureMl, job: string): Promise<void> {
  if (!(await setTags(ml, `/jobs/${job}`, { [outputsTag]: 'deleting' }))) return;
  for (const { container, blobs } of await outputsOf(ml, job))
    await deleteBlobs(
      container,
      blobs.map(({ name }) => name),
    );
  await setTags(ml, `/jobs/${job}`, { [outputsTag]: outputsGone });
}

/** Not records of a project: the guard's memory of endpoints, and copies of models. */
const notRecords = new Set(['endpoints', 'models']);

/** Folders of records in the default datastore: one a lifecycle, one a look of monitoring. */
export async function everyRecord(ml: AzureMl): Promise<RecordFound[]> {
  const { container } = await datastore(ml);
  const newest = new Map<string, number>();
  for (const { name, modifiedAt } of await blobsOf(container, 'mlops/')) {
    const parts = name.split('/');
    if (notRecords.has(parts[1] ?? '') || parts.length < 4) continue;
    const folder = parts.slice(0, -1).join('/');
    newest.set(folder, Math.max(newest.get(folder) ?? 0, modifiedAt));
  }
  return [...newest].map(([folder, newestAt]) => {
    const [, commit] = /^mlops\/[^/]+\/([0-9a-f]{40,64})(?:\/|$)/.exec(folder) ?? [];
    return { folder, newestAt, ...(commit !== undefined && { commit }) };
  });
}

/** Deletes the blobs that lie directly in a folder of records. */
export async function deleteRecord(ml: AzureMl, folder: string): Promise<void> {
  if (!/^mlops\/[^/]+\/./.test(folder) || notRecords.has(folder.split('/')[1] ?? ''))
    throw new AzureError(`${folder} is no folder of records`, {
      code: 'Refused',
      operation: 'delete records',
    });
  const { container } = await datastore(ml);
  const names = (await blobsOf(container, `${folder}/`)).map(({ name }) => name);
  await deleteBlobs(
    container,
    names.filter((name) => !name.slice(folder.length + 1).includes('/')),
  );
}
