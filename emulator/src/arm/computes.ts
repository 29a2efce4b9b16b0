import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { ML, keyOf, nameOf } from '../ids.js';
import { getResource, resourcesOf, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import {
  existing,
  isJson,
  objectOf,
  propertiesOf,
  requiredText,
  store,
  textOf,
  workspaceOf,
} from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { quotas } from './quota.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import type { ArmHandler, ArmReply, ArmRequest, ArmServices, ResourceType } from './types.js';
import { requireSize } from './vm-sizes.js';

const TYPES = ['AmlCompute', 'ComputeInstance', 'Kubernetes', 'AKS', 'VirtualMachine', 'SynapseSpark'];

/** Compute targets. Nothing is rented: jobs run on this machine whatever the target is called. */
export function computeType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  const settle = (id: string, state: Json) => updateProperties(ctx.store, id, state);
  operations.define('compute.put', {
    run: ({ resourceId }) => {
      const inner = getResource(ctx.store, resourceId)?.properties['properties'];
      if (isJson(inner)) requireSize(inner['vmSize']);
      requireCores(ctx, resourceId);
      settle(resourceId, { provisioningState: 'Succeeded', provisioningErrors: null });
    },
    failed: ({ resourceId }, error) => {
      settle(resourceId, { provisioningState: 'Failed', provisioningErrors: [{ error: error.toDetail() }] });
    },
  });
  operations.define('compute.delete', {
    run: ({ resourceId }) => {
      resourcesOf(ctx.store).remove(keyOf(resourceId));
    },
  });
  operations.define('compute.state', {
    run: ({ resourceId, payload }) => {
      updateProperties(ctx.store, resourceId, ({ properties }) => ({
        properties: { ...(isJson(properties) ? properties : {}), state: payload['state'] },
      }));
    },
  });
  const instance = (request: ArmRequest) => {
    const compute = existing(ctx, request);
    if (compute.properties['computeType'] === 'ComputeInstance') return compute;
    throw userError(
      `${nameOf(request.path)} is no compute instance: it cannot be started, stopped or signed in to.`,
    );
  };
  const action =
    (state: string): ArmHandler =>
    (request) => {
      const compute = instance(request);
      return accepted(
        request,
        operations.start('compute.state', 'cst', compute.id, { state }),
        compute.location,
      );
    };
  return {
    type: `${ML}/workspaces/computes`,
    get: (request) => ok(visible(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path)),
    put: (request) => putCompute(arm, request),
    patch: (request) => patchCompute(arm, request),
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      settle(found.id, { provisioningState: 'Deleting' });
      return accepted(request, operations.start('compute.delete', 'cdl', found.id), found.location);
    },
    actions: {
      // Nodes that are busy are this machine: none is shown.
      listnodes: (request) => {
        existing(ctx, request);
        return ok({ nodes: [] });
      },
      start: action('Running'),
      stop: action('Stopped'),
      restart: action('Running'),
      enablesso: (request) => {
        const inner = objectOf(instance(request).properties, 'properties');
        settle(request.path, { properties: { ...inner, enableSSO: request.body['enableSSO'] === true } });
        return { status: 200 };
      },
    },
  };
}

function putCompute(arm: ArmServices, request: ArmRequest): ArmReply {
  const { ctx, operations } = arm;
  const name = nameOf(request.path);
  if (!/^[a-z][a-z0-9-]{0,30}[a-z0-9]$/i.test(name)) {
    throw userError(
      `Compute name '${name}' must be 2 to 32 letters, digits or dashes, begin with a letter and not end with a dash.`,
    );
  }
  const given = propertiesOf(request.body);
  const kind = requiredText(given, 'computeType');
  if (!TYPES.includes(kind)) throw userError(`computeType '${kind}' is none of ${TYPES.join(', ')}.`);
  const before = getResource(ctx.store, request.path);
  requireIdle(before);
  const inner = objectOf(given, 'properties');
  if (kind === 'AmlCompute' || kind === 'ComputeInstance') requiredText(inner, 'vmSize');
  requireSameSize(before, inner);
  requireScale(objectOf(inner, 'scaleSettings'));
  const location = before?.location ?? workspaceOf(ctx, request).location;
  const properties = {
    description: null,
    disableLocalAuth: true,
    isAttachedCompute: false,
    ...given,
    computeLocation: location,
    provisioningState: before === undefined ? 'Creating' : 'Updating',
    provisioningErrors: null,
    properties: { ...defaultsOf(kind), ...inner },
  };
  const { resource, created } = store(ctx, { ...request, body: { location, ...request.body } }, properties);
  return acceptedPut(request, resource, operations.start('compute.put', 'cpt', resource.id), created);
}

function defaultsOf(kind: string): Json {
  if (kind === 'ComputeInstance') return { state: 'Running' };
  if (kind !== 'AmlCompute') return {};
  return {
    vmPriority: 'Dedicated',
    osType: 'Linux',
    allocationState: 'Steady',
    currentNodeCount: 0,
    targetNodeCount: 0,
    scaleSettings: { minNodeCount: 0, maxNodeCount: 4, nodeIdleTimeBeforeScaleDown: 'PT2M' },
  };
}

function requireIdle(compute: StoredResource | undefined): void {
  const state = compute?.properties['provisioningState'];
  if (state === 'Creating' || state === 'Updating' || state === 'Deleting') {
    throw new AzureError(
      409,
      'Conflict',
      `Compute ${compute?.name ?? ''} is in ${state} provisioning state.`,
    );
  }
}

function requireScale({ minNodeCount = 0, maxNodeCount = Infinity }: Json): void {
  const isCount = (count: unknown): count is number =>
    count === Infinity || (Number.isSafeInteger(count) && Number(count) >= 0);
  if (!isCount(minNodeCount) || !isCount(maxNodeCount))
    throw userError('scaleSettings: minNodeCount and maxNodeCount must be whole numbers of at least 0.');
  if (minNodeCount > maxNodeCount)
    throw userError(`scaleSettings: minNodeCount ${minNodeCount} is above maxNodeCount ${maxNodeCount}.`);
}

function requireSameSize(before: StoredResource | undefined, inner: Json): void {
  const old = before?.properties['properties'];
  const size = isJson(old) ? textOf(old, 'vmSize') : undefined;
  const asked = textOf(inner, 'vmSize') ?? size;
  if (size === undefined || size.toLowerCase() === asked?.toLowerCase()) return;
  throw userError(`The vmSize of a compute cannot be changed: it is ${size}. Delete the compute first.`);
}

function patchCompute(arm: ArmServices, request: ArmRequest): ArmReply {
  const { ctx } = arm;
  const before = existing(ctx, request);
  requireIdle(before);
  const outer = propertiesOf(request.body);
  const inner = objectOf(outer, 'properties');
  const old = before.properties['properties'];
  const properties = { ...before.properties, properties: { ...(isJson(old) ? old : {}), ...inner } };
  return ok(visible(store(ctx, { ...request, body: { ...before } }, properties).resource));
}

/** Nodes that are always on are paid for at once, so only their quota is looked at. */
function requireCores(ctx: EmulatorContext, id: string): void {
  const inner = getResource(ctx.store, id)?.properties['properties'];
  if (!isJson(inner)) return;
  const scale = isJson(inner['scaleSettings']) ? inner['scaleSettings'] : {};
  const nodes = typeof scale['minNodeCount'] === 'number' ? scale['minNodeCount'] : 0;
  const all = quotas(ctx);
  const allowed = (all[String(inner['vmSize']).toLowerCase()] ?? all['*'])?.instances;
  if (allowed === undefined || nodes <= allowed) return;
  throw new AzureError(
    400,
    'ClusterMinNodesExceedCoreQuota',
    `The specified subscription has a quota of ${allowed} nodes of ${String(inner['vmSize'])}, which is less than the requested minimum of ${nodes}.`,
  );
}
