import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Json } from '../../types.js';
import { dependencyResources, ownDependencies, templateOf } from '../../workspace-resources.js';
import type { WorkspacePlace } from '../../workspace-resources.js';
import { boolean, compact, fileObject, pascal, snakeWord, text, texts } from '../fields.js';
import { kind } from '../kind.js';
import { resourceGroupOf } from '../references.js';
import {
  armId,
  customerManagedKey,
  identityOf,
  managedNetwork,
  networkAcls,
  networkBody,
  serverlessCompute,
  workspaceIdentity,
} from '../workspace-parts.js';
import type { CustomerManagedKey, NetworkAcls, ServerlessCompute } from '../workspace-parts.js';

const schema = fileObject(
  {
    name: text,
    location: text.optional(),
    resource_group: text.optional(),
    description: text.optional(),
    discovery_url: text.optional(),
    display_name: text.optional(),
    hbi_workspace: boolean.optional(),
    storage_account: armId.optional(),
    container_registry: armId.optional(),
    key_vault: armId.optional(),
    application_insights: armId.optional(),
    customer_managed_key: customerManagedKey.optional(),
    tags: texts.optional(),
    image_build_compute: text.optional(),
    public_network_access: snakeWord(['enabled', 'disabled']).optional(),
    network_acls: networkAcls.optional(),
    system_datastores_auth_mode: text.optional(),
    identity: workspaceIdentity.optional(),
    primary_user_assigned_identity: text.optional(),
    workspace_hub: armId.optional(),
    managed_network: managedNetwork.optional(),
    provision_network_now: boolean.optional(),
    enable_data_isolation: boolean.optional(),
    allow_roleassignment_on_rg: boolean.optional(),
    serverless_compute: serverlessCompute.optional(),
  },
  ['id', 'mlflow_tracking_uri'],
);
type Workspace = z.infer<typeof schema>;

/**
 * `az ml workspace create`. The official client sends a template of Microsoft's own, of forty thousand characters, for
 * every sort of workspace; this one holds the resources that the file asks for. A lifecycle's own workspace is made by
 * `mlops setup` from `mlops.yaml`, so no lifecycle meets such a file: it is checked and translated.
 */
export const workspace = kind<Workspace>({
  name: 'workspace',
  roles: [],
  order: 0,
  detects: (value) =>
    'name' in value && ('hbi_workspace' in value || 'managed_network' in value || 'key_vault' in value),
  schema,
  async toRest(spec, _place, assets) {
    const location = spec.location ?? (await assets.location());
    const group = resourceGroupOf(assets.workspace);
    const place = placeOf(spec, group, location);
    return {
      resource: `${group}/providers/Microsoft.Resources/deployments/mlops-${spec.name}`,
      body: { properties: { mode: 'Incremental', template: templateOf(resourcesOf(spec, place)) } },
    };
  },
});

function placeOf({ name }: Workspace, group: string, location: string): WorkspacePlace {
  const hash = createHash('sha256').update(`${group}/${name}`.toLowerCase()).digest('hex').slice(0, 8);
  return { name, location, group, hash, tenantId: '[subscription().tenantId]' };
}

function resourcesOf(spec: Workspace, place: WorkspacePlace): Json[] {
  const own = ownDependencies(place);
  const given = {
    storageAccount: spec.storage_account,
    keyVault: spec.key_vault,
    applicationInsights: spec.application_insights,
  };
  const made = Object.fromEntries(
    Object.entries(own).filter(([key]) => given[key as keyof typeof given] === undefined),
  ) as Partial<typeof own>;
  const { name, location } = place;
  return [
    ...dependencyResources(place, made),
    compact({
      type: 'Microsoft.MachineLearningServices/workspaces',
      apiVersion: '2024-10-01',
      name,
      location,
      identity: identityOf(spec.identity ?? { type: 'system_assigned' }),
      sku: { name: 'Basic', tier: 'Basic' },
      tags: spec.tags ?? {},
      properties: propertiesOf(spec, { ...own, ...compact(given) }),
      dependsOn: Object.values(made),
    }),
  ];
}

function propertiesOf(spec: Workspace, ids: Json): Json {
  return compact({
    ...ids,
    containerRegistry: spec.container_registry,
    friendlyName: spec.display_name ?? spec.name,
    description: spec.description ?? spec.name,
    hbiWorkspace: spec.hbi_workspace,
    imageBuildCompute: spec.image_build_compute,
    publicNetworkAccess: pascal(spec.public_network_access ?? 'enabled'),
    networkAcls: aclsBody(spec.network_acls),
    encryption: encryptionBody(spec.customer_managed_key),
    primaryUserAssignedIdentity: spec.primary_user_assigned_identity,
    systemDatastoresAuthMode: spec.system_datastores_auth_mode,
    managedNetwork: networkBody(spec.managed_network),
    provisionNetworkNow: spec.provision_network_now,
    enableDataIsolation: spec.enable_data_isolation,
    allowRoleAssignmentOnRG: spec.allow_roleassignment_on_rg,
    hubResourceId: spec.workspace_hub,
    serverlessComputeSettings: serverlessBody(spec.serverless_compute),
  });
}

function aclsBody(acls: NetworkAcls | undefined): Json | undefined {
  return acls === undefined
    ? undefined
    : { defaultAction: acls.default_action, ipRules: acls.ip_rules ?? [] };
}

function encryptionBody(key: CustomerManagedKey | undefined): Json | undefined {
  if (key === undefined) return undefined;
  return compact({
    status: 'Enabled',
    keyVaultProperties: compact({ keyVaultArmId: key.key_vault, keyIdentifier: key.key_uri }),
    cosmosDbResourceId: key.cosmosdb_id,
    storageAccountResourceId: key.storage_id,
    searchAccountResourceId: key.search_id,
  });
}

function serverlessBody(spec: ServerlessCompute | undefined): Json | undefined {
  if (spec === undefined) return undefined;
  const subnet = spec.custom_subnet === 'None' ? null : (spec.custom_subnet ?? undefined);
  return compact({
    serverlessComputeCustomSubnet: subnet,
    serverlessComputeNoPublicIP: spec.no_public_ip ?? false,
  });
}
