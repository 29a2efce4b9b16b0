import type { z } from 'zod';
import type { Json } from '../../types.js';
import {
  checkNetwork,
  computeReadOnly,
  computeRest,
  computeShape,
  isCompute,
  networkSettings,
  subnet,
} from '../compute-parts.js';
import { seconds } from '../durations.js';
import { boolean, compact, fileObject, integer, lowerWord, object, pascal, text } from '../fields.js';
import { computeIdentity } from '../identities.js';
import { kind } from '../kind.js';
import type { Assets, Problem } from '../kind.js';

const schema = fileObject(
  {
    ...computeShape('amlcompute'),
    size: text.optional(),
    tier: lowerWord(['low_priority', 'dedicated']).optional(),
    min_instances: integer.optional(),
    max_instances: integer.optional(),
    idle_time_before_scale_down: integer.optional(),
    ssh_public_access_enabled: boolean.optional(),
    ssh_settings: object(
      { admin_username: text, admin_password: text.optional(), ssh_key_value: text.optional() },
      [],
    ).optional(),
    network_settings: networkSettings,
    identity: computeIdentity.optional(),
    enable_node_public_ip: boolean.optional(),
  },
  computeReadOnly,
);
type Cluster = z.infer<typeof schema>;

/** `az ml compute create --type AmlCompute`. */
export const amlCompute = kind<Cluster>({
  name: 'amlCompute',
  family: 'compute',
  roles: ['setup'],
  order: 1,
  detects: isCompute('amlcompute'),
  schema,
  check: (cluster) => Promise.resolve([...checkNetwork(cluster.network_settings), ...wrongScale(cluster)]),
  toRest: (cluster, _place, assets) =>
    computeRest(
      cluster,
      compact({
        description: cluster.description,
        computeType: 'AmlCompute',
        properties: properties(cluster, assets),
        disableLocalAuth: cluster.ssh_settings === undefined,
      }),
      assets,
      cluster.location,
    ),
});

function wrongScale({ min_instances: least = 0, max_instances: most = 4 }: Cluster): Problem[] {
  if (least <= most) return [];
  const message = `min_instances is ${least}, more than max_instances, which is ${most}`;
  return [{ path: ['min_instances'], message, severity: 'warning' }];
}

function properties(cluster: Cluster, assets: Assets): Json {
  const ssh = cluster.ssh_settings;
  const open = cluster.ssh_public_access_enabled;
  return compact({
    vmSize: cluster.size ?? 'STANDARD_DS3_V2',
    vmPriority: cluster.tier === undefined ? undefined : pascal(cluster.tier),
    userAccountCredentials:
      ssh === undefined
        ? undefined
        : compact({
            adminUserName: ssh.admin_username,
            adminUserPassword: ssh.admin_password,
            adminUserSshPublicKey: ssh.ssh_key_value,
          }),
    scaleSettings: compact({
      maxNodeCount: cluster.max_instances ?? 4,
      minNodeCount: cluster.min_instances ?? 0,
      nodeIdleTimeBeforeScaleDown: seconds(cluster.idle_time_before_scale_down ?? 120),
    }),
    subnet: subnet(cluster.network_settings, assets),
    remoteLoginPortPublicAccess: open === undefined ? 'NotSpecified' : open ? 'Enabled' : 'Disabled',
    enableNodePublicIp: cluster.enable_node_public_ip ?? true,
    osType: 'Linux',
  });
}
