import type { z } from 'zod';
import { objectHash, sha256 } from '../../hash.js';
import { resolveInside } from '../../source-files.js';
import { anything, common, compact, object, text, texts, version, word } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place } from '../kind.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';

export const modelSchema = object({
  ...common,
  name: text.optional(),
  version: version.optional(),
  type: word(['custom_model', 'mlflow_model', 'triton_model', 'preset_model']).optional(),
  path: text,
  properties: texts.optional(),
  stage: text.optional(),
  flavors: anything.optional(),
  datastore: text.optional(),
});
export type ModelSpec = z.infer<typeof modelSchema>;

/** `az ml model create`. */
export const model = kind<ModelSpec>({
  name: 'model',
  roles: ['setup'],
  order: 5,
  detects: (value) =>
    /^(custom|mlflow|triton)_model$/i.test(String(value['type'])) && !('endpoint_name' in value),
  schema: modelSchema,
  check: (spec, place) => checkPath(place, spec.path, ['path']),
  async toRest(spec, place, assets) {
    const name = spec.name ?? sha256(spec.path);
    const made = spec.version ?? (await assets.next('models', name));
    const properties = await modelProperties(spec, { name, version: made, anonymous: false }, place, assets);
    return { resource: `/models/${name}/versions/${made}`, body: { properties } };
  },
});

/** ARM id of the model that a deployment brings with it: named by its content unless the file names it. */
export async function anonymousModel(spec: ModelSpec, place: Place, assets: Assets): Promise<string> {
  const name = spec.name ?? (await contentName(spec.path, place));
  const made = spec.version ?? '1';
  const identity = { name, version: made, anonymous: spec.name === undefined };
  return assets.register('models', name, made, await modelProperties(spec, identity, place, assets));
}

async function contentName(path: string, place: Place): Promise<string> {
  if (parseReference(path) !== undefined) return sha256(path);
  return sha256(await objectHash(await resolveInside(place.files, place.dir, path)));
}

async function modelProperties(
  spec: ModelSpec,
  identity: { readonly name: string; readonly version: string; readonly anonymous: boolean },
  place: Place,
  assets: Assets,
) {
  return compact({
    description: spec.description,
    tags: spec.tags ?? {},
    properties: spec.properties ?? {},
    flavors: spec.flavors,
    modelType: spec.type ?? 'custom_model',
    modelUri: await modelUri(spec, identity, place, assets),
    stage: spec.stage,
    isAnonymous: identity.anonymous,
    isArchived: false,
  });
}

async function modelUri(
  spec: ModelSpec,
  identity: { readonly name: string; readonly version: string },
  place: Place,
  assets: Assets,
): Promise<string> {
  const short = /^azureml:\/\/datastores\/(.+)$/i.exec(spec.path)?.[1];
  if (short !== undefined) return longUri(assets.workspace, short);
  if (parseReference(spec.path) !== undefined) return spec.path;
  const local = await resolveInside(place.files, place.dir, spec.path);
  const uploaded = await assets.upload(local, {
    name: identity.name,
    version: identity.version,
    ...(spec.datastore === undefined ? {} : { datastore: spec.datastore.replace(/^azureml:/i, '') }),
  });
  return longUri(assets.workspace, `${uploaded.datastore}/paths/${uploaded.path}`);
}

/** `azureml://subscriptions/…/resourcegroups/…/workspaces/…/datastores/{rest}`, with the case of the official client. */
export function longUri(workspace: string, rest: string): string {
  const [, , subscription, , group, , , , name] = workspace.split('/');
  return `azureml://subscriptions/${subscription ?? ''}/resourcegroups/${group ?? ''}/workspaces/${name ?? ''}/datastores/${rest}`;
}
