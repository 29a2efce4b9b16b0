import type { ModelRef } from '../domain/model.js';
import { type EndpointKind, endpointKinds } from '../domain/project.js';
import type { AzureMl } from './client.js';
import { listDeployments, listEndpoints } from './endpoints.js';
import { modelOf } from './survey.js';
import { getOrUndefined } from './transport.js';
import type { Json } from './types.js';

type Version = Omit<ModelRef, 'workspace'>;

/**
 * Hides a model version from listings, or shows it again; it stays usable. The whole resource is sent back, as the
 * official client does. Answers false where there is none.
 */
export async function archiveModel(
  ml: AzureMl,
  { name, version }: Version,
  isArchived = true,
): Promise<boolean> {
  const path = `/models/${name}/versions/${version}`;
  const found = (await getOrUndefined(ml, path)) as { readonly properties: Json } | undefined;
  if (found === undefined) return false;
  if (found.properties['isArchived'] === isArchived) return true;
  await ml.send({ method: 'PUT', path, body: { properties: { ...found.properties, isArchived } } });
  return true;
}

/** `name:version` of every model version that a deployment of the workspace holds → where. */
export async function servedModels(ml: AzureMl): Promise<ReadonlyMap<string, string>> {
  const served = await Promise.all(endpointKinds.map((kind) => servedBy(ml, kind)));
  return new Map(served.flat());
}

async function servedBy(ml: AzureMl, kind: EndpointKind): Promise<(readonly [string, string])[]> {
  const endpoints = await listEndpoints(ml, kind);
  const served = await Promise.all(
    endpoints.map(async (endpoint) =>
      (await listDeployments(ml, endpoint.name, kind)).flatMap(({ name, model }) => {
        const ref = modelOf(model);
        return ref === undefined ? [] : [[`${ref.name}:${ref.version}`, `${endpoint.name}/${name}`] as const];
      }),
    ),
  );
  return served.flat();
}
