import type { EmulatorContext } from '../context.js';
import { ML } from '../ids.js';
import { resourcesOf } from '../resources.js';
import { isJson } from './crud.js';
import { coresOf, quotas } from './quota.js';
import { ok } from './replies.js';
import { SIZES } from './vm-sizes.js';
import type { ArmServices, ResourceType } from './types.js';

/** What a region of the subscription offers: sizes, and cores in use against the quota that was set. */
export function locationTypes({ ctx }: ArmServices): ResourceType[] {
  return [
    { type: `${ML}/locations/vmSizes`, list: () => ok({ value: SIZES.map(size) }) },
    { type: `${ML}/locations/usages`, list: () => ok({ value: usages(ctx) }) },
    {
      type: `${ML}/locations/quotas`,
      list: () => ok({ value: usages(ctx).map(({ name, limit, unit }) => ({ name, limit, unit })) }),
    },
  ];
}

function size([name, family, memoryGB, gpus]: (typeof SIZES)[number]): unknown {
  return {
    name,
    family,
    vCPUs: coresOf(name),
    gpus,
    memoryGB,
    osVhdSizeMB: 1_047_552,
    maxResourceVolumeMB: memoryGB * 2048,
    lowPriorityCapable: true,
    premiumIO: true,
    supportedComputeTypes: ['AmlCompute', 'ComputeInstance'],
  };
}

function usages(ctx: EmulatorContext) {
  const limits = quotas(ctx);
  return SIZES.map(([name]) => {
    const { cores, instances } = limits[name.toLowerCase()] ?? limits['*'] ?? {};
    return {
      name: { value: name, localizedValue: name },
      currentValue: clusterNodes(ctx, name) * coresOf(name),
      limit: cores ?? (instances === undefined ? -1 : instances * coresOf(name)),
      unit: 'Count',
    };
  });
}

/** Nodes that clusters of this size may grow to. */
function clusterNodes(ctx: EmulatorContext, vmSize: string): number {
  return resourcesOf(ctx.store)
    .list('/subscriptions/')
    .filter(({ key }) => key.includes('/computes/'))
    .map(({ value }) => value.properties['properties'])
    .filter(isJson)
    .filter((inner) => String(inner['vmSize']).toLowerCase() === vmSize.toLowerCase())
    .reduce((sum, { currentNodeCount }) => sum + Number(currentNodeCount ?? 0), 0);
}
