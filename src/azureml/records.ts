import { blobsOf, contentOf, datastore, stored } from './blobs.js';
import type { AzureMl } from './client.js';

/** Names of blobs in the default datastore that begin with `prefix`, ordered. */
export async function listBlobs(ml: AzureMl, prefix: string): Promise<string[]> {
  const { container } = await datastore(ml);
  return (await blobsOf(container, prefix)).map(({ name }) => name);
}

/** Text of a blob in the default datastore; undefined when there is none. */
export async function readBlob(ml: AzureMl, path: string): Promise<string | undefined> {
  const { container } = await datastore(ml);
  return (await contentOf(container, path))?.toString('utf8');
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json',
  md: 'text/markdown; charset=utf-8',
};

/** Writes a blob of the default datastore, in place of what was there. Browsers show it by its ending. */
export async function writeBlob(ml: AzureMl, path: string, content: string | Uint8Array): Promise<void> {
  const { container } = await datastore(ml);
  const type = types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  await stored(`write ${path}`, () =>
    container
      .getBlockBlobClient(path)
      .uploadData(Buffer.from(content), { blobHTTPHeaders: { blobContentType: type } }),
  );
}

/** Writes a record: a text as it is, anything else as JSON. */
export async function writeRecord(ml: AzureMl, path: string, record: unknown): Promise<void> {
  await writeBlob(ml, path, typeof record === 'string' ? record : `${JSON.stringify(record, null, 2)}\n`);
}

/** Text of a record; undefined when there is none. */
export async function readRecord(ml: AzureMl, path: string): Promise<string | undefined> {
  return readBlob(ml, path);
}
