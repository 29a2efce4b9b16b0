import { AzureError } from '../errors.js';
import { TENANT, resourceGroupId } from '../ids.js';
import { getResource, resourcesOf } from '../resources.js';
import { requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, ok, visible } from './replies.js';
import type { Scopes } from './router.js';
import type { ArmReply, ArmRequest, ArmServices } from './types.js';

/** Subscriptions (any id is one) and resource groups. */
export function createScopes(arm: ArmServices): Scopes {
  arm.operations.define('resourceGroup.delete', {
    run: ({ resourceId }) => {
      removeTree(arm, resourceId);
    },
  });
  return { handle: (request) => handleScope(arm, request) };
}

/** Removes a resource with all that lies under it, and stops its deployments. */
export function removeTree(arm: ArmServices, id: string): void {
  const resources = resourcesOf(arm.ctx.store);
  const below = resources.list(`${id.toLowerCase()}/`).map(({ key }) => key);
  for (const key of [...below, id.toLowerCase()]) {
    if (/\/onlineendpoints\/[^/]+\/deployments\/[^/]+$/.test(key)) void arm.deployments.remove(key);
    resources.remove(key);
  }
}

function handleScope(arm: ArmServices, request: ArmRequest): ArmReply | undefined {
  const parts = request.path.split('/').filter((part) => part !== '');
  if (/^providers$/i.test(parts[0] ?? '')) return ok({ value: [] });
  if (parts.length === 1 && request.method === 'GET') return ok({ value: knownSubscriptions(arm) });
  if (parts.length === 2 && request.method === 'GET') return ok(subscription(request.id.subscription));
  if (/^providers$/i.test(parts[2] ?? '') && parts.length <= 5) return providerReply(arm, request, parts);
  if (/^resources$/i.test(parts[2] ?? ''))
    return resourceList(arm, request, `/subscriptions/${parts[1] ?? ''}/`);
  if (!/^resourcegroups$/i.test(parts[2] ?? '')) return undefined;
  if (parts.length === 3 && request.method === 'GET')
    return listReply(request, childrenOf(arm.ctx.store, request.path));
  if (parts.length === 4) return groupReply(arm, request);
  if (parts.length === 5 && /^resources$/i.test(parts[4] ?? '')) {
    return resourceList(arm, request, `${resourceGroupId(request.id.subscription, parts[3] ?? '')}/`);
  }
  return undefined;
}

function subscription(id: string): unknown {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    tenantId: TENANT,
    displayName: `Local subscription ${id}`,
    state: 'Enabled',
  };
}

function knownSubscriptions(arm: ArmServices): unknown[] {
  const keys = resourcesOf(arm.ctx.store).list('/subscriptions/');
  const ids = new Set(keys.map(({ key }) => key.split('/')[2] ?? ''));
  return [...ids].map(subscription);
}

/** `/subscriptions/{s}/providers[/{ns}[/register|/{type}]]`: registration states and lists over all resource groups. */
function providerReply(
  arm: ArmServices,
  request: ArmRequest,
  parts: readonly string[],
): ArmReply | undefined {
  const [, , , namespace, last] = parts;
  if (namespace === undefined) return ok({ value: [] });
  if (last === undefined || /^register$/i.test(last)) {
    const id = `/subscriptions/${request.id.subscription}/providers/${namespace}`;
    return ok({ id, namespace, registrationState: 'Registered', resourceTypes: [] });
  }
  if (request.method !== 'GET') return undefined;
  const type = `${namespace}/${last}`.toLowerCase();
  const all = resourcesOf(arm.ctx.store).list(`/subscriptions/${request.id.subscription.toLowerCase()}/`);
  return listReply(
    request,
    all.map(({ value }) => value).filter((resource) => resource.type.toLowerCase() === type),
  );
}

/** Resources of the group itself: neither children nor extensions of others. */
function resourceList(arm: ArmServices, request: ArmRequest, prefix: string): ArmReply {
  const below = resourcesOf(arm.ctx.store).list(prefix.toLowerCase());
  const own =
    /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/(?!microsoft\.resources\/)[^/]+\/[^/]+\/[^/]+$/;
  return listReply(
    request,
    below.filter(({ key }) => own.test(key)).map(({ value }) => value),
  );
}

function groupReply(arm: ArmServices, request: ArmRequest): ArmReply {
  const { store: db } = arm.ctx;
  const found = getResource(db, request.path);
  const { method } = request;
  if (method === 'PUT') {
    requiredText(request.body, 'location');
    const tagged = { ...request, body: { tags: found?.tags ?? {}, ...request.body } };
    const { resource, created } = store(
      arm.ctx,
      tagged,
      { provisioningState: 'Succeeded' },
      { _group: true },
    );
    resource.type = 'Microsoft.Resources/resourceGroups';
    resourcesOf(db).put(resource.id.toLowerCase(), resource);
    return { status: created ? 201 : 200, body: visible(resource) };
  }
  if (method === 'HEAD') return { status: found === undefined ? 404 : 204 };
  if (found === undefined) {
    throw new AzureError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${request.id.resourceGroup ?? ''}' could not be found.`,
    );
  }
  if (method === 'GET') return ok(visible(found));
  if (method === 'DELETE')
    return accepted(request, arm.operations.start('resourceGroup.delete', 'rgd', found.id));
  if (method === 'PATCH')
    return ok(
      visible(store(arm.ctx, { ...request, body: { ...found, ...request.body } }, found.properties).resource),
    );
  throw new AzureError(405, 'MethodNotAllowed', `The method ${method} is not supported on a resource group.`);
}
