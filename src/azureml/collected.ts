import { type CollectedWindow, dayFolders, isCollectedWithin } from '../domain/collected-paths.js';
import { blobsOf, datastore } from './blobs.js';
import type { AzureMl } from './client.js';
import { fetchBlobs } from './downloads.js';

export interface CollectedQuery extends CollectedWindow {
  readonly endpoint: string;
  /** Every deployment when absent. */
  readonly deployment?: string;
  /** `model_inputs`, `model_outputs`, … */
  readonly collection: string;
}

/** Address of everything that was collected of an endpoint, in the workspace's default datastore. */
export function collectedFolder(endpoint: string): string {
  return `azureml://datastores/${store}/paths/${prefixOf(endpoint)}`;
}

const store = 'workspaceblobstore';

function prefixOf(endpoint: string): string {
  return `modelDataCollector/${endpoint}/`;
}

/**
 * Downloads what the data collector kept in the hours that the window touches, into
 * `toDir/{deployment}/{collection}/…`. Answers the paths of the JSON-lines files, ordered.
 */
export async function downloadCollected(
  ml: AzureMl,
  query: CollectedQuery,
  toDir: string,
): Promise<string[]> {
  const { container } = await datastore(ml, store);
  const names: string[] = [];
  for await (const name of collectedBlobs(ml, query)) names.push(name);
  return (await fetchBlobs(container, names, prefixOf(query.endpoint), toDir)).sort();
}

/** Whether the data collector kept anything in the hours that the window touches. */
export async function isCollected(ml: AzureMl, query: CollectedQuery): Promise<boolean> {
  for await (const _ of collectedBlobs(ml, query)) return true;
  return false;
}

async function* collectedBlobs(ml: AzureMl, query: CollectedQuery): AsyncGenerator<string> {
  const { container } = await datastore(ml, store);
  const base = prefixOf(query.endpoint);
  const deployments = query.deployment === undefined ? await deploymentsOf(ml, base) : [query.deployment];
  for (const deployment of deployments) {
    for (const day of dayFolders(query)) {
      const blobs = await blobsOf(container, `${base}${deployment}/${query.collection}/${day}/`);
      for (const { name } of blobs) if (isCollectedWithin(name, query)) yield name;
    }
  }
}

async function deploymentsOf(ml: AzureMl, base: string): Promise<string[]> {
  const { container } = await datastore(ml, store);
  const found: string[] = [];
  for await (const item of container.listBlobsByHierarchy('/', { prefix: base })) {
    if (item.kind === 'prefix') found.push(item.name.slice(base.length).replace(/\/$/, ''));
  }
  return found;
}
