import type { ModelRef } from '../domain/model.js';
import type { RegistryTarget } from '../domain/policy.js';
import { findModel, modelBody, modelView } from './assets.js';
import type { AzureMl } from './client.js';
import { asAzureError, AzureError } from './errors.js';
import { hashOfBlobs } from './job-files.js';
import { copyAll, filesOfModel } from './model-copy.js';
import { beginPut, waitForOperation } from './operations.js';
import { getOrUndefined } from './transport.js';
import type { ModelView } from './types.js';
import { pendingUpload } from './uploads.js';

/** A model version in a registry, which any workspace of the tenant may deploy. */
export interface SharedModel {
  /** `azureml://registries/{registry}/models/{name}/versions/{version}` */
  readonly id: string;
  /** SHA-256 over its files, as the workspace's copy has it. */
  readonly hash: string;
}

const hashProperty = 'mlops.hash';

/** ARM id of a registry. */
export function registryId({ subscription, resourceGroup, name }: RegistryTarget): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/registries/${name}`;
}

/** How a model version of a registry is named in every workspace. */
export function sharedModelId(
  registry: string,
  { name, version }: Pick<ModelRef, 'name' | 'version'>,
): string {
  return `azureml://registries/${registry}/models/${name}/versions/${version}`;
}

/**
 * Puts a workspace's model version into a registry, under the same name and version and with the same tags; finds it
 * when it is there. The files go through this process, as azure-ai-ml sends a local model to a registry.
 * @throws AzureError where the registry is missing, may not be written, or holds other contents under that version
 */
export async function shareModel(
  ml: AzureMl,
  registry: RegistryTarget,
  ref: Pick<ModelRef, 'name' | 'version'>,
): Promise<SharedModel> {
  const source = await findModel(ml, ref.name, ref.version);
  if (source === undefined)
    throw notThere(`${ref.name}:${ref.version} is not registered in ${ml.target.name}`);
  const files = await filesOfModel(ml, source.uri);
  const hash = await hashOfBlobs(files.container, files.base, files.blobs);
  const shared = { id: sharedModelId(registry.name, ref), hash };
  return await inRegistry(ml, registry, 'write', async () => {
    const known = await readShared(ml, registry, ref);
    if (known !== undefined) {
      requireSame(known, registry, hash);
      return shared;
    }
    const path = `${registryId(registry)}/models/${ref.name}/versions/${ref.version}`;
    const container = await pendingUpload(ml, path);
    const folder = files.single ? '' : `${folderName(files.prefix)}/`;
    await copyAll(files, container.client, folder);
    const single = files.single ? files.prefix.slice(files.base.length) : folderName(files.prefix);
    const body = modelBody({
      ...{ name: source.name, version: source.version, type: source.type, tags: source.tags },
      path: `${container.url}/${single}`,
      flavors: source.flavors,
      properties: { ...source.properties, 'mlops.source': source.id, [hashProperty]: hash },
      ...(source.description === undefined ? {} : { description: source.description }),
    });
    await waitForOperation(ml, await beginPut(ml, path, body), { pauseMs: 500 });
    return shared;
  });
}

/** A model version of a registry; undefined when there is none. */
export async function findShared(
  ml: AzureMl,
  registry: RegistryTarget,
  ref: Pick<ModelRef, 'name' | 'version'>,
): Promise<(ModelView & SharedModel) | undefined> {
  const found = await inRegistry(ml, registry, 'read', () => readShared(ml, registry, ref));
  if (found === undefined) return undefined;
  return { ...found, id: sharedModelId(registry.name, ref), hash: found.properties[hashProperty] ?? '' };
}

async function readShared(
  ml: AzureMl,
  registry: RegistryTarget,
  { name, version }: Pick<ModelRef, 'name' | 'version'>,
): Promise<ModelView | undefined> {
  const id = registryId(registry);
  const found = await getOrUndefined(ml, `${id}/models/${name}/versions/${version}`);
  if (found !== undefined) return modelView(name, found);
  if ((await getOrUndefined(ml, id)) !== undefined) return undefined;
  throw new AzureError(
    `there is no registry ${registry.name} in resource group ${registry.resourceGroup} of subscription ${registry.subscription}; create it (\`az ml registry create\`, or its file in \`setup\`), or correct registries.${registry.alias} in policy.yml`,
    { code: 'RegistryMissing', target: registry.name, operation: `GET registries/${registry.name}` },
  );
}

function requireSame({ name, version, properties }: ModelView, registry: RegistryTarget, hash: string): void {
  const found = properties[hashProperty];
  if (found === hash) return;
  const holds =
    found === undefined
      ? 'that something else put there'
      : `with other contents (hash ${found}, not ${hash})`;
  throw new AzureError(
    `registry ${registry.name} holds ${name}:${version} already, ${holds}; it is never changed, since something may serve it: remove it there, or register under another name`,
    {
      code: 'ModelVersionConflict',
      target: `${name}:${version}`,
      operation: `PUT registries/${registry.name}/models`,
    },
  );
}

/** A right that is missing is told with who lacks it and what gives it. */
export async function inRegistry<T>(
  { target }: AzureMl,
  { name }: RegistryTarget,
  what: 'read' | 'write',
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    const error = asAzureError(thrown, `${what} registry ${name}`);
    if (error.status !== 401 && error.status !== 403) throw error;
    const role = what === 'read' ? 'Reader, or AzureML Registry User,' : 'AzureML Registry User';
    throw new AzureError(
      `the identity that works in workspace ${target.name} may not ${what} registry ${name}; it needs the role ${role} on that registry: ${error.message}`,
      error,
      { cause: error },
    );
  }
}

function notThere(message: string): AzureError {
  return new AzureError(message, { code: 'ModelNotFound', status: 404, operation: 'share model' });
}

function folderName(prefix: string): string {
  return prefix.replace(/\/+$/, '').split('/').at(-1) ?? 'model';
}
