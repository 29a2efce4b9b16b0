import type { ContainerClient } from '@azure/storage-blob';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { EmulatorContext } from '../context.js';
import { userError } from '../errors.js';
import type { BlobLocation } from './uris.js';

const PARALLEL = 8;

/** Runs `work` over all items, a few at a time; rejects with the first failure. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
}

/** Names of the blobs at a location: the one blob of that name, or all below the folder; empty when there is none. */
export async function listBlobs(
  ctx: EmulatorContext,
  { container, prefix }: BlobLocation,
): Promise<string[]> {
  const client = ctx.blob.service.getContainerClient(container);
  const names: string[] = [];
  if (!(await client.exists())) return names;
  for await (const blob of client.listBlobsFlat({ prefix })) {
    if (prefix === '' || blob.name === prefix || blob.name.startsWith(`${prefix}/`)) names.push(blob.name);
  }
  return names;
}

/** Copies a blob or a folder into another container, under the same names; the container is made when it is missing. */
export async function copyBlobs(ctx: EmulatorContext, from: BlobLocation, container: string): Promise<void> {
  const source = ctx.blob.service.getContainerClient(from.container);
  const target = ctx.blob.service.getContainerClient(container);
  await target.createIfNotExists();
  await each(await listBlobs(ctx, from), async (name) => {
    const copy = await target.getBlobClient(name).beginCopyFromURL(source.getBlobClient(name).url);
    await copy.pollUntilDone();
  });
}

/**
 * Copies a blob or a folder below `dir` (made when missing). Returns the local path: of the file when the location
 * is one blob, else `dir`. Throws `UserError` when nothing lies there.
 */
export async function download(ctx: EmulatorContext, location: BlobLocation, dir: string): Promise<string> {
  const names = await listBlobs(ctx, location);
  const { container, prefix } = location;
  if (names.length === 0) throw userError(`No blob lies at '${prefix}' in container '${container}'.`, 404);
  const client = ctx.blob.service.getContainerClient(container);
  await mkdir(dir, { recursive: true });
  if (names.length === 1 && names[0] === prefix) return downloadFile(client, prefix, dir, basename(prefix));
  const files = names.filter((name) => name !== prefix && !name.endsWith('/'));
  await each(files, (name) =>
    downloadFile(client, name, dir, prefix === '' ? name : name.slice(prefix.length + 1)),
  );
  return dir;
}

async function downloadFile(
  client: ContainerClient,
  name: string,
  dir: string,
  path: string,
): Promise<string> {
  const target = join(dir, path);
  if (relative(dir, target).startsWith('..')) throw userError(`The blob '${name}' leaves its folder.`);
  await mkdir(dirname(target), { recursive: true });
  await client.getBlobClient(name).downloadToFile(target);
  return target;
}

/** Copies a file to the location's name, or the files of a folder below it; returns how many were copied. */
export async function upload(ctx: EmulatorContext, source: string, location: BlobLocation): Promise<number> {
  const client = ctx.blob.service.getContainerClient(location.container);
  await client.createIfNotExists();
  if ((await stat(source)).isFile()) {
    await client.getBlockBlobClient(location.prefix).uploadFile(source);
    return 1;
  }
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  await each(files, (file) => {
    const path = relative(source, file).split(sep).join('/');
    return client
      .getBlockBlobClient([location.prefix, path].filter((part) => part !== '').join('/'))
      .uploadFile(file);
  });
  return files.length;
}

/** The text of one blob. */
export async function readText(ctx: EmulatorContext, { container, prefix }: BlobLocation): Promise<string> {
  const client = ctx.blob.service.getContainerClient(container).getBlobClient(prefix);
  return (await client.downloadToBuffer()).toString('utf8');
}

/** Writes the text of one blob. */
export async function writeText(
  ctx: EmulatorContext,
  { container, prefix }: BlobLocation,
  text: string,
): Promise<void> {
  const client = ctx.blob.service.getContainerClient(container).getBlockBlobClient(prefix);
  await client.upload(text, Buffer.byteLength(text));
}

/** Removes all blobs at a location. */
export async function removeBlobs(ctx: EmulatorContext, location: BlobLocation): Promise<void> {
  const client = ctx.blob.service.getContainerClient(location.container);
  await each(await listBlobs(ctx, location), (name) => client.getBlobClient(name).deleteIfExists());
}

/** Copies all blobs of one folder to another of the same account; what lay there before is removed first. */
export async function replaceBlobs(
  ctx: EmulatorContext,
  from: BlobLocation,
  to: BlobLocation,
): Promise<void> {
  await removeBlobs(ctx, to);
  const source = ctx.blob.service.getContainerClient(from.container);
  const target = ctx.blob.service.getContainerClient(to.container);
  await each(await listBlobs(ctx, from), async (name) => {
    const copy = target.getBlobClient(to.prefix + name.slice(from.prefix.length));
    const poller = await copy.beginCopyFromURL(source.getBlobClient(name).url, { intervalInMs: 100 });
    await poller.pollUntilDone();
  });
}
