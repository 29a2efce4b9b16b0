import { randomBytes, randomUUID } from 'node:crypto';
import { userError } from '../errors.js';
import { ML, keyOf, nameOf } from '../ids.js';
import { getResource, putResource, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { tokensOf } from '../scoring/auth.js';
import type { Token } from '../scoring/auth.js';
import { scoringUri } from '../scoring/uri.js';
import { existing, isJson, propertiesOf, requiredText, store, textOf } from './crud.js';
import { checkedTraffic, requireFreeName, requireName, requireSettled } from './endpoint-rules.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import { removeTree } from './scopes.js';
import type { ArmHandler, ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

const AUTH_MODES = ['Key', 'AMLToken', 'AADToken'];
const TOKEN_LIFE = 3600;

/** Online endpoints: traffic, keys and what their PUT and DELETE set going. */
export function endpointType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  const settle = (id: string, provisioningState: string) =>
    updateProperties(ctx.store, id, { provisioningState });
  operations.define('endpoint.put', {
    run: ({ resourceId, payload }) => {
      updateProperties(ctx.store, resourceId, { ...payload, provisioningState: 'Succeeded' });
    },
    failed: ({ resourceId }) => settle(resourceId, 'Failed'),
  });
  operations.define('endpoint.delete', {
    run: async ({ resourceId }) => {
      const deployments = childrenOf(ctx.store, `${resourceId}/deployments`);
      await Promise.all(deployments.map(({ id }) => arm.deployments.remove(keyOf(id))));
      removeTree(arm, resourceId);
    },
    failed: ({ resourceId }) => settle(resourceId, 'Failed'),
  });
  operations.define('endpoint.keys', { run: () => undefined });
  const present = (endpoint: StoredResource) => presentEndpoint(arm, endpoint);
  return {
    type: `${ML}/workspaces/onlineEndpoints`,
    get: (request) => ok(present(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path), present),
    put: (request) => putEndpoint(arm, request, present),
    patch: (request) => {
      const before = existing(ctx, request);
      requireSettled(before, `update endpoint ${before.name}`);
      const { tags, identity } = request.body;
      const body = {
        ...before,
        ...(tags === undefined ? {} : { tags }),
        ...(identity === undefined ? {} : { identity }),
      };
      const { resource } = store(
        ctx,
        { ...request, body },
        { ...before.properties, provisioningState: 'Updating' },
      );
      return accepted(request, operations.start('endpoint.put', 'oeidp', resource.id), resource.location);
    },
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      requireSettled(found, `delete endpoint ${found.name}`);
      settle(found.id, 'Deleting');
      return accepted(request, operations.start('endpoint.delete', 'oeidp', found.id), found.location);
    },
    actions: keyActions(arm),
  };
}

function presentEndpoint({ ctx }: ArmServices, endpoint: StoredResource): Record<string, unknown> {
  const uri = scoringUri(ctx, endpoint);
  const urls = { scoringUri: uri, swaggerUri: uri.replace(/\/score$/, '/swagger.json') };
  return { ...visible(endpoint), properties: { ...endpoint.properties, ...urls } };
}

function putEndpoint(
  arm: ArmServices,
  request: ArmRequest,
  present: (resource: StoredResource) => unknown,
): ArmReply {
  const { ctx } = arm;
  const name = nameOf(request.path);
  requireName('endpoint', name);
  const before = getResource(ctx.store, request.path);
  requireSettled(before, `update endpoint ${name}`);
  if (before === undefined) requireFreeName(ctx, request.path, name, textOf(request.body, 'location'));
  const given = propertiesOf(request.body);
  const authMode = authModeOf(given, before);
  const traffic = trafficOf(arm, request, given);
  const { keys, ...rest } = given;
  const properties: Json = {
    description: null,
    properties: {},
    publicNetworkAccess: 'Enabled',
    ...rest,
    authMode,
  };
  // Traffic moves when the operation succeeds, not when it is asked for.
  properties['traffic'] = before?.properties['traffic'] ?? {};
  properties['mirrorTraffic'] = before?.properties['mirrorTraffic'] ?? {};
  properties['provisioningState'] = before === undefined ? 'Creating' : 'Updating';
  const body = {
    identity: identityOf(request.body, before),
    kind: 'Managed',
    tags: {},
    ...without(request.body, 'identity'),
  };
  const { resource, created } = store(ctx, { ...request, body }, properties, {
    _keys: before?.['_keys'] ?? keysOf(keys),
  });
  const operation = arm.operations.start('endpoint.put', 'oeidp', resource.id, traffic);
  return acceptedPut(request, resource, operation, created, present(resource));
}

function without(body: Json, field: string): Json {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== field));
}

function authModeOf(given: Json, before: StoredResource | undefined): string {
  const asked = textOf(given, 'authMode') ?? 'Key';
  const mode = AUTH_MODES.find((known) => known.toLowerCase() === asked.toLowerCase());
  if (mode === undefined) throw userError(`authMode '${asked}' is none of ${AUTH_MODES.join(', ')}.`);
  const old = before === undefined ? undefined : textOf(before.properties, 'authMode');
  if (old !== undefined && old !== mode)
    throw userError(`The authMode of an endpoint cannot be changed: it is ${old}.`);
  return mode;
}

/** API versions up to 2022-10-01 do not know `mirrorTraffic`: it is dropped, as Azure drops it. */
function trafficOf({ ctx }: ArmServices, request: ArmRequest, given: Json): Json {
  const version = request.query['api-version'] ?? '';
  const known = version.endsWith('-preview') || version > '2022-10-01';
  return checkedTraffic(ctx, request.path, known ? given : without(given, 'mirrorTraffic'));
}

function identityOf(body: Json, before: StoredResource | undefined): unknown {
  const asked = isJson(body['identity'])
    ? body['identity']
    : (before?.identity ?? { type: 'SystemAssigned' });
  const principalId = before?.identity?.['principalId'] ?? randomUUID();
  return String(asked['type']).includes('SystemAssigned')
    ? { principalId, tenantId: randomUUID(), ...asked }
    : asked;
}

function keysOf(given: unknown): Json {
  const keys = isJson(given) ? given : {};
  return { primaryKey: keys['primaryKey'] ?? newKey(), secondaryKey: keys['secondaryKey'] ?? newKey() };
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function keyActions(arm: ArmServices): Record<string, ArmHandler> {
  const { ctx, operations } = arm;
  return {
    listkeys: (request) => {
      const endpoint = existing(ctx, request);
      if (endpoint.properties['authMode'] !== 'Key')
        throw userError(`Endpoint ${endpoint.name} has no keys: its authMode is not Key.`);
      return ok(endpoint['_keys']);
    },
    regeneratekeys: (request) => {
      const endpoint = existing(ctx, request);
      const which = requiredText(request.body, 'keyType');
      if (which !== 'Primary' && which !== 'Secondary')
        throw userError(`keyType '${which}' is none of Primary, Secondary.`);
      const field = which === 'Primary' ? 'primaryKey' : 'secondaryKey';
      const keys = endpoint['_keys'] as Json;
      const asked = textOf(request.body, 'keyValue');
      // azure-ai-ml sends the old value along when it means a new one.
      const value = asked === undefined || asked === keys[field] ? newKey() : asked;
      putResource(ctx.store, { ...endpoint, _keys: { ...keys, [field]: value } });
      return accepted(request, operations.start('endpoint.keys', 'oeidp', endpoint.id), endpoint.location);
    },
    token: (request) => {
      const endpoint = existing(ctx, request);
      if (endpoint.properties['authMode'] === 'Key')
        throw userError(`Endpoint ${endpoint.name} gives no tokens: its authMode is Key.`);
      const now = Math.floor(ctx.faults.clock.now() / 1000);
      const known = tokensOf(endpoint).filter(({ expiryTimeUtc }) => expiryTimeUtc > now);
      const fresh = known.find(({ refreshAfterTimeUtc }) => refreshAfterTimeUtc > now);
      if (fresh !== undefined) return ok(fresh);
      const token: Token = {
        accessToken: newKey(),
        expiryTimeUtc: now + TOKEN_LIFE,
        refreshAfterTimeUtc: now + TOKEN_LIFE / 2,
        tokenType: 'Bearer',
      };
      // One that is to be refreshed is good until it expires.
      putResource(ctx.store, { ...endpoint, _tokens: [...known, token] });
      return ok(token);
    },
  };
}
