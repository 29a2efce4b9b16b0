import type { Json } from './types.js';

/** Where a workspace stands, and what tells the names of its own resources from those of all of Azure. */
export interface WorkspacePlace {
  readonly name: string;
  readonly location: string;
  /** ARM id of the resource group. */
  readonly group: string;
  /** Storage accounts and key vaults share one name space with all of Azure. */
  readonly hash: string;
  /** Microsoft Entra tenant, or a template's expression for it. */
  readonly tenantId: string;
  /** ARM id of the Log Analytics workspace that Application Insights writes to. */
  readonly logs?: string;
}

/** ARM ids of what a workspace needs. */
export interface Dependencies {
  readonly storageAccount: string;
  readonly keyVault: string;
  readonly applicationInsights: string;
}

/** Ids of the resources that are made for a workspace which names none of its own. */
export function ownDependencies({ name, group, hash }: WorkspacePlace): Dependencies {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return {
    storageAccount: `${group}/providers/Microsoft.Storage/storageAccounts/st${letters.slice(0, 14)}${hash}`,
    keyVault: `${group}/providers/Microsoft.KeyVault/vaults/kv-${letters.slice(0, 12)}-${hash}`,
    applicationInsights: `${group}/providers/Microsoft.Insights/components/${name}-insights`,
  };
}

/** The resources of a template that stand for these ids. */
export function dependencyResources(place: WorkspacePlace, ids: Partial<Dependencies>): Json[] {
  const { location, tenantId, logs } = place;
  const nameOf = (id: string) => id.slice(id.lastIndexOf('/') + 1);
  const { storageAccount, keyVault, applicationInsights } = ids;
  return [
    ...(storageAccount === undefined
      ? []
      : [
          {
            type: 'Microsoft.Storage/storageAccounts',
            apiVersion: '2023-01-01',
            name: nameOf(storageAccount),
            location,
            kind: 'StorageV2',
            sku: { name: 'Standard_LRS' },
            properties: {
              allowBlobPublicAccess: false,
              minimumTlsVersion: 'TLS1_2',
              supportsHttpsTrafficOnly: true,
            },
          },
        ]),
    ...(keyVault === undefined
      ? []
      : [
          {
            type: 'Microsoft.KeyVault/vaults',
            apiVersion: '2023-07-01',
            name: nameOf(keyVault),
            location,
            properties: {
              tenantId,
              sku: { family: 'A', name: 'standard' },
              enableRbacAuthorization: true,
              accessPolicies: [],
            },
          },
        ]),
    ...(applicationInsights === undefined
      ? []
      : [
          {
            type: 'Microsoft.Insights/components',
            apiVersion: '2020-02-02',
            name: nameOf(applicationInsights),
            location,
            kind: 'web',
            properties: {
              Application_Type: 'web',
              ...(logs === undefined ? {} : { WorkspaceResourceId: logs }),
            },
          },
        ]),
  ];
}

/** A template of resources, as `Microsoft.Resources/deployments` takes it. */
export function templateOf(resources: readonly Json[]): Json {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    resources,
  };
}
