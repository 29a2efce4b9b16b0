import { AzureError } from './errors.js';
import type { AzureMl } from './client.js';
import { remembering } from './remembering.js';
import { codeFolder } from './code-folder.js';
import type { SourceFiles } from './source-files.js';
import { guidOf, hashOf, sha256 } from './hash.js';
import { codeProperties } from './recording.js';
import type { Json } from './types.js';
import { getOrUndefined } from './transport.js';
import { uploadCode, uploadLocal } from './uploads.js';
import type { Assets, AssetType } from './yaml/kind.js';

/** What translating needs, done in a workspace; also tells what was resolved. */
export interface AzureAssets extends Assets {
  /** ARM id of each code version that was used → hash of its content. */
  readonly codes: ReadonlyMap<string, string>;
  /** ARM id of each component that was registered by its content → hash of it, code by content. */
  readonly components: ReadonlyMap<string, string>;
}

export interface AssetOptions {
  /** Data asset → version to take for `@latest`. */
  readonly pins?: Readonly<Record<string, string>>;
}

/** Every answer is kept for the life of this object: translating twice asks once. */
export function azureAssets(ml: AzureMl, files: SourceFiles, options: AssetOptions = {}): AzureAssets {
  const codes = new Map<string, string>();
  const components = new Map<string, string>();
  const once = remembering();
  return {
    workspace: ml.id,
    codes,
    components,
    location: () => Promise.resolve(ml.target.location),
    code: (path, options) =>
      once(`code ${path ?? ''} ${JSON.stringify(options)}`, async () => {
        const { id, hash } = await uploadCode(ml, await codeFolder(path, files.root, options));
        codes.set(id, hash);
        return id;
      }),
    codeAt: (address) =>
      once(`code ${address}`, async () => {
        const id = `${ml.id}/codes/${guidOf(sha256(address))}/versions/1`;
        if ((await getOrUndefined(ml, id)) !== undefined) return id;
        await ml.send({ method: 'PUT', path: id, body: { properties: codeProperties(address) } });
        return id;
      }),
    upload: (path, asset) =>
      once(`upload ${path} ${asset.datastore ?? ''}`, () => uploadLocal(ml, path, files.root, asset)),
    register: (type, name, version, properties) =>
      once(`register ${type} ${name} ${version}`, async () => {
        const id = `${ml.id}/${type}/${name}/versions/${version}`;
        if (type === 'components') components.set(id, hashOf(byContent(properties, [codes, components])));
        const known = await getOrUndefined(ml, id);
        if (known === undefined) await ml.send({ method: 'PUT', path: id, body: { properties } });
        return id;
      }),
    latest: (type, name) => {
      const pinned = type === 'data' ? options.pins?.[name] : undefined;
      return pinned === undefined
        ? once(`latest ${type} ${name}`, () => latestVersion(ml, type, name))
        : Promise.resolve(pinned);
    },
    next: (type, name) =>
      once(`next ${type} ${name}`, async () => {
        const container = (await getOrUndefined(ml, `/${type}/${name}`)) as Container | undefined;
        return container?.properties?.nextVersion ?? '1';
      }),
  };
}

/** `value` with ids in place of which another upload of the same content would have others replaced by that content. */
export function byContent(value: Json, contents: readonly ReadonlyMap<string, string>[]): Json {
  let text = JSON.stringify(value);
  for (const [id, hash] of contents.flatMap((map) => [...map])) text = text.replaceAll(id, hash);
  return JSON.parse(text) as Json;
}

interface Container {
  readonly properties?: { readonly nextVersion?: string; readonly latestVersion?: string };
}

/** Newest version of an asset, by time of creation. Throws AzureError 404 when there is none. */
export async function latestVersion(ml: AzureMl, type: AssetType, name: string): Promise<string> {
  const { body } = await ml.send({
    method: 'GET',
    path: `/${type}/${name}/versions`,
    query: { $orderBy: 'createdtime desc', $top: '1' },
    accept: [404],
  });
  const versions = (body as { value?: { name?: string }[] } | undefined)?.value ?? [];
  const newest = versions[0]?.name;
  if (newest !== undefined) return newest;
  throw new AzureError(`the workspace ${ml.target.name} holds no version of ${name} (${type})`, {
    code: 'NotFound',
    status: 404,
    target: name,
    operation: `GET ${type}/${name}/versions`,
  });
}
