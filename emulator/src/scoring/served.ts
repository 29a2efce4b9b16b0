import type { EmulatorContext } from '../context.js';
import { getResource, putResource } from '../resources.js';
import type { StoredResource } from '../resources.js';

/** Keeps beside a deployment what its instances were started from: a change that fails leaves them running. */
export function rememberServed(ctx: EmulatorContext, started: StoredResource): void {
  ctx.store.transaction(() => {
    const stored = getResource(ctx.store, started.id);
    if (stored === undefined) return;
    const { properties, sku } = started;
    putResource(ctx.store, { ...stored, _served: { properties, ...(sku && { sku }) } });
  });
}

/** The deployment as it is to be started after a restart; undefined when none of its versions ever ran. */
export function servedOf(resource: StoredResource): StoredResource | undefined {
  if (resource.properties['provisioningState'] === 'Succeeded') return resource;
  if (resource.properties['provisioningState'] !== 'Failed') return undefined;
  const served = resource._served as Pick<StoredResource, 'properties' | 'sku'> | undefined;
  return served && { ...resource, ...served };
}
