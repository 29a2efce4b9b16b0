import type { EmulatorContext } from '../context.js';
import { getResource, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';

/** An endpoint and its workspace, found by the parts of a scoring URI. */
export interface FoundEndpoint {
  readonly workspace: StoredResource;
  readonly endpoint: StoredResource;
}

const WORKSPACE = 'microsoft.machinelearningservices/workspaces';

/** Finds endpoints by workspace GUID and name; ids of workspaces are remembered, what is stored is read each time. */
export function createEndpointFinder(
  ctx: EmulatorContext,
): (guid: string, name: string) => FoundEndpoint | undefined {
  const ids = new Map<string, string>();

  function workspaceOf(guid: string): StoredResource | undefined {
    const known = getResource(ctx.store, ids.get(guid) ?? '');
    if (known?.properties['workspaceId'] === guid) return known;
    const found = resourcesOf(ctx.store)
      .list('/subscriptions/')
      .find(
        ({ value }) => value.type.toLowerCase() === WORKSPACE && value.properties['workspaceId'] === guid,
      );
    if (found) ids.set(guid, found.value.id);
    return found?.value;
  }

  return (guid, name) => {
    const workspace = workspaceOf(guid.toLowerCase());
    const endpoint = workspace && getResource(ctx.store, `${workspace.id}/onlineEndpoints/${name}`);
    return endpoint && { workspace, endpoint };
  };
}
