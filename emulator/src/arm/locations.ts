import type { EmulatorContext } from '../context.js';
import { ML } from '../ids.js';
import { resourcesOf } from '../resources.js';
import { isJson } from './crud.js';
import { coresOf, quotas } from './quota.js';
import { ok } from './replies.js';
import type { ArmServices, ResourceType } from './types.js';

/** A few sizes of each family, as a place to choose from: nothing is rented, so any other name works as well. */
const SIZES: readonly (readonly [name: string, family: string, memoryGB: number, gpus: number])[] = [
  ['Standard_DS2_v2', 'standardDSv2Family', 7, 0],
  ['Standard_DS3_v2', 'standardDSv2Family', 14, 0],
  ['Standard_DS4_v2', 'standardDSv2Family', 28, 0],
  ['Standard_E4s_v3', 'standardESv3Family', 32, 0],
  ['Standard_F4s_v2', 'standardFSv2Family', 8, 0],
  ['Standard_NC6s_v3', 'standardNCSv3Family', 112, 1],
  ['Standard_NC24ads_A100_v4', 'standardNCADSA100v4Family', 220, 1],
];

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
