import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';

/** What may be used of an instance type (`*`: of each that has no entry of its own), in cores or instances. */
export interface QuotaLimit {
  readonly cores?: number | undefined;
  readonly instances?: number | undefined;
}

const COLLECTION = 'quota';

export function setQuota(ctx: EmulatorContext, instanceType: string, limit: QuotaLimit | undefined): void {
  const limits = ctx.store.collection<QuotaLimit>(COLLECTION);
  const key = instanceType.toLowerCase();
  if (limit === undefined) limits.remove(key);
  else limits.put(key, limit);
}

export function quotas(ctx: EmulatorContext): Record<string, QuotaLimit> {
  const all = ctx.store.collection<QuotaLimit>(COLLECTION).list();
  return Object.fromEntries(all.map(({ key, value }) => [key, value]));
}

/** Cores of a VM size by its name: `Standard_F4s_v2` has 4; the DSn_v2 series counts 1, 2, 4, 8, 16. */
export function coresOf(instanceType: string): number {
  const number = Number(/_[a-z]+(\d+)/i.exec(instanceType)?.[1] ?? '1');
  return /_ds?\d+_v2$/i.test(instanceType) && number <= 5 ? 2 ** (number - 1) : number;
}

/** Throws `OutOfQuota` when `instances` of the type, besides those that other deployments use, pass the limit. */
export function requireQuota(
  ctx: EmulatorContext,
  instanceType: string,
  instances: number,
  deploymentKey: string,
): void {
  const all = quotas(ctx);
  const limit = all[instanceType.toLowerCase()] ?? all['*'];
  if (limit === undefined) return;
  const used = usedInstances(ctx, instanceType, deploymentKey);
  const inCores = limit.cores !== undefined;
  const factor = inCores ? coresOf(instanceType) : 1;
  const allowed = limit.cores ?? limit.instances ?? Number.POSITIVE_INFINITY;
  if ((used + instances) * factor <= allowed) return;
  const usage = `Current usage/limit: ${used * factor}/${allowed}. Additional needed: ${instances * factor}`;
  const message = `Not enough quota available for ${instanceType} in SubscriptionId. ${usage} ${inCores ? 'cores' : 'instances'}.`;
  throw new AzureError(
    400,
    'OutOfQuota',
    `${message} Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-outofquota`,
    [{ code: 'InferencingClientCreateDeploymentFailed', message }],
  );
}

function usedInstances(ctx: EmulatorContext, instanceType: string, exceptKey: string): number {
  return resourcesOf(ctx.store)
    .list('/subscriptions/')
    .filter(({ key }) => /\/onlineendpoints\/[^/]+\/deployments\/[^/]+$/.test(key) && key !== exceptKey)
    .map(({ value }) => value)
    .filter(
      ({ properties }) => String(properties['instanceType']).toLowerCase() === instanceType.toLowerCase(),
    )
    .filter(({ properties }) => properties['provisioningState'] !== 'Failed')
    .reduce((sum, deployment) => sum + capacityOf(deployment), 0);
}

/** How many instances a deployment has: `sku.capacity`, 1 by default. */
export function capacityOf(deployment: Pick<StoredResource, 'sku'>): number {
  const capacity = deployment.sku?.['capacity'];
  return typeof capacity === 'number' ? capacity : 1;
}
