import { z } from 'zod';
import { objectHash, sha256 } from '../../hash.js';
import type { Json } from '../../types.js';
import { resolveInside } from '../../source-files.js';
import { pythonText } from '../expressions.js';
import { anything, compact, fileObject, isMapping, lowerWord, object, text, version } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import type { Path } from '../parse.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';

const template = object({ asset_id: text.optional() }, []);

const shape = {
  type: lowerWord(['custom_model', 'mlflow_model', 'triton_model']).optional(),
  path: text,
  version: version.optional(),
  description: text.optional(),
  properties: anything.optional(),
  tags: anything.optional(),
  stage: text.optional(),
  flavors: anything.optional(),
  datastore: text.optional(),
  system_metadata: anything.optional(),
  default_deployment_template: template.optional(),
  allowed_deployment_templates: z.array(template).optional(),
};
const readOnly = [
  'id',
  'utc_time_created',
  'creation_context',
  'job_name',
  'latest_version',
  'intellectual_property',
];

const schema = fileObject({ ...shape, name: text }, readOnly);

/** A model that stands in a deployment's file. */
export const inlineModelSchema = fileObject({ ...shape, name: text.optional() }, readOnly);
export type ModelSpec = z.infer<typeof inlineModelSchema>;

/** `az ml model create`. */
export const model = kind<z.infer<typeof schema>>({
  name: 'model',
  roles: ['setup'],
  order: 5,
  detects: (value) =>
    /^(custom|mlflow|triton)_model$/i.test(String(value['type'])) && !('endpoint_name' in value),
  schema,
  check: (spec, place) => checkModel(spec, place, []),
  async toRest(spec, place, assets) {
    const { name } = spec;
    const made = spec.version ?? (await assets.next('models', name));
    const properties = await modelProperties(spec, { name, version: made, anonymous: false }, place, assets);
    return { resource: `/models/${name}/versions/${made}`, body: { properties } };
  },
});

/** `at`: where the model stands in the file. */
export async function checkModel(spec: ModelSpec, place: Place, at: Path): Promise<Problem[]> {
  const reference = parseReference(spec.path);
  if (reference !== undefined && reference.kind !== 'uri') {
    return [
      {
        path: [...at, 'path'],
        message: 'a model is made of files, not of another asset',
        found: spec.path,
        fix: 'write a local path, azureml://jobs/<job>/outputs/<output>/paths/… or azureml://datastores/…',
      },
    ];
  }
  const missing = [...nameless(spec, at), ...(await checkPath(place, spec.path, [...at, 'path']))];
  if (missing.length > 0 || reference !== undefined) return missing;
  return spec.type === 'mlflow_model' ? withoutMlmodel(spec.path, place, at) : [];
}

/** A model in a deployment's file is named by its contents, which only local files have. */
function nameless({ name, path, version: made }: ModelSpec, at: Path): Problem[] {
  if (name !== undefined) return [];
  const isLocal = parseReference(path) === undefined;
  if (isLocal && made === undefined) return [];
  const message = isLocal ? 'a version without a name' : 'a model that is not in local files needs a name';
  return [{ path: isLocal ? [...at, 'version'] : at, message, fix: 'add name:' }];
}

/** Azure would find out when it deploys. */
async function withoutMlmodel(path: string, place: Place, at: Path): Promise<Problem[]> {
  const found = await checkPath(place, `${path.replace(/\/+$/, '')}/MLmodel`, [...at, 'path'], 'file');
  return found.map((problem) => ({
    ...problem,
    message: 'an mlflow_model is a folder with a file MLmodel; this one has none',
    fix: 'name the folder that mlflow saved the model to, or write type: custom_model',
    severity: 'warning',
  }));
}

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
  const preset = spec.default_deployment_template;
  const allowed = spec.allowed_deployment_templates ?? [];
  return compact({
    description: spec.description,
    tags: printed(spec.tags ?? {}),
    properties: printed(spec.properties ?? {}),
    flavors: flavors(spec.flavors),
    modelType: spec.type ?? 'custom_model',
    modelUri: await modelUri(spec, identity, place, assets),
    // A model with deployment templates loses its stage in the official client.
    stage: preset === undefined && allowed.length === 0 ? spec.stage : undefined,
    systemMetadata: spec.system_metadata,
    isAnonymous: identity.anonymous,
    isArchived: false,
    defaultDeploymentTemplate: preset === undefined ? undefined : { assetId: preset.asset_id },
    allowedDeploymentTemplates:
      allowed.length === 0 ? undefined : allowed.map(({ asset_id: assetId }) => ({ assetId })),
  });
}

/** As Python's `str` prints them; those without a value go. */
function printed(values: Json): Json {
  const kept = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, pythonText(value)]));
}

function flavors(spec: Json | undefined): Json | undefined {
  if (spec === undefined || Object.keys(spec).length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [name, { data: isMapping(value) ? value : {} }]),
  );
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
