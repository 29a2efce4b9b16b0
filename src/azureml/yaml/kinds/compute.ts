import { z } from 'zod';
import type { Json } from '../../types.js';
import { isoSeconds } from '../durations.js';
import { boolean, common, compact, integer, object, text, texts, word } from '../fields.js';
import { kind } from '../kind.js';
import type { Assets } from '../kind.js';
import { identityBody, resourceIdentity } from './online-endpoint.js';

const network = object({ vnet_name: text.optional(), subnet: text.optional() });

const shared = {
  ...common,
  name: text,
  location: text.optional(),
  properties: texts.optional(),
  size: text.optional(),
  identity: resourceIdentity.optional(),
  network_settings: network.optional(),
  enable_node_public_ip: boolean.optional(),
  created_on: z.unknown().optional(),
};

const clusterSchema = object({
  ...shared,
  type: word(['amlcompute']),
  tier: word(['dedicated', 'low_priority']).optional(),
  min_instances: integer.optional(),
  max_instances: integer.optional(),
  idle_time_before_scale_down: integer.optional(),
  ssh_public_access_enabled: boolean.optional(),
  ssh_settings: object({
    admin_username: text,
    admin_password: text.optional(),
    ssh_key_value: text.optional(),
  }).optional(),
});
type Cluster = z.infer<typeof clusterSchema>;

const tiers = { dedicated: 'Dedicated', low_priority: 'LowPriority' } as const;

function named(type: string) {
  return (value: Readonly<Record<string, unknown>>) => String(value['type']).toLowerCase() === type;
}

/** `az ml compute create --type AmlCompute`. */
export const amlCompute = kind<Cluster>({
  name: 'amlCompute',
  roles: ['setup'],
  order: 1,
  detects: named('amlcompute'),
  schema: clusterSchema,
  check: (cluster) => {
    const least = cluster.min_instances ?? 0;
    const most = cluster.max_instances ?? 4;
    const message = `min_instances is ${least}, more than max_instances, which is ${most}`;
    return Promise.resolve(least > most ? [{ path: ['min_instances'], message, severity: 'warning' }] : []);
  },
  toRest: async (cluster, _place, assets) => ({
    resource: `/computes/${cluster.name}`,
    body: await computeBody(cluster, 'AmlCompute', clusterProperties(cluster, assets), assets, {
      disableLocalAuth: cluster.ssh_public_access_enabled !== true,
    }),
  }),
});

function clusterProperties(cluster: Cluster, assets: Assets): Json {
  const ssh = cluster.ssh_settings;
  const open = cluster.ssh_public_access_enabled;
  return compact({
    vmSize: cluster.size ?? 'STANDARD_DS3_V2',
    vmPriority: cluster.tier === undefined ? undefined : tiers[cluster.tier],
    userAccountCredentials:
      ssh === undefined
        ? undefined
        : compact({
            adminUserName: ssh.admin_username,
            adminUserPassword: ssh.admin_password,
            adminUserSshPublicKey: ssh.ssh_key_value,
          }),
    scaleSettings: {
      maxNodeCount: cluster.max_instances ?? 4,
      minNodeCount: cluster.min_instances ?? 0,
      nodeIdleTimeBeforeScaleDown: isoSeconds(cluster.idle_time_before_scale_down ?? 120),
    },
    subnet: subnet(cluster.network_settings, assets),
    remoteLoginPortPublicAccess: open === undefined ? 'NotSpecified' : open ? 'Enabled' : 'Disabled',
    enableNodePublicIp: cluster.enable_node_public_ip ?? true,
    osType: 'Linux',
  });
}

const instanceSchema = object({
  ...shared,
  type: word(['computeinstance']),
  idle_time_before_shutdown_minutes: integer.optional(),
  idle_time_before_shutdown: text.optional(),
  ssh_public_access_enabled: boolean.optional(),
  ssh_settings: object({ ssh_key_value: text.optional() }).optional(),
  enable_sso: boolean.optional(),
  enable_root_access: boolean.optional(),
  enable_os_patching: boolean.optional(),
  release_quota_on_stop: boolean.optional(),
});
type Instance = z.infer<typeof instanceSchema>;

/** `az ml compute create --type ComputeInstance`. */
export const computeInstance = kind<Instance>({
  name: 'computeInstance',
  roles: ['setup'],
  order: 1,
  detects: named('computeinstance'),
  schema: instanceSchema,
  toRest: async (instance, _place, assets) => ({
    resource: `/computes/${instance.name}`,
    body: await computeBody(instance, 'ComputeInstance', instanceProperties(instance, assets), assets, {
      disableLocalAuth: instance.ssh_public_access_enabled !== true,
    }),
  }),
});

function instanceProperties(instance: Instance, assets: Assets): Json {
  const minutes = instance.idle_time_before_shutdown_minutes;
  const open = instance.ssh_public_access_enabled;
  return compact({
    vmSize: instance.size ?? 'STANDARD_DS3_V2',
    subnet: subnet(instance.network_settings, assets),
    sshSettings:
      open === undefined && instance.ssh_settings === undefined
        ? undefined
        : compact({
            sshPublicAccess: open === true ? 'Enabled' : 'Disabled',
            adminPublicKey: instance.ssh_settings?.ssh_key_value,
          }),
    idleTimeBeforeShutdown: minutes === undefined ? instance.idle_time_before_shutdown : `PT${minutes}M`,
    enableNodePublicIp: instance.enable_node_public_ip ?? true,
    enableSSO: instance.enable_sso ?? true,
    enableRootAccess: instance.enable_root_access ?? true,
    releaseQuotaOnStop: instance.release_quota_on_stop ?? false,
    enableOSPatching: instance.enable_os_patching ?? false,
    applicationSharingPolicy: 'Shared',
    computeInstanceAuthorizationType: 'personal',
  });
}

async function computeBody(
  spec: Cluster | Instance,
  computeType: string,
  properties: Json,
  assets: Assets,
  rest: Json,
): Promise<Json> {
  return compact({
    location: spec.location ?? (await assets.location()),
    properties: compact({ description: spec.description, computeType, properties, ...rest }),
    identity: spec.identity === undefined ? undefined : identityBody(spec.identity),
    tags: spec.tags,
  });
}

/** A subnet by its ARM id, or by names within the workspace's resource group. */
function subnet(spec: z.infer<typeof network> | undefined, assets: Assets): Json | undefined {
  if (spec?.subnet === undefined) return undefined;
  if (spec.subnet.startsWith('/')) return { id: spec.subnet };
  const group = assets.workspace.split('/').slice(0, 5).join('/');
  return {
    id: `${group}/providers/Microsoft.Network/virtualNetworks/${spec.vnet_name ?? ''}/subnets/${spec.subnet}`,
  };
}
