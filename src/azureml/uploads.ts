import { ContainerClient } from '@azure/storage-blob';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import pLimit from 'p-limit';
import { datastore, stored } from './blobs.js';
import type { AzureMl } from './client.js';
import type { CodeFolder } from './code-folder.js';
import { AzureError } from './errors.js';
import { codeHash, compareCodePoints, guidOf, md5Of, objectHash } from './hash.js';
import { codeProperties } from './recording.js';
import { filesOf } from './walk.js';
import type { SourceFile } from './walk.js';
import type { Upload } from './yaml/kind.js';

/** Files sent at the same time. */
const PARALLEL = 8;
/** Bytes above which a file is never in memory as a whole: `PARALLEL` times this bounds an upload's memory. */
const STREAMED = 16 * 1024 * 1024;

/** Sends files under `prefix`; then marks the first one complete, as the official client does, so that both find it. */
async function sendFiles(
  container: ContainerClient,
  prefix: string,
  files: readonly SourceFile[],
  owner: { readonly name: string; readonly version: string },
): Promise<void> {
  const limit = pLimit(PARALLEL);
  await stored(`upload ${prefix}`, async () => {
    await Promise.all(files.map((file) => limit(() => sendFile(container, `${prefix}${file.name}`, file))));
    const first = [...files].sort((a, b) => compareCodePoints(a.name, b.name))[0];
    if (first === undefined) return;
    await container
      .getBlobClient(`${prefix}${first.name}`)
      .setMetadata({ upload_status: 'completed', name: owner.name, version: owner.version });
  });
}

async function sendFile(container: ContainerClient, name: string, file: SourceFile): Promise<void> {
  const blob = container.getBlockBlobClient(name);
  // Large files go in blocks, for which Azure computes no MD5 itself.
  if (file.content === undefined && file.size > STREAMED) {
    await blob.uploadFile(file.path, { concurrency: 2 });
    return;
  }
  const data = file.content ?? (await readFile(file.path));
  await blob.uploadData(data, { blobHTTPHeaders: { blobContentMD5: md5Of(data) } });
}

async function isComplete(container: ContainerClient, name: string): Promise<boolean> {
  return stored(`look at ${name}`, async () => {
    const blob = container.getBlobClient(name);
    if (!(await blob.exists())) return false;
    return (await blob.getProperties()).metadata?.['upload_status'] === 'completed';
  });
}

/**
 * Uploads a file or folder to `LocalUpload/{hash of its content}/{name}`, unless it is there. Links out of `root`
 * are refused.
 */
export async function uploadLocal(
  ml: AzureMl,
  path: string,
  root: string,
  asset: { readonly name: string; readonly version: string; readonly datastore?: string },
): Promise<Upload> {
  const store = await datastore(ml, asset.datastore ?? 'workspaceblobstore');
  const isFolder = (await stat(path)).isDirectory();
  const files = await filesOf(path, { root });
  const folder = `LocalUpload/${await objectHash(path)}/`;
  const prefix = isFolder ? `${folder}${basename(path)}/` : folder;
  const first = [...files].sort((a, b) => compareCodePoints(a.name, b.name))[0];
  if (first === undefined) {
    throw new AzureError(`${basename(path)} holds no file that would be uploaded`, {
      code: 'EmptyFolder',
      operation: 'upload',
    });
  }
  if (!(await isComplete(store.container, `${prefix}${first.name}`))) {
    await sendFiles(store.container, prefix, files, asset);
  }
  const uploaded = `${folder}${basename(path)}`;
  return { datastore: store.name, path: uploaded, isFolder, url: `${store.url}/${uploaded}` };
}

/** A code version and the hash of what is in it. */
export interface UploadedCode {
  readonly id: string;
  readonly hash: string;
}

/**
 * Code version with exactly these files: one that the workspace holds already, whoever uploaded it, else a new one
 * named by its hash, so that two uploads of the same code at the same time make the same version.
 */
export async function uploadCode(ml: AzureMl, folder: CodeFolder): Promise<UploadedCode> {
  const hash = await codeHash(folder.files);
  const name = guidOf(hash);
  const known = await findCode(ml, name, hash);
  if (known !== undefined) return { id: known, hash };
  const container = await pendingUpload(ml, `/codes/${name}/versions/1`);
  await sendFiles(container.client, folder.prefix, folder.files, { name, version: '1' });
  const properties = codeProperties(`${container.url}/${folder.name}`, hash);
  const id = `${ml.id}/codes/${name}/versions/1`;
  try {
    await ml.send({ method: 'PUT', path: id, body: { properties } });
  } catch (thrown) {
    // Somebody else finished the same upload first; its files are the same.
    const raced = await findCode(ml, name, hash);
    if (raced === undefined) throw thrown;
    return { id: raced, hash };
  }
  return { id, hash };
}

async function findCode(ml: AzureMl, name: string, hash: string): Promise<string | undefined> {
  const { body } = await ml.send({
    method: 'GET',
    path: `/codes/${name}/versions`,
    query: { hash, hashVersion: '202208' },
    accept: [404],
  });
  const versions = (body as { value?: CodeVersion[] } | undefined)?.value ?? [];
  // Matching by hash is undocumented: an answer is believed only if it says the hash itself.
  return versions.find((version) => version.properties?.properties?.['hash_sha256'] === hash)?.id;
}

interface CodeVersion {
  readonly id?: string;
  readonly properties?: { readonly properties?: Readonly<Record<string, string>> };
}

/** A container for the files of an asset's version that is to be made. `path`: the version's. */
export async function pendingUpload(
  ml: AzureMl,
  path: string,
): Promise<{ client: ContainerClient; url: string }> {
  const { body } = await ml.send({
    method: 'POST',
    path: `${path}/startPendingUpload`,
    body: { pendingUploadType: 'TemporaryBlobReference' },
  });
  const reference = (body as PendingUpload).blobReferenceForConsumption;
  const sas = reference.credential?.sasUri;
  const client =
    sas === undefined
      ? new ContainerClient(reference.blobUri, ml.connection.credential)
      : new ContainerClient(sas);
  return { client, url: reference.blobUri.replace(/\/+$/, '') };
}

interface PendingUpload {
  readonly blobReferenceForConsumption: {
    readonly blobUri: string;
    readonly credential?: { readonly sasUri?: string };
  };
}
