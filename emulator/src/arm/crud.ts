import type { EmulatorContext } from '../context.js';
import { AzureError, resourceNotFound, userError } from '../errors.js';
import { nameOf, parentId, registryIdOf, typeOf, workspaceIdOf } from '../ids.js';
import { getResource, nextOrder, putResource } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import type { ArmRequest } from './types.js';

const CALLER = { createdBy: 'emulator', createdByType: 'User' } as const;

/** `properties` of a request, or an error that says what was found instead of an object. */
export function propertiesOf(body: Json): Json {
  const properties = body['properties'] ?? {};
  if (isJson(properties)) return properties;
  throw userError(`'properties' must be an object, found ${describe(properties)}.`);
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object field of a JSON object; `{}` where it is absent or null. */
export function objectOf(json: Json, field: string): Json {
  const value = json[field] ?? {};
  if (isJson(value)) return value;
  throw userError(`'${field}' must be an object, found ${describe(value)}.`);
}

/** A string field that may be absent or null. */
export function textOf(json: Json, field: string): string | undefined {
  const value = json[field] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw userError(`'${field}' must be a string, found ${describe(value)}.`);
}

/** A string field that must be there. */
export function requiredText(json: Json, field: string): string {
  const value = textOf(json, field);
  if (value === undefined || value === '') throw userError(`The ${field} field is required.`);
  return value;
}

function describe(value: unknown): string {
  return JSON.stringify(value).slice(0, 80);
}

/** The stored resource that the request names, or 404 with `missing` (Resource Manager's words by default). */
export function existing(
  ctx: EmulatorContext,
  request: ArmRequest,
  missing?: () => AzureError,
): StoredResource {
  const found = getResource(ctx.store, request.path);
  if (found !== undefined) return found;
  throw missing?.() ?? notFoundOf(request);
}

/** 404 in Resource Manager's words. */
export function notFoundOf(request: ArmRequest): AzureError {
  // Without the action that was asked of it.
  const path = request.id.path.filter(([, name]) => name !== undefined);
  const names = path.map(([, name]) => name ?? '').join('/');
  return resourceNotFound(`${typeOf({ ...request.id, path })}/${names}`, request.id.resourceGroup ?? '');
}

/** Refuses what lies in a resource group, workspace or scope that does not exist. */
export function requireParents(ctx: EmulatorContext, request: ArmRequest): void {
  const { id, path } = request;
  if (id.resourceGroup === undefined) return;
  const group = `/subscriptions/${id.subscription}/resourceGroups/${id.resourceGroup}`;
  if (getResource(ctx.store, group) === undefined) {
    throw new AzureError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${id.resourceGroup}' could not be found.`,
    );
  }
  const holder = workspaceIdOf(path) ?? registryIdOf(path);
  const isHolder = holder === undefined || path.replace(/\/$/, '').length === holder.length;
  if (!isHolder && getResource(ctx.store, holder) === undefined) {
    throw resourceNotFound(withoutScope(holder), id.resourceGroup);
  }
  requireEndpoint(ctx, request);
}

/** Assets' containers come with their first version; what belongs to an endpoint needs it. */
function requireEndpoint(ctx: EmulatorContext, { id, path }: ArmRequest): void {
  const [endpoint, name] = id.path[1] ?? [];
  if (id.path.length < 3 || name === undefined || !/^(online|batch)endpoints$/i.test(endpoint ?? '')) return;
  const owner = `${workspaceIdOf(path) ?? ''}/${endpoint ?? ''}/${name}`;
  if (getResource(ctx.store, owner) !== undefined) return;
  throw resourceNotFound(withoutScope(owner), id.resourceGroup ?? '');
}

function withoutScope(id: string): string {
  return id.slice(id.lastIndexOf('/providers/') + '/providers/'.length);
}

/** The stored workspace a request is about; its existence was checked by the router. */
export function workspaceOf(ctx: EmulatorContext, request: ArmRequest): StoredResource {
  const id = workspaceIdOf(request.path) ?? '';
  const workspace = getResource(ctx.store, id);
  if (workspace === undefined) throw resourceNotFound(id, request.id.resourceGroup ?? '');
  return workspace;
}

/** The id in the spelling under which the resource's ancestors were created. */
export function canonicalId(ctx: EmulatorContext, path: string): string {
  const clean = path.replace(/\/+$/, '');
  for (let above = parentId(clean); above.split('/').length > 2; above = parentId(above)) {
    const known = getResource(ctx.store, above);
    if (known !== undefined) return known.id + clean.slice(above.length);
  }
  return clean;
}

/** Builds and stores what PUT leaves behind: `properties` as given, envelope fields from the body, systemData kept up. */
export function store(
  ctx: EmulatorContext,
  request: ArmRequest,
  properties: Json,
  internal: Record<`_${string}`, unknown> = {},
): { resource: StoredResource; created: boolean } {
  const before = getResource(ctx.store, request.path);
  const now = new Date().toISOString();
  const id = before?.id ?? canonicalId(ctx, request.path);
  const envelope = ['location', 'tags', 'sku', 'identity', 'kind', 'managedBy', 'zones'] as const;
  const given = Object.fromEntries(
    envelope.flatMap((key) => {
      const value = request.body[key] ?? undefined;
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const resource: StoredResource = {
    ...internalOf(before),
    _order: before?.['_order'] ?? nextOrder(ctx.store),
    ...internal,
    id,
    name: before?.name ?? nameOf(id),
    type: before?.type ?? typeOf(request.id),
    ...given,
    properties,
    systemData: { ...CALLER, createdAt: before?.systemData.createdAt ?? now, lastModifiedAt: now },
  };
  putResource(ctx.store, resource);
  return { resource, created: before === undefined };
}

function internalOf(resource: StoredResource | undefined): Record<`_${string}`, unknown> {
  return Object.fromEntries(Object.entries(resource ?? {}).filter(([key]) => key.startsWith('_')));
}
