import type { ContainerClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import type { ModelRef } from '../domain/model.js';
import { findModel, registerModel } from './assets.js';
import { blobsOf, datastore, stored } from './blobs.js';
import type { BlobEntry } from './blobs.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { hashOfBlobs } from './job-files.js';
import { locate } from './locations.js';
import type { ModelView } from './types.js';

const PARALLEL = 4;

/**
 * The same model version in another workspace: blobs streamed through this process into the other's default
 * datastore under the hash of their content, registered with the same name, version, tags and properties. What is
 * there already is not sent again. In one workspace it only finds the model.
 */
export async function ensureModelCopy(from: AzureMl, to: AzureMl, ref: ModelRef): Promise<ModelView> {
  const source = await findModel(from, ref.name, ref.version);
  if (source === undefined) {
    throw new AzureError(`${ref.name}:${ref.version} is not registered in ${from.target.name}`, {
      code: 'ModelNotFound',
      status: 404,
      target: `${ref.name}:${ref.version}`,
      operation: `GET models/${ref.name}/versions/${ref.version}`,
    });
  }
  if (from.id.toLowerCase() === to.id.toLowerCase()) return source;
  const files = await filesOfModel(from, source.uri);
  const hash = await hashOfBlobs(files.container, files.base, files.blobs);
  const store = await datastore(to);
  const folder = `mlops/models/${hash}/`;
  await copyAll(files, store.container, folder);
  const name = files.single ? files.prefix.slice(files.base.length) : '';
  return registerModel(to, {
    name: source.name,
    version: source.version,
    type: source.type,
    path: `azureml://datastores/${store.name}/paths/${folder}${name}`,
    flavors: source.flavors,
    tags: source.tags,
    properties: { ...source.properties, 'mlops.source': source.id, 'mlops.hash': hash },
    ...(source.description === undefined ? {} : { description: source.description }),
  });
}

/** Blobs of a model. */
export interface ModelFiles {
  readonly container: ContainerClient;
  readonly prefix: string;
  /** What a blob's name is shortened by. */
  readonly base: string;
  readonly blobs: readonly BlobEntry[];
  /** Whether the model is one file, and no folder. */
  readonly single: boolean;
}

/** Throws AzureError 404 when nothing is there any more. */
export async function filesOfModel(ml: AzureMl, uri: string): Promise<ModelFiles> {
  const { container, prefix } = await locate(ml, uri);
  const all = await blobsOf(container, prefix);
  const file = all.find(({ name }) => name === prefix);
  if (file !== undefined) {
    return {
      container,
      prefix,
      base: prefix.slice(0, prefix.lastIndexOf('/') + 1),
      blobs: [file],
      single: true,
    };
  }
  const base = prefix.replace(/\/?$/, '/');
  const blobs = all.filter(({ name }) => name.startsWith(base));
  if (blobs.length > 0) return { container, prefix, base, blobs, single: false };
  throw new AzureError(`the model's files are gone: there is nothing at ${uri}`, {
    code: 'BlobNotFound',
    status: 404,
    target: uri,
    operation: 'copy model',
  });
}

/** What lies there under the same name and with the same size is not sent again. */
export async function copyAll(files: ModelFiles, to: ContainerClient, folder: string): Promise<void> {
  const there = new Map((await blobsOf(to, folder)).map(({ name, size }) => [name, size]));
  const limit = pLimit(PARALLEL);
  await Promise.all(
    files.blobs.map((blob) =>
      limit(async () => {
        const target = `${folder}${blob.name.slice(files.base.length)}`;
        // Written whole or not at all, under a name made of the content: the same size is the same blob.
        if (there.get(target) === blob.size) return;
        await stored(`copy ${blob.name}`, () => copy(files.container, blob, to, target));
      }),
    ),
  );
}

async function copy(
  from: ContainerClient,
  blob: BlobEntry,
  to: ContainerClient,
  target: string,
): Promise<void> {
  const { readableStreamBody } = await from.getBlobClient(blob.name).download();
  const sink = to.getBlockBlobClient(target);
  const md5 =
    blob.md5 === undefined ? {} : { blobHTTPHeaders: { blobContentMD5: Buffer.from(blob.md5, 'base64') } };
  // Storage streams end in Node's own type; a stream with a `read` is all that is asked for.
  if (readableStreamBody === undefined) await sink.uploadData(Buffer.alloc(0), md5);
  else await sink.uploadStream(readableStreamBody as NodeJS.ReadableStream as never, undefined, 2, md5);
}
