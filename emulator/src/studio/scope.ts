import { STUDIO } from '../control/routes.js';
import { parseArmId, workspaceId, workspaceIdOf } from '../ids.js';
import type { EmulatorContext } from '../context.js';
import { RESOURCES, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';

/** A workspace as pages speak of it. */
export interface Scope {
  /** ARM id as it is stored. */
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly resource: StoredResource;
}

const WORKSPACE = /\/providers\/microsoft\.machinelearningservices\/workspaces\/[^/]+$/;
const REGISTRY = /\/providers\/microsoft\.machinelearningservices\/registries\/[^/]+$/;

/** Gives all workspaces, by name. */
export function createScopes(ctx: EmulatorContext): () => readonly Scope[] {
  return remembered(ctx, WORKSPACE);
}

/** Gives all registries, by name. */
export function createRegistries(ctx: EmulatorContext): () => readonly Scope[] {
  return remembered(ctx, REGISTRY);
}

/** Looked for anew only when one has changed, since there may be many keys to go through. */
function remembered(ctx: EmulatorContext, wanted: RegExp): () => readonly Scope[] {
  const resources = resourcesOf(ctx.store);
  let known: readonly Scope[] | undefined;
  ctx.store.changes.watch(({ collection, key }) => {
    if (collection === RESOURCES && wanted.test(key)) known = undefined;
  });
  return () =>
    (known ??= resources
      .keys('/subscriptions/')
      .filter((key) => wanted.test(key))
      .flatMap((key) => resources.get(key) ?? [])
      .map(scopeOf)
      .sort((left, right) => left.name.localeCompare(right.name)));
}

/** The workspace of an ARM id or of anything below it; undefined when it does not exist. */
export function scopeAt(ctx: EmulatorContext, id: string): Scope | undefined {
  const resource = resourcesOf(ctx.store).get(workspaceIdOf(id)?.toLowerCase() ?? '');
  return resource && scopeOf(resource);
}

function scopeOf(resource: StoredResource): Scope {
  const group = parseArmId(resource.id)?.resourceGroup ?? '';
  return { id: resource.id, name: resource.name, group, resource };
}

/** The id that the first segments of a page's path name: subscription, resource group, workspace. */
export function scopeId([subscription = '', group = '', workspace = '']: readonly string[]): string {
  return workspaceId(subscription, group, workspace);
}

/** Address of a page of a workspace; segments are escaped here. */
export function pageUrl(scope: Scope, ...segments: readonly string[]): string {
  const { subscription = '', resourceGroup = '' } = parseArmId(scope.id) ?? {};
  return [STUDIO, ...[subscription, resourceGroup, scope.name, ...segments].map(encodeURIComponent)].join(
    '/',
  );
}
