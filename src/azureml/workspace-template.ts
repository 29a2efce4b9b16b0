import type { AzureMl } from './client.js';
import { workspaceHash } from './client.js';
import { logAnalyticsId } from './stats.js';
import type { Json } from './types.js';
import { dependencyResources, ownDependencies, templateOf } from './workspace-resources.js';

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
  const place = {
    name,
    location,
    group: groupId(ml),
    hash: workspaceHash(ml.target),
    tenantId,
    logs: logAnalyticsId(ml),
  };
  const ids = ownDependencies(place);
  return templateOf([
    ...dependencyResources(place, ids),
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
  ]);
}

/** Microsoft Entra tenant of the subscription; key vaults are made for one. */
export async function tenantOf(ml: AzureMl): Promise<string> {
  const path = `/subscriptions/${ml.target.subscription}`;
  const { body } = await ml.send({ method: 'GET', path, apiVersion: '2022-12-01' });
  return (body as { readonly tenantId: string }).tenantId;
}
