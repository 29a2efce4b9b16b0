import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';

/** The resources directly in a collection, newest first; what lies below them is not read. */
export function inCollection(ctx: EmulatorContext, collectionId: string): StoredResource[] {
  const resources = resourcesOf(ctx.store);
  return namesIn(ctx, collectionId)
    .flatMap((key) => resources.get(key) ?? [])
    .sort((left, right) => orderOf(right) - orderOf(left));
}

/** How many resources lie directly in a collection. */
export function countIn(ctx: EmulatorContext, collectionId: string): number {
  return namesIn(ctx, collectionId).length;
}

function namesIn(ctx: EmulatorContext, collectionId: string): string[] {
  const prefix = `${keyOf(collectionId)}/`;
  return resourcesOf(ctx.store)
    .keys(prefix)
    .filter((key) => !key.slice(prefix.length).includes('/'));
}

function orderOf({ _order, systemData }: StoredResource): number {
  return Number(_order ?? Date.parse(systemData.createdAt));
}

/** An object field, `{}` where there is none. */
export function fieldsOf(json: Json | undefined, field: string): Json {
  const value = json?.[field];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A text field, undefined where there is none. */
export function textOf(json: Json | undefined, field: string): string | undefined {
  const value = json?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
