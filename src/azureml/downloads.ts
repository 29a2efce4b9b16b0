import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import { blobsOf, contentOf, stored } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { locate } from './locations.js';

const PARALLEL = 8;

/** Writes blobs below `toDir`, each under its name without `base`. Names that lead out of the folder are refused. */
export async function fetchBlobs(
  container: ContainerClient,
  names: readonly string[],
  base: string,
  toDir: string,
): Promise<string[]> {
  const limit = pLimit(PARALLEL);
  const root = resolve(toDir);
  return Promise.all(
    names.map((name) =>
      limit(async () => {
        const path = resolve(root, name.startsWith(base) ? name.slice(base.length) : name);
        if (!path.startsWith(root + sep)) {
          throw new AzureError(`the blob ${name} would be written outside of the folder`, {
            code: 'UnsafeName',
            operation: 'download',
          });
        }
        await mkdir(dirname(path), { recursive: true });
        await stored(`read ${name}`, () => container.getBlobClient(name).downloadToFile(path));
        return path;
      }),
    ),
  );
}

/**
 * Downloads a data asset, model or address (see `locate`) into `toDir`; answers the path of the file, or of the
 * folder, that it is. Throws AzureError 404 when nothing is there.
 */
export async function downloadAsset(ml: AzureMl, uriOrRef: string, toDir: string): Promise<string> {
  const { container, prefix } = await locate(ml, uriOrRef);
  const folder = prefix === '' ? '' : prefix.replace(/\/?$/, '/');
  const blobs = await blobsOf(container, prefix);
  if (blobs.some(({ name }) => name === prefix)) {
    const dir = dirname(prefix) === '.' ? '' : `${dirname(prefix)}/`;
    await fetchBlobs(container, [prefix], dir, toDir);
    return join(toDir, basename(prefix));
  }
  // Blobs of size 0 that stand for folders have the folder's own name.
  const names = blobs
    .map(({ name }) => name)
    .filter((name) => name.startsWith(folder) && name !== folder && !name.endsWith('/'));
  if (names.length === 0) {
    throw new AzureError(`there are no files at ${uriOrRef}`, {
      code: 'BlobNotFound',
      status: 404,
      target: uriOrRef,
      operation: 'download',
    });
  }
  await fetchBlobs(container, names, folder, toDir);
  return toDir;
}

/** Bytes; what is read as a text at once was written by programs of users. */
const largestText = 4 * 1024 * 1024;

/** Text of the file at an address (see `locate`); undefined when there is none. Throws AzureError for one above 4 MB. */
export async function readText(ml: AzureMl, uri: string): Promise<string | undefined> {
  const { container, prefix } = await locate(ml, uri);
  const size = (await blobsOf(container, prefix)).find(({ name }) => name === prefix)?.size ?? 0;
  if (size > largestText) {
    const message = `${uri} holds ${(size / 1024 / 1024).toFixed(1)} MB; a file of this kind has at most 4`;
    throw new AzureError(message, { code: 'TooLarge', status: 400, target: uri, operation: 'read' });
  }
  return (await contentOf(container, prefix))?.toString('utf8');
}
