import { childrenOf } from '../arm/listing.js';
import type { EmulatorContext } from '../context.js';
import { ML } from '../ids.js';
import { getResource, nextOrder, putResource } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';

export type AssetCollection = 'data' | 'models' | 'components' | 'environments';

export interface NewVersion {
  readonly name: string;
  /** The next whole number when undefined. */
  readonly version?: string | undefined;
  readonly properties: Json;
}

const COMMON = { description: null, tags: {}, properties: {}, isArchived: false, isAnonymous: false };

/** The version made last below `W/{collection}/{name}`; undefined when there is none. */
export function latestVersion(ctx: EmulatorContext, collectionId: string): StoredResource | undefined {
  const versions = childrenOf(ctx.store, `${collectionId}/versions`);
  return versions.sort((left, right) => orderOf(right) - orderOf(left))[0];
}

/** Registers a version of a data asset or model as ARM's PUT does, with its container; an existing version is kept as it is. */
export function registerVersion(
  ctx: EmulatorContext,
  workspaceId: string,
  collection: AssetCollection,
  { name, version, properties }: NewVersion,
): StoredResource {
  return ctx.store.transaction(() => {
    const container = ensureContainer(ctx, workspaceId, collection, name, dataTypeOf(properties));
    const id = `${container.id}/versions/${version ?? nextVersion(ctx, container.id)}`;
    const known = getResource(ctx.store, id);
    if (known !== undefined) return known;
    const type = `${ML}/workspaces/${collection}/versions`;
    const merged = { ...COMMON, ...properties, provisioningState: 'Succeeded' };
    return put(ctx, id, type, merged);
  });
}

/** The container of an asset's versions, made when it is missing. */
export function ensureContainer(
  ctx: EmulatorContext,
  workspaceId: string,
  collection: AssetCollection,
  name: string,
  properties: Json = {},
): StoredResource {
  const id = `${workspaceId}/${collection}/${name}`;
  const known = getResource(ctx.store, id);
  return known ?? put(ctx, id, `${ML}/workspaces/${collection}`, { ...COMMON, ...properties });
}

/** One more than the highest version that is a whole number. */
function nextVersion(ctx: EmulatorContext, containerId: string): string {
  const numbers = childrenOf(ctx.store, `${containerId}/versions`).map(({ name }) => Number(name));
  return String(Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1);
}

function dataTypeOf(properties: Json): Json {
  return 'dataType' in properties ? { dataType: properties['dataType'] } : {};
}

function put(ctx: EmulatorContext, id: string, type: string, properties: Json): StoredResource {
  const now = new Date().toISOString();
  const resource: StoredResource = {
    _order: nextOrder(ctx.store),
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type,
    properties,
    systemData: { createdAt: now, createdBy: 'emulator', createdByType: 'User', lastModifiedAt: now },
  };
  putResource(ctx.store, resource);
  return resource;
}

function orderOf(resource: StoredResource): number {
  return Number(resource._order ?? 0);
}
