import { isDeepStrictEqual } from 'node:util';
import { ACCOUNT } from '../blob/azurite-process.js';
import { isOlderClient } from '../client-version.js';
import type { EmulatorContext } from '../context.js';
import type { AzureError } from '../errors.js';
import { userError } from '../errors.js';
import { ML, keyOf, nameOf, parentId, registryIdOf } from '../ids.js';
import { getResource, resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { existing, propertiesOf, requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { pendingUpload } from './pending-upload.js';
import { registryUri } from './registry-assets.js';
import { accepted, ok, visible } from './replies.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

/** A kind of versioned asset: `W/{collection}/{name}/versions/{version}`. */
export interface AssetKind {
  readonly collection: string;
  /** What the service calls it in its messages. */
  readonly label: string;
  readonly required: readonly string[];
  /** Fields that a version keeps for ever. */
  readonly immutable: readonly string[];
  readonly defaults: Json;
  /** What answers an attempt to change an immutable field. */
  readonly conflict: (name: string, version: string) => AzureError;
  /** Checks beyond required fields; throws. */
  readonly check?: (properties: Json) => void;
  /** Versions that a list over one name may look for elsewhere. */
  readonly search?: (ctx: EmulatorContext, request: ArmRequest) => StoredResource[] | undefined;
}

const COMMON = { description: null, tags: {}, properties: {}, isArchived: false, isAnonymous: false };

/** Container and version types of an asset kind. */
export function assetTypes(
  arm: ArmServices,
  kind: AssetKind,
  holder: 'workspaces' | 'registries' = 'workspaces',
): ResourceType[] {
  const base = `${ML}/${holder}/${kind.collection}`;
  return [containerType(arm.ctx, kind, base), versionType(arm, kind, base), labelType(arm.ctx, kind, base)];
}

function containerType(ctx: EmulatorContext, kind: AssetKind, type: string): ResourceType {
  const missing = (request: ArmRequest) => () =>
    userError(`${kind.label} container with name: ${nameOf(request.path)} not found.`, 404);
  const present = (container: StoredResource) => presentContainer(ctx, container);
  return {
    type,
    get: (request) => ok(present(existing(ctx, request, missing(request)))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path), present),
    put: (request) => {
      requireNames(kind, nameOf(request.path));
      const { resource, created } = store(ctx, request, { ...COMMON, ...propertiesOf(request.body) });
      const isOnly201 = registryIdOf(request.path) !== undefined && isOlderClient(request.userAgent);
      return { status: created || isOnly201 ? 201 : 200, body: present(resource) };
    },
    remove: (request) => {
      const below = resourcesOf(ctx.store).list(`${keyOf(request.path)}/`);
      for (const { key } of below) resourcesOf(ctx.store).remove(key);
      return { status: resourcesOf(ctx.store).remove(keyOf(request.path)) ? 200 : 204 };
    },
  };
}

function presentContainer(ctx: EmulatorContext, container: StoredResource): Record<string, unknown> {
  const versions = newestFirst(ctx, `${container.id}/versions`);
  const numbers = versions.map(({ name }) => Number(name)).filter(Number.isSafeInteger);
  return {
    ...visible(container),
    properties: {
      ...container.properties,
      latestVersion: versions[0]?.name ?? null,
      nextVersion: String(Math.max(0, ...numbers) + 1),
    },
  };
}

/** Versions by creation, the latest first. */
function newestFirst(ctx: EmulatorContext, collectionId: string): StoredResource[] {
  return childrenOf(ctx.store, collectionId).sort(
    (a, b) => Number(b['_order'] ?? 0) - Number(a['_order'] ?? 0),
  );
}

function versionType(arm: ArmServices, kind: AssetKind, base: string): ResourceType {
  const { ctx } = arm;
  const present = (request: ArmRequest) => (version: StoredResource) => presentVersion(ctx, request, version);
  arm.operations.define(REGISTERED, { run: () => undefined });
  return {
    type: `${base}/versions`,
    get: (request) => ok(present(request)(existing(ctx, request, () => versionMissing(kind, request)))),
    list: (request) =>
      listReply(
        request,
        kind.search?.(ctx, request) ?? childrenOf(ctx.store, request.path),
        present(request),
      ),
    put: (request) => {
      const reply = putVersion(ctx, kind, request);
      const isAwaited = registryIdOf(request.path) !== undefined && isOlderClient(request.userAgent);
      return isAwaited ? accepted(request, arm.operations.start(REGISTERED, 'mv', request.path)) : reply;
    },
    patch: (request) => {
      const before = existing(ctx, request, () => versionMissing(kind, request));
      const properties = { ...before.properties, ...propertiesOf(request.body) };
      return putVersion(ctx, kind, { ...request, body: { properties } });
    },
    remove: (request) => ({ status: resourcesOf(ctx.store).remove(keyOf(request.path)) ? 200 : 204 }),
    actions: { startpendingupload: (request) => pendingUpload(ctx, request) },
  };
}

/** A version of a registry that older clients wait for although it is there at once. */
const REGISTERED = 'version.put';

const URI_FIELDS = ['modelUri', 'dataUri'];

/** Assets of a registry go by the name that holds in every workspace, and lie in an account of the registry's. */
function presentVersion(
  ctx: EmulatorContext,
  request: ArmRequest,
  version: StoredResource,
): Record<string, unknown> {
  const registry = registryIdOf(version.id);
  if (registry === undefined) return visible(version);
  const id = `azureml://registries/${nameOf(registry)}${version.id.slice(registry.length)}`;
  const uris = URI_FIELDS.flatMap((field) => {
    const uri = version.properties[field];
    return typeof uri === 'string' ? [[field, registryUri(ctx, request.base, uri)]] : [];
  });
  const properties = { ...version.properties, ...(Object.fromEntries(uris) as Json) };
  return { ...visible(version), id, properties };
}

/** What `presentVersion` shows of a registry's addresses comes back as it is stored. */
function storedUris({ blob }: EmulatorContext, request: ArmRequest): Json {
  const given = propertiesOf(request.body);
  if (registryIdOf(request.path) === undefined) return given;
  const own = `${request.base}/`;
  const stored = (value: unknown) =>
    typeof value === 'string' && value.startsWith(own) && !value.startsWith(`${own}${ACCOUNT}/`)
      ? `${blob.publicUrl}/${value.slice(own.length)}`
      : value;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, URI_FIELDS.includes(key) ? stored(value) : value]),
  );
}

/** The specification's rule for names of assets, with the dots that curated environments have. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,254}$/;

function requireNames(kind: AssetKind, ...names: string[]): void {
  for (const name of names)
    if (!NAME.test(name))
      throw userError(
        `${kind.label} name or version '${name.slice(0, 300)}' is invalid: it must be 1 to 255 letters, digits, dashes, underscores or dots and begin with a letter or digit.`,
      );
}

function versionMissing(kind: AssetKind, request: ArmRequest): AzureError {
  const name = nameOf(parentId(request.path));
  return userError(`${kind.label} with name: ${name} and version: ${nameOf(request.path)} not found.`, 404);
}

function putVersion(ctx: EmulatorContext, kind: AssetKind, request: ArmRequest): ArmReply {
  const given = storedUris(ctx, request);
  requireNames(kind, nameOf(parentId(request.path)), nameOf(request.path));
  for (const field of kind.required) requiredText(given, field);
  kind.check?.(given);
  const before = getResource(ctx.store, request.path);
  // Its version is a hash of what counts in it; clients of other ages write the rest differently.
  if (before?.properties['isAnonymous'] === true && given['isAnonymous'] === true)
    return ok(presentVersion(ctx, request, before));
  const properties = { ...COMMON, ...kind.defaults, ...definedOf(given), provisioningState: 'Succeeded' };
  const changed =
    before !== undefined &&
    kind.immutable.some((field) => differs(before.properties[field], properties, field));
  const container = parentId(request.path);
  if (changed) throw kind.conflict(nameOf(container), nameOf(request.path));
  ensureContainer(ctx, kind, container, request);
  const { resource, created } = store(ctx, request, properties);
  return { status: created ? 201 : 200, body: presentVersion(ctx, request, resource) };
}

function differs(before: unknown, properties: Json, field: string): boolean {
  return !isDeepStrictEqual(before ?? null, properties[field] ?? null);
}

/** Nulls count as absent, so that defaults hold. */
function definedOf(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A version may be put without its container, which then comes with it. */
function ensureContainer(ctx: EmulatorContext, kind: AssetKind, id: string, request: ArmRequest): void {
  if (getResource(ctx.store, id) !== undefined) return;
  const path = request.id.path.slice(0, -1);
  const container = { ...request, path: id, id: { ...request.id, path }, body: {} };
  const dataType = kind.collection === 'data' ? { dataType: propertiesOf(request.body)['dataType'] } : {};
  store(ctx, container, { ...COMMON, ...dataType });
}

/** `W/{assets}/{name}/labels/{latest|default}` answers the version that the label stands for. */
function labelType(ctx: EmulatorContext, kind: AssetKind, base: string): ResourceType {
  return {
    type: `${base}/labels`,
    get: (request) => {
      const container = parentId(request.path);
      const latest = newestFirst(ctx, `${container}/versions`)[0];
      const label = nameOf(request.path).toLowerCase();
      if (latest === undefined || !['latest', 'default'].includes(label)) {
        throw userError(`${kind.label} with name: ${nameOf(container)} and label: ${label} not found.`, 404);
      }
      return ok(presentVersion(ctx, request, latest));
    },
  };
}
