import { isDeepStrictEqual } from 'node:util';
import type { EndpointKind, FileRef } from '../domain/project.js';
import type { RegistryTarget } from '../domain/policy.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { beginPut, waitForOperation } from './operations.js';
import { endpointRoles } from './preparing.js';
import { inRegistry, registryId } from './registries.js';
import type { SourceFiles } from './source-files.js';
import { getOrUndefined } from './transport.js';
import type { Json } from './types.js';
import { load } from './yaml/load.js';
import { parseReference } from './yaml/references.js';

export interface EnvironmentVersion {
  readonly name: string;
  readonly version: string;
}

/** What makes an environment: two versions that have it in common are the same. */
const contents = ['image', 'condaFile', 'osType', 'inferenceConfig'] as const;

/** The version (`azureml:name:version`) that a deployment's file names; undefined where it names its environment otherwise. */
export async function environmentNamed(
  files: SourceFiles,
  ref: FileRef,
  kind: EndpointKind,
): Promise<EnvironmentVersion | undefined> {
  const { value } = await load(files, ref, { role: endpointRoles[kind].deployment });
  const { environment } = value as { readonly environment?: unknown };
  const reference = typeof environment === 'string' ? parseReference(environment) : undefined;
  return reference?.kind === 'version' ? reference : undefined;
}

/**
 * Puts an environment of the workspace into a registry, or finds it there; false where the workspace has none of that
 * name and version.
 * @throws AzureError for one that is built from a folder, and where the registry holds another one under that version
 */
export async function shareEnvironment(
  ml: AzureMl,
  registry: RegistryTarget,
  { name, version }: EnvironmentVersion,
): Promise<boolean> {
  const path = `/environments/${name}/versions/${version}`;
  const source = propertiesOf(await getOrUndefined(ml, path));
  if (source === undefined) return false;
  const code = 'EnvironmentNotShared';
  const about = { code, target: `${name}:${version}`, operation: `share environment ${name}:${version}` };
  if (source['build'] !== undefined && source['build'] !== null) {
    const why = `environment ${name}:${version} is built from a folder, which stays in its workspace; give it an image (and a conda_file), or register it in the other workspace by \`setup\``;
    throw new AzureError(why, about);
  }
  return await inRegistry(ml, registry, 'write', async () => {
    const id = `${registryId(registry)}${path}`;
    const known = propertiesOf(await getOrUndefined(ml, id));
    if (known === undefined) {
      const properties = {
        ...pick(source),
        description: source['description'] ?? null,
        tags: source['tags'] ?? {},
      };
      await waitForOperation(ml, await beginPut(ml, id, { properties }), { pauseMs: 500 });
    } else if (!isDeepStrictEqual(pick(known), pick(source))) {
      const why = `registry ${registry.name} holds another environment ${name}:${version}; raise its version`;
      throw new AzureError(why, about);
    }
    return true;
  });
}

/** How a workspace that has no such environment names the registry's; undefined where it has one, or the registry none. */
export async function sharedEnvironment(
  ml: AzureMl,
  registry: RegistryTarget,
  { name, version }: EnvironmentVersion,
): Promise<string | undefined> {
  const path = `environments/${name}/versions/${version}`;
  if ((await getOrUndefined(ml, `/${path}`)) !== undefined) return undefined;
  const found = await inRegistry(ml, registry, 'read', () =>
    getOrUndefined(ml, `${registryId(registry)}/${path}`),
  );
  return found === undefined ? undefined : `azureml://registries/${registry.name}/${path}`;
}

function propertiesOf(body: unknown): Json | undefined {
  return (body as { readonly properties?: Json } | undefined)?.properties;
}

function pick(properties: Json): Json {
  return Object.fromEntries(
    contents.flatMap((key) => {
      const value = properties[key];
      return value === undefined || value === null ? [] : [[key, value]];
    }),
  );
}
