import type { ModelType } from '../domain/model.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { latestVersion } from './port.js';
import { getOrUndefined, listAll } from './transport.js';
import type { DataView, Json, ModelView, NewModel, Tags } from './types.js';
import { compact } from './yaml/fields.js';

interface VersionResource {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly modelType?: string;
    readonly modelUri?: string;
    readonly dataType?: string;
    readonly dataUri?: string;
    readonly description?: string | null;
    readonly jobName?: string | null;
    readonly flavors?: Json | null;
    readonly tags?: Tags | null;
    readonly properties?: Tags | null;
  };
  readonly systemData?: { readonly createdAt?: string };
}

/** @param found a model version as Azure answers it */
export function modelView(name: string, found: unknown): ModelView {
  const resource = found as VersionResource;
  const { properties } = resource;
  const created = Date.parse(resource.systemData?.createdAt ?? '');
  return {
    name,
    version: resource.name,
    type: modelType(properties.modelType),
    uri: properties.modelUri ?? '',
    tags: properties.tags ?? {},
    properties: properties.properties ?? {},
    flavors: properties.flavors ?? {},
    ...(properties.description ? { description: properties.description } : {}),
    ...(properties.jobName ? { jobName: properties.jobName } : {}),
    ...(Number.isNaN(created) ? {} : { createdAt: created }),
    id: resource.id,
  };
}

/** Azure answers `mlflow_model`; its older versions wrote `MLFlowModel`. */
function modelType(type = 'custom_model'): ModelType {
  const plain = type.toLowerCase().replace(/_?model$/, '');
  return plain === 'mlflow' ? 'mlflow_model' : plain === 'triton' ? 'triton_model' : 'custom_model';
}

/** A registered model version; undefined when there is none. */
export async function findModel(ml: AzureMl, name: string, version: string): Promise<ModelView | undefined> {
  const body = await getOrUndefined(ml, `/models/${name}/versions/${version}`);
  return body === undefined ? undefined : modelView(name, body);
}

/** Every version of a model, newest first. */
export async function listModels(ml: AzureMl, name: string): Promise<ModelView[]> {
  const found = await listAll(ml, `/models/${name}/versions`, { query: { $orderBy: 'createdtime desc' } });
  return found
    .map((resource) => modelView(name, resource))
    .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
}

/**
 * Registers a model version, or finds it. Throws AzureError 409 when the version exists with other contents: it is
 * never changed, since something may be serving it.
 */
export async function registerModel(ml: AzureMl, model: NewModel): Promise<ModelView> {
  const known = await findModel(ml, model.name, model.version);
  if (known !== undefined) return same(known, model);
  const { body } = await ml.send({
    method: 'PUT',
    path: `/models/${model.name}/versions/${model.version}`,
    body: modelBody(model),
  });
  return modelView(model.name, body);
}

/** What to PUT for a model version. */
export function modelBody(model: NewModel): { readonly properties: Json } {
  const properties = compact({
    description: model.description,
    tags: model.tags,
    properties: model.properties ?? {},
    flavors: model.flavors === undefined ? undefined : flavorsBody(model.flavors),
    modelType: model.type,
    modelUri: model.path,
    jobName: model.job,
    isAnonymous: false,
    isArchived: false,
  });
  return { properties };
}

/** Azure wants `{flavor: {data: {key: text}}}`. */
function flavorsBody(flavors: Json): Json {
  return Object.fromEntries(
    Object.entries(flavors).map(([name, flavor]) => {
      const data = (flavor as { data?: Json } | null)?.data ?? (flavor as Json | null) ?? {};
      const texts = Object.entries(data).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      return [name, { data: Object.fromEntries(texts) as Json }];
    }),
  );
}

function same(known: ModelView, wanted: NewModel): ModelView {
  if (known.type === wanted.type && pathOf(known.uri) === pathOf(wanted.path)) return known;
  const name = `${wanted.name}:${wanted.version}`;
  throw new AzureError(
    `${name} exists already with other contents (${known.uri}, not ${wanted.path}); register under another version`,
    { code: 'ModelVersionConflict', status: 409, target: name, operation: `PUT models/${name}` },
  );
}

/** Azure may answer with the long form of the address that it was given. */
function pathOf(uri: string): string {
  return uri
    .replace(
      /^azureml:\/\/(?:subscriptions\/.+\/workspaces\/[^/]+|locations\/[^/]+\/workspaces\/[^/]+)\//i,
      'azureml://',
    )
    .replace(/\/+$/, '');
}

/** A version of a data asset; `latest` is the newest. Undefined when there is none. */
export async function dataVersion(ml: AzureMl, name: string, version: string): Promise<DataView | undefined> {
  const wanted = version === 'latest' ? await newest(ml, name) : version;
  const body =
    wanted === undefined ? undefined : await getOrUndefined(ml, `/data/${name}/versions/${wanted}`);
  if (body === undefined) return undefined;
  const { id, properties, name: found } = body as VersionResource;
  return {
    name,
    version: found,
    type: properties.dataType ?? 'uri_folder',
    uri: properties.dataUri ?? '',
    tags: properties.tags ?? {},
    id,
  };
}

async function newest(ml: AzureMl, name: string): Promise<string | undefined> {
  try {
    return await latestVersion(ml, 'data', name);
  } catch (thrown) {
    if (thrown instanceof AzureError && thrown.status === 404) return undefined;
    throw thrown;
  }
}
