import type { EndpointKind, FileRef } from '../domain/project.js';
import type { AzureMl } from './client.js';
import { hashOf } from './hash.js';
import { azureAssets } from './port.js';
import type { SourceFiles } from './source-files.js';
import { toRest } from './translate.js';
import type { Json, ModelView, PreparedDeployment, PreparedEndpoint, Tags } from './types.js';
import { load } from './yaml/load.js';
import type { Assets } from './yaml/kind.js';

/** What the files of an environment are, by the kind of its endpoint. */
export const endpointRoles = {
  online: { endpoint: 'endpoint', deployment: 'deployment' },
  batch: { endpoint: 'batchEndpoint', deployment: 'batchDeployment' },
} as const;

/**
 * Body of an endpoint from its file. Traffic and default are left out: they change by themselves, never by a file.
 * @param tags added to the file's
 */
export async function prepareEndpoint(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
  { kind = 'online', tags = {} }: { readonly kind?: EndpointKind; readonly tags?: Tags } = {},
): Promise<PreparedEndpoint> {
  const loaded = await load(files, ref, { role: endpointRoles[kind].endpoint });
  const { body } = await toRest(loaded, azureAssets(ml, files));
  const own = Object.entries(body['properties'] as Json).filter(([key]) => key !== 'defaults');
  const noTraffic = kind === 'batch' ? {} : { traffic: {}, mirrorTraffic: {} };
  const properties = { ...Object.fromEntries(own), ...noTraffic };
  return {
    name: (loaded.value as { name: string }).name,
    body: { ...body, tags: { ...(body['tags'] as Tags), ...tags }, properties },
  };
}

export interface DeploymentOptions {
  /** Goes before the file's `endpoint_name`. */
  readonly endpoint: string;
  /** Default `online`. */
  readonly kind?: EndpointKind;
  /** Goes before the file's `model`. */
  readonly model: Pick<ModelView, 'name' | 'version'> & {
    /** Where it is not of the workspace itself: `azureml://registries/…`. */
    readonly reference?: string;
  };
  /** Goes before the file's `environment`, where it is another one. */
  readonly environment?: string;
  /** Added to the file's. */
  readonly tags: Tags;
}

/**
 * Body and name of a deployment of a model. The name comes from model and body, so preparing the same again names the
 * same deployment, and anything else another. Uploads its code and registers its environment and collected data.
 */
export async function prepareDeployment(
  ml: AzureMl,
  files: SourceFiles,
  ref: FileRef,
  options: DeploymentOptions,
): Promise<PreparedDeployment> {
  const { endpoint, model, environment, kind = 'online' } = options;
  const assets = azureAssets(ml, files);
  const translate = async (name: string, port: Assets) => {
    const reference = model.reference ?? `azureml:${model.name}:${model.version}`;
    const own = { name, endpoint_name: endpoint, model: reference };
    const set = { ...own, ...(environment !== undefined && { environment }) };
    return (await toRest(await load(files, ref, { role: endpointRoles[kind].deployment, set }), port)).body;
  };
  // Collected data is named after the deployment, which is named after its body: the first pass registers none.
  const nameless = await translate('d-nameless', {
    ...assets,
    register: (type, name, version, properties) =>
      type === 'data'
        ? Promise.resolve(`${name}:${version}`)
        : assets.register(type, name, version, properties),
  });
  const hash = hashOf({ model: model.name, version: model.version, body: content(nameless, assets.codes) });
  const name = `d-${hash.slice(0, 10)}`;
  const body = await translate(name, assets);
  return {
    name,
    hash,
    body: { ...body, tags: { ...(body['tags'] as Tags), ...options.tags } },
    ...machines(body),
  };
}

interface Machines {
  readonly sku?: { readonly capacity: number };
  readonly properties: {
    readonly instanceType?: string;
    readonly compute?: string;
    readonly resources?: { readonly instanceCount?: number };
  };
}

function machines(body: Json): Pick<PreparedDeployment, 'instanceType' | 'instanceCount'> {
  const { sku, properties } = body as unknown as Machines;
  const { instanceType, compute, resources } = properties;
  return {
    instanceType: instanceType ?? compute?.split('/').at(-1) ?? 'serverless',
    instanceCount: sku?.capacity ?? resources?.instanceCount ?? 1,
  };
}

/** What makes a deployment another one: all but its tags; code by content, since its name may be anybody's. */
function content(body: Json, codes: ReadonlyMap<string, string>): Json {
  const properties = body['properties'] as Json;
  const code = properties['codeConfiguration'] as { codeId?: string } | undefined;
  const codeConfiguration =
    code?.codeId === undefined ? code : { ...code, codeId: codes.get(code.codeId) ?? code.codeId };
  const rest = Object.entries(body).filter(([key]) => key !== 'tags');
  return {
    ...Object.fromEntries(rest),
    properties: { ...properties, codeConfiguration: codeConfiguration ?? null },
  };
}
