import type { AzureMl } from './client.js';
import { workspaceHash } from './client.js';
import { logAnalyticsId } from './stats.js';
import type { Json } from './types.js';

/** Version of `Microsoft.Resources/deployments`. */
export const TEMPLATE_API = '2021-04-01';
export const GROUP_API = '2021-04-01';

/** ARM id of the workspace's resource group. */
export function groupId(ml: AzureMl): string {
  return ml.id.split('/').slice(0, 5).join('/');
}

/** ARM id of the template deployment that makes a workspace. */
export function templateId(ml: AzureMl): string {
  return `${groupId(ml)}/providers/Microsoft.Resources/deployments/mlops-${ml.target.name}`;
}

/**
 * Template of a workspace with the storage account, key vault and Application Insights that it needs, as one deployment: ARM
 * makes them in order, and a second run finds them. Names carry the workspace's hash, since storage accounts and key
 * vaults share one name space with all of Azure.
 */
export function workspaceTemplate(ml: AzureMl, tenantId: string): Json {
  const { name, location } = ml.target;
  const hash = workspaceHash(ml.target);
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const storage = `st${letters.slice(0, 14)}${hash}`;
  const vault = `kv-${letters.slice(0, 12)}-${hash}`;
  const insights = `${name}-insights`;
  const group = groupId(ml);
  const ids = {
    storageAccount: `${group}/providers/Microsoft.Storage/storageAccounts/${storage}`,
    keyVault: `${group}/providers/Microsoft.KeyVault/vaults/${vault}`,
    applicationInsights: `${group}/providers/Microsoft.Insights/components/${insights}`,
  };
  const resources = [
    {
      type: 'Microsoft.Storage/storageAccounts',
      apiVersion: '2023-01-01',
      name: storage,
      location,
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
      properties: {
        allowBlobPublicAccess: false,
        minimumTlsVersion: 'TLS1_2',
        supportsHttpsTrafficOnly: true,
      },
    },
    {
      type: 'Microsoft.KeyVault/vaults',
      apiVersion: '2023-07-01',
      name: vault,
      location,
      properties: {
        tenantId,
        sku: { family: 'A', name: 'standard' },
        enableRbacAuthorization: true,
        accessPolicies: [],
      },
    },
    {
      type: 'Microsoft.Insights/components',
      apiVersion: '2020-02-02',
      name: insights,
      location,
      kind: 'web',
      properties: { Application_Type: 'web', WorkspaceResourceId: logAnalyticsId(ml) },
    },
    {
      type: 'Microsoft.MachineLearningServices/workspaces',
      apiVersion: '2024-04-01',
      name,
      location,
      identity: { type: 'SystemAssigned' },
      sku: { name: 'Basic', tier: 'Basic' },
      properties: { friendlyName: name, ...ids },
      dependsOn: Object.values(ids),
    },
  ];
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    resources,
  };
}

/** Microsoft Entra tenant of the subscription; key vaults are made for one. */
export async function tenantOf(ml: AzureMl): Promise<string> {
  const path = `/subscriptions/${ml.target.subscription}`;
  const { body } = await ml.send({ method: 'GET', path, apiVersion: '2022-12-01' });
  return (body as { readonly tenantId: string }).tenantId;
}
