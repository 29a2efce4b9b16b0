import { userError } from '../errors.js';
import { ML, keyOf, nameOf, parentId } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { requireAsset } from './asset-kinds.js';
import { existing, notFoundOf, objectOf, propertiesOf, requiredText, store } from './crud.js';
import { requireName, requireSettled } from './endpoint-rules.js';
import { childrenOf, listReply } from './listing.js';
import { capacityOf, requireQuota } from './quota.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import type { ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';

const MOST = 20;
const DEFAULTS = {
  description: null,
  properties: {},
  environmentVariables: {},
  scaleSettings: { scaleType: 'Default' },
  appInsightsEnabled: false,
  egressPublicNetworkAccess: 'Enabled',
};

/** Online deployments: each PUT ends with healthy processes on this machine, or with the reason why not. */
export function deploymentType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  const settle = (id: string, state: Json) => updateProperties(ctx.store, id, state);
  operations.define('deployment.put', {
    run: async ({ resourceId }) => {
      await arm.deployments.deploy(keyOf(resourceId));
      settle(resourceId, { provisioningState: 'Succeeded' });
    },
    failed: ({ resourceId }) => settle(resourceId, { provisioningState: 'Failed' }),
  });
  operations.define('deployment.delete', {
    run: async ({ resourceId }) => {
      await arm.deployments.remove(keyOf(resourceId));
      resourcesOf(ctx.store).remove(keyOf(resourceId));
    },
    failed: ({ resourceId }) => settle(resourceId, { provisioningState: 'Failed' }),
  });
  return {
    type: `${ML}/workspaces/onlineEndpoints/deployments`,
    get: (request) => ok(visible(existing(ctx, request))),
    list: (request) => {
      endpointOf(arm, request, parentId(`${request.path}/x`));
      return listReply(request, childrenOf(ctx.store, request.path));
    },
    put: (request) => putDeployment(arm, request),
    patch: (request) => patchDeployment(arm, request),
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      requireSettled(found, `delete deployment ${found.name}`);
      requireNoTraffic(arm, request, found);
      settle(found.id, { provisioningState: 'Deleting' });
      return accepted(request, operations.start('deployment.delete', 'odidp', found.id), found.location);
    },
    actions: { getlogs: (request) => logs(arm, request) },
  };
}

function endpointOf({ ctx }: ArmServices, request: ArmRequest, id: string): StoredResource {
  const endpoint = getResource(ctx.store, id);
  if (endpoint === undefined)
    throw notFoundOf({ ...request, id: { ...request.id, path: request.id.path.slice(0, -1) } });
  return endpoint;
}

function putDeployment(arm: ArmServices, request: ArmRequest): ArmReply {
  const { ctx } = arm;
  const name = nameOf(request.path);
  requireName('deployment', name);
  const endpoint = endpointOf(arm, request, parentId(request.path));
  requireSettled(endpoint, `create a deployment in endpoint ${endpoint.name}`);
  const before = getResource(ctx.store, request.path);
  requireSettled(before, `update deployment ${name}`);
  requireRoom(arm, endpoint, before);
  const given = propertiesOf(request.body);
  checkDeployment(arm, request, given);
  const sku = { name: 'Default', ...objectOf(request.body, 'sku') };
  const capacity = requireCapacity(sku);
  if (typeof given['instanceType'] === 'string')
    requireQuota(ctx, given['instanceType'], capacity, keyOf(request.path));
  const body = { tags: {}, ...request.body, sku: { ...sku, capacity } };
  const state = before === undefined ? 'Creating' : 'Updating';
  const { resource, created } = store(
    ctx,
    { ...request, body },
    { ...DEFAULTS, ...given, provisioningState: state },
  );
  return acceptedPut(
    request,
    resource,
    arm.operations.start('deployment.put', 'odidp', resource.id),
    created,
  );
}

function requireRoom(
  { ctx }: ArmServices,
  endpoint: StoredResource,
  before: StoredResource | undefined,
): void {
  const count = childrenOf(ctx.store, `${endpoint.id}/deployments`).length;
  if (before === undefined && count >= MOST) {
    throw userError(`Endpoint ${endpoint.name} has ${count} deployments already; the limit is ${MOST}.`);
  }
}

function checkDeployment({ ctx }: ArmServices, request: ArmRequest, given: Json): void {
  const kind = requiredText(given, 'endpointComputeType');
  if (kind !== 'Managed' && kind !== 'Kubernetes')
    throw userError(`endpointComputeType '${kind}' is none of Managed, Kubernetes.`);
  if (kind === 'Managed') requiredText(given, 'instanceType');
  const scale = objectOf(given, 'scaleSettings')['scaleType'] ?? 'Default';
  if (kind === 'Managed' && scale !== 'Default')
    throw userError('ManagedOnlineEndpoint supports DefaultScaleSettings only.');
  requireAsset(ctx, request, 'models', given['model']);
  requireAsset(ctx, request, 'environments', given['environmentId']);
  const code = objectOf(given, 'codeConfiguration');
  if (Object.keys(code).length > 0) requiredText(code, 'scoringScript');
  requireAsset(ctx, request, 'codes', code['codeId']);
}

function requireCapacity(sku: Json): number {
  const capacity = sku['capacity'] ?? 1;
  if (typeof capacity === 'number' && Number.isInteger(capacity) && capacity >= 1) return capacity;
  throw userError(
    `sku.capacity (the instance count) must be a whole number of at least 1, found ${JSON.stringify(capacity)}.`,
  );
}

/** PATCH changes tags and the instance count. */
function patchDeployment(arm: ArmServices, request: ArmRequest): ArmReply {
  const { ctx } = arm;
  const before = existing(ctx, request);
  requireSettled(before, `update deployment ${before.name}`);
  const sku = { ...before.sku, ...objectOf(request.body, 'sku') };
  const capacity = requireCapacity(sku);
  const scaled = capacity !== capacityOf(before);
  const instanceType = before.properties['instanceType'];
  if (scaled && typeof instanceType === 'string')
    requireQuota(ctx, instanceType, capacity, keyOf(request.path));
  const body = { ...before, tags: request.body['tags'] ?? before.tags, sku: { ...sku, capacity } };
  const state = scaled ? 'Scaling' : 'Updating';
  const { resource } = store(ctx, { ...request, body }, { ...before.properties, provisioningState: state });
  return accepted(request, arm.operations.start('deployment.put', 'odidp', resource.id), resource.location);
}

function requireNoTraffic(arm: ArmServices, request: ArmRequest, deployment: StoredResource): void {
  const { properties } = endpointOf(arm, request, parentId(request.path));
  for (const field of ['traffic', 'mirrorTraffic']) {
    const share =
      (properties[field] as Record<string, number> | undefined)?.[deployment.name.toLowerCase()] ?? 0;
    if (share === 0) continue;
    throw userError(
      `Deployment ${deployment.name} has ${share} % of ${field}. Set it to 0 before deleting the deployment.`,
    );
  }
}

async function logs(arm: ArmServices, request: ArmRequest): Promise<ArmReply> {
  const deployment = existing(arm.ctx, request);
  const tail = request.body['tail'] ?? 100;
  if (typeof tail !== 'number' || !Number.isInteger(tail) || tail < 1)
    throw userError('tail must be a whole number of at least 1.');
  return ok({ content: await arm.deployments.logs(keyOf(deployment.id), tail) });
}
