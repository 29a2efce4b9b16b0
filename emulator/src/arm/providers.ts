import type { EmulatorContext } from '../context.js';
import type { Json, StoredResource } from '../resources.js';
import { resourcesOf } from '../resources.js';
import { TENANT, guidOf, keyOf } from '../ids.js';
import { existing, propertiesOf, requiredText, store } from './crud.js';
import { childrenOf, listReply } from './listing.js';
import { ok, visible } from './replies.js';
import type { ArmHandler, ArmServices, ResourceType } from './types.js';

/** Fields that the service itself adds to what was put, made anew for each answer. */
type Computed = (resource: StoredResource, ctx: EmulatorContext) => Json;

interface Described {
  readonly type: string;
  /** 200 for a new one too. */
  readonly alwaysOk?: boolean;
  readonly computed?: Computed;
  /** Fields that only an action of its own answers. */
  readonly secrets?: readonly string[];
  readonly required?: readonly string[];
  readonly actions?: (arm: ArmServices) => Record<string, ArmHandler>;
}

const DESCRIBED: readonly Described[] = [
  {
    type: 'Microsoft.Storage/storageAccounts',
    computed: (_, { blob }) => ({
      primaryEndpoints: { blob: `${blob.publicUrl}/` },
      statusOfPrimary: 'available',
    }),
    actions: ({ ctx }) => ({
      listkeys: () => ok({ keys: [{ keyName: 'key1', value: ctx.blob.key, permissions: 'FULL' }] }),
    }),
  },
  { type: 'Microsoft.Storage/storageAccounts/blobServices/containers' },
  {
    type: 'Microsoft.KeyVault/vaults',
    computed: ({ name }) => ({ vaultUri: `https://${name.toLowerCase()}.vault.azure.net/` }),
  },
  {
    type: 'Microsoft.Insights/components',
    computed: (resource) => ({
      AppId: guidOf(`${resource.id}/app`),
      InstrumentationKey: guidOf(resource.id),
      ConnectionString: `InstrumentationKey=${guidOf(resource.id)}`,
    }),
  },
  { type: 'Microsoft.OperationalInsights/workspaces', computed: ({ id }) => ({ customerId: guidOf(id) }) },
  { type: 'Microsoft.Insights/diagnosticSettings' },
  {
    type: 'Microsoft.ContainerRegistry/registries',
    computed: ({ name }) => ({ loginServer: `${name.toLowerCase()}.azurecr.io` }),
  },
  { type: 'Microsoft.Authorization/roleAssignments' },
  {
    type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
    computed: ({ id }) => ({
      clientId: guidOf(`${id}/client`),
      principalId: guidOf(`${id}/principal`),
      tenantId: TENANT,
    }),
  },
  {
    type: 'Microsoft.MachineLearningServices/workspaces/connections',
    // The client accepts nothing else.
    alwaysOk: true,
    secrets: ['credentials'],
    required: ['authType'],
    actions: ({ ctx }) => ({ listsecrets: (request) => ok(visible(existing(ctx, request))) }),
  },
];

/** The neighbours of a workspace: they are stored and answered, with the few fields their service computes. */
export function providerTypes(arm: ArmServices): ResourceType[] {
  return DESCRIBED.map((described) => providerType(arm, described));
}

/** What the service of a neighbour adds to what was put. */
export function computedOf(ctx: EmulatorContext, resource: StoredResource): Json {
  const described = DESCRIBED.find(({ type }) => type.toLowerCase() === resource.type.toLowerCase());
  return described?.computed?.(resource, ctx) ?? {};
}

function providerType(
  arm: ArmServices,
  { type, alwaysOk = false, computed, secrets = [], required = [], actions }: Described,
): ResourceType {
  const { ctx } = arm;
  const present = (resource: StoredResource) => ({
    ...visible(resource),
    properties: { ...without(resource.properties, secrets), ...computed?.(resource, ctx) },
  });
  return {
    type,
    get: (request) => ok(present(existing(ctx, request))),
    list: (request) => listReply(request, childrenOf(ctx.store, request.path), present),
    put: (request) => {
      const properties = { ...propertiesOf(request.body), provisioningState: 'Succeeded' };
      for (const field of required) requiredText(properties, field);
      const { resource, created } = store(ctx, request, properties);
      return { status: created && !alwaysOk ? 201 : 200, body: present(resource) };
    },
    patch: (request) => {
      const before = existing(ctx, request);
      const properties = { ...before.properties, ...propertiesOf(request.body) };
      return ok(
        present(store(ctx, { ...request, body: { ...before, ...request.body } }, properties).resource),
      );
    },
    remove: (request) => ({ status: resourcesOf(ctx.store).remove(keyOf(request.path)) ? 200 : 204 }),
    ...(actions === undefined ? {} : { actions: actions(arm) }),
  };
}

function without(properties: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !fields.includes(key)));
}
