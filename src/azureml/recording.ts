import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { codeFolder } from './code-folder.js';
import { codeHash, guidOf, objectHash, sha256 } from './hash.js';
import { remembering } from './remembering.js';
import { shown } from './source-files.js';
import type { SourceFiles } from './source-files.js';
import type { Json } from './types.js';
import { filesOf } from './walk.js';
import type { SourceFile } from './walk.js';
import type { Assets, AssetType } from './yaml/kind.js';
import { versionId } from './yaml/references.js';

/** A request that submitting a file makes. */
export interface TranslatedRequest {
  readonly method: 'PUT' | 'POST';
  /** `{ws}` stands for the workspace's ARM id where none was given. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** Files that submitting a file sends to Blob Storage. */
export interface TranslatedUpload {
  /** `code`, or the name of the datastore. */
  readonly to: string;
  /** Local file or folder, relative to the repository's root. */
  readonly from: string;
  /** Content hash as the official client computes it. */
  readonly hash: string;
  readonly bytes: number;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** What the first blob is marked with, so that the official client finds the upload complete. */
  readonly metadata: { readonly name: string; readonly version: string };
}

export type Step =
  | { readonly kind: 'request'; readonly request: TranslatedRequest }
  | { readonly kind: 'upload'; readonly upload: TranslatedUpload };

/** What a workspace would have answered. */
export interface Workspace {
  /** ARM id. */
  readonly id: string;
  readonly location: string;
  /** Address of the container that code goes to. */
  readonly codeUrl: string;
  /** Address of the container of a datastore. */
  readonly datastoreUrl: (datastore: string) => string;
  /** Name of a code version by its content hash. */
  readonly codeName: (hash: string, folder: string) => string;
  readonly latest: (type: AssetType, name: string) => string;
  readonly next: (type: AssetType, name: string) => string;
}

/** No workspace at all: what only Azure knows stays in braces. */
export const unknownWorkspace: Workspace = {
  id: '{ws}',
  location: '{location}',
  codeUrl: '{code}',
  datastoreUrl: (datastore) => `{${datastore}}`,
  codeName: (hash) => guidOf(hash),
  latest: () => '{latest}',
  next: () => '{next}',
};

/**
 * What translating needs, without a connection to anything: `steps` are the requests and uploads in their order, each
 * once.
 */
export function recordingAssets(
  files: SourceFiles,
  workspace: Workspace,
): Assets & { readonly steps: readonly Step[] } {
  const steps: Step[] = [];
  const once = remembering();
  const put = (path: string, properties: Json) =>
    steps.push({ kind: 'request', request: { method: 'PUT', path, body: { properties } } });
  return {
    steps,
    workspace: workspace.id,
    location: () => Promise.resolve(workspace.location),
    code: (path, options) =>
      once(`code ${path ?? ''} ${JSON.stringify(options)}`, async () => {
        const folder = await codeFolder(path, files.root, options);
        const hash = await codeHash(folder.files);
        const name = workspace.codeName(hash, folder.name);
        const id = versionId(workspace.id, 'codes', name, '1');
        return once(`code ${hash}`, () => {
          const from = shown(files, path ?? files.dir);
          const metadata = { name, version: '1' };
          steps.push(uploadStep({ to: 'code', from, hash, metadata }, folder.prefix, folder.files));
          put(id, codeProperties(`${workspace.codeUrl}/${folder.name}`, hash));
          return Promise.resolve(id);
        });
      }),
    codeAt: (address) =>
      once(`code ${address}`, () => {
        const id = versionId(workspace.id, 'codes', workspace.codeName(sha256(address), address), '1');
        put(id, codeProperties(address));
        return Promise.resolve(id);
      }),
    upload: (path, asset) =>
      once(`upload ${path} ${asset.datastore ?? ''}`, async () => {
        const datastore = asset.datastore ?? 'workspaceblobstore';
        const isFolder = (await stat(path)).isDirectory();
        const found = await filesOf(path, files);
        const hash = await objectHash(path);
        const folder = `LocalUpload/${hash}/`;
        const uploaded = `${folder}${basename(path)}`;
        const metadata = { name: asset.name, version: asset.version };
        const about = { to: datastore, from: shown(files, path), hash, metadata };
        await once(`blobs ${datastore} ${uploaded}`, () =>
          Promise.resolve(steps.push(uploadStep(about, isFolder ? `${uploaded}/` : folder, found))),
        );
        return {
          datastore,
          path: uploaded,
          isFolder,
          url: `${workspace.datastoreUrl(datastore)}/${uploaded}`,
        };
      }),
    register: (type, name, version, properties) =>
      once(`register ${type} ${name} ${version}`, () => {
        const id = versionId(workspace.id, type, name, version);
        put(id, properties);
        return Promise.resolve(id);
      }),
    latest: (type, name) => Promise.resolve(workspace.latest(type, name)),
    next: (type, name) => Promise.resolve(workspace.next(type, name)),
  };
}

/** `properties` of a code version. `hash`: of the files, where they were uploaded. */
export function codeProperties(codeUri: string, hash?: string): Json {
  const known = hash === undefined ? {} : { hash_sha256: hash, hash_version: 202208 };
  return { codeUri, isAnonymous: true, properties: known };
}

function uploadStep(
  about: Pick<TranslatedUpload, 'to' | 'from' | 'hash' | 'metadata'>,
  prefix: string,
  found: readonly SourceFile[],
): Step {
  const files = found.map(({ name, size }) => ({ name: prefix + name, size }));
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  return { kind: 'upload', upload: { ...about, bytes, files } };
}
