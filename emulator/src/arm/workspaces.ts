import { randomUUID } from 'node:crypto';
import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { ML, TENANT, keyOf, nameOf } from '../ids.js';
import { getResource, putResource, updateProperties } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { existing, propertiesOf, store, textOf } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { accepted, acceptedPut, ok, visible } from './replies.js';
import { removeTree } from './scopes.js';
import type { ArmRequest, ArmServices, ResourceType } from './types.js';

/** Result of a diagnosis that found nothing. */
const HEALTHY = {
  userDefinedRouteResults: [],
  networkSecurityRuleResults: [],
  resourceLockResults: [],
  dnsResolutionResults: [],
  storageAccountResults: [],
  keyVaultResults: [],
  containerRegistryResults: [],
  applicationInsightsResults: [],
  otherResults: [],
};

/** Workspaces; a new one gets its default datastores and their containers before it is `Succeeded`. */
export function workspaceType(arm: ArmServices): ResourceType {
  const { ctx, operations } = arm;
  operations.define('workspace.put', {
    run: async ({ resourceId }) => {
      await makeDatastores(ctx, resourceId);
      updateProperties(ctx.store, resourceId, { provisioningState: 'Succeeded' });
    },
    failed: ({ resourceId }) => {
      updateProperties(ctx.store, resourceId, { provisioningState: 'Failed' });
    },
  });
  operations.define('workspace.sync', { run: () => undefined });
  operations.define('workspace.delete', {
    run: ({ resourceId }) => {
      removeTree(arm, resourceId);
    },
  });
  const presented = (request: ArmRequest) => (resource: StoredResource) =>
    presentWorkspace(ctx, resource, request.base);
  return {
    type: `${ML}/workspaces`,
    get: (request) => ok(presented(request)(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path), presented(request)),
    put: (request) => putWorkspace(arm, request, presented(request)),
    patch: (request) => {
      const before = existing(ctx, request);
      const properties = { ...before.properties, ...propertiesOf(request.body) };
      return ok(
        presented(request)(
          store(ctx, { ...request, body: { ...before, ...request.body } }, properties).resource,
        ),
      );
    },
    remove: (request) => {
      const found = getResource(ctx.store, request.path);
      if (found === undefined) return { status: 204 };
      return accepted(request, operations.start('workspace.delete', 'wsd', found.id), found.location);
    },
    actions: {
      resynckeys: (request) =>
        accepted(request, operations.start('workspace.sync', 'wsk', existing(ctx, request).id)),
      diagnose: (request) => {
        existing(ctx, request);
        return ok({ value: HEALTHY });
      },
      listkeys: (request) => {
        existing(ctx, request);
        return ok({
          userStorageKey: ctx.blob.key,
          userStorageResourceId: existing(ctx, request).properties['storageAccount'],
        });
      },
    },
  };
}

function putWorkspace(arm: ArmServices, request: ArmRequest, present: (resource: StoredResource) => unknown) {
  const { ctx } = arm;
  const before = getResource(ctx.store, request.path);
  const name = nameOf(request.path);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}$/.test(name))
    throw userError(
      `Workspace name '${name}' must be 3 to 33 letters, digits, dashes or underscores and begin with a letter or digit.`,
    );
  if (textOf(request.body, 'kind')?.toLowerCase() === 'featurestore')
    throw new AzureError(501, 'NotImplemented', 'Feature stores are no part of the emulator.');
  const given = propertiesOf(request.body);
  for (const field of ['storageAccount', 'keyVault', 'applicationInsights'])
    requireNeighbour(ctx, given, field);
  const properties = {
    friendlyName: request.path.split('/').at(-1),
    description: '',
    hbiWorkspace: false,
    publicNetworkAccess: 'Enabled',
    v1LegacyMode: false,
    ...given,
    workspaceId: before?.properties['workspaceId'] ?? randomUUID(),
    tenantId: TENANT,
    provisioningState: before === undefined ? 'Creating' : 'Updating',
  };
  const body = {
    identity: identity(),
    kind: 'Default',
    sku: { name: 'Basic', tier: 'Basic' },
    tags: {},
    ...request.body,
  };
  const { resource, created } = store(ctx, { ...request, body }, properties);
  const operation = arm.operations.start('workspace.put', 'wsp', resource.id);
  return acceptedPut(request, resource, operation, created, present(resource));
}

function identity(): unknown {
  return { type: 'SystemAssigned', principalId: randomUUID(), tenantId: TENANT };
}

/** Ids of neighbours must name resources that exist, when they are given at all. */
function requireNeighbour(ctx: EmulatorContext, properties: Json, field: string): void {
  const id = textOf(properties, field);
  if (id === undefined || getResource(ctx.store, id) !== undefined) return;
  throw userError(`The ${field} '${id}' of the workspace does not exist: create it first.`);
}

/** URLs are made for each answer: a restart may change the port, and clients send tokens over https alone. */
function presentWorkspace(
  ctx: EmulatorContext,
  resource: StoredResource,
  base: string,
): Record<string, unknown> {
  const url = ctx.publicUrl(base);
  return {
    ...visible(resource),
    properties: {
      ...resource.properties,
      discoveryUrl: `${url}/discovery`,
      mlFlowTrackingUri: `azureml://${new URL(url).host}/mlflow/v1.0${resource.id}`,
    },
  };
}

/** Names of the containers behind a workspace's default datastores. */
export function defaultContainers(
  guid: string,
): Record<'workspaceblobstore' | 'workspaceartifactstore', string> {
  return { workspaceblobstore: `azureml-blobstore-${guid}`, workspaceartifactstore: `azureml-${guid}` };
}

async function makeDatastores(ctx: EmulatorContext, workspaceId: string): Promise<void> {
  const workspace = getResource(ctx.store, workspaceId);
  const guid = workspace?.properties['workspaceId'];
  if (workspace === undefined || typeof guid !== 'string') return;
  await ctx.blob.ready;
  for (const [name, containerName] of Object.entries(defaultContainers(guid))) {
    await ctx.blob.service.getContainerClient(containerName).createIfNotExists();
    const id = `${workspace.id}/datastores/${name}`;
    if (getResource(ctx.store, keyOf(id)) !== undefined) continue;
    const isDefault = name === 'workspaceblobstore';
    const properties = {
      datastoreType: 'AzureBlob',
      accountName: ctx.blob.account,
      containerName,
      endpoint: 'core.windows.net',
      protocol: 'https',
      credentials: { credentialsType: 'AccountKey' },
      serviceDataAccessAuthIdentity: 'None',
      isDefault,
      description: null,
      tags: {},
      properties: {},
    };
    putResource(ctx.store, {
      id,
      name,
      type: `${ML}/workspaces/datastores`,
      properties,
      systemData: workspace.systemData,
      _secrets: { secretsType: 'AccountKey', key: ctx.blob.key },
    });
  }
}
