import { keyOf } from './ids.js';
import type { Collection, Store } from './store.js';

/** A free-form JSON object, as ARM carries it in `properties`. */
export type Json = Record<string, unknown>;

export interface SystemData {
  readonly createdAt: string;
  readonly createdBy: string;
  readonly createdByType: string;
  readonly lastModifiedAt: string;
}

/** What GET answers; fields that begin with `_` are the emulator's own and never leave it. */
export interface StoredResource {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  sku?: Json;
  identity?: Json;
  kind?: string;
  properties: Json;
  systemData: SystemData;
  [internal: `_${string}`]: unknown;
}

export const RESOURCES = 'resources';

/** Every ARM resource, keyed by its lower-cased ARM id. */
export function resourcesOf(store: Store): Collection<StoredResource> {
  return store.collection<StoredResource>(RESOURCES);
}

export function getResource(store: Store, id: string): StoredResource | undefined {
  return resourcesOf(store).get(keyOf(id));
}

export function putResource(store: Store, resource: StoredResource): void {
  resourcesOf(store).put(keyOf(resource.id), resource);
}

/**
 * Reads, changes and writes a resource in one step; `change` returns the new `properties` fields to merge.
 * Returns the stored resource, or undefined when it is gone.
 */
export function updateProperties(
  store: Store,
  id: string,
  change: Json | ((properties: Json) => Json),
): StoredResource | undefined {
  return store.transaction(() => {
    const resource = getResource(store, id);
    if (resource === undefined) return undefined;
    const merged = typeof change === 'function' ? change(resource.properties) : change;
    resource.properties = { ...resource.properties, ...merged };
    putResource(store, resource);
    return resource;
  });
}

/** One more than the last resource's place in the order of creation. */
export function nextOrder(store: Store): number {
  return store.transaction(() => {
    const counters = store.collection<number>('counters');
    const next = (counters.get('order') ?? 0) + 1;
    counters.put('order', next);
    return next;
  });
}
