import { z } from 'zod';
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
import { boolean, compact, fileObject, integer, object, text } from '../fields.js';
import { computeIdentity } from '../identities.js';
import { checkApplications, customApplication, serviceBody } from '../instance-applications.js';
import { instanceSchedules, schedulesBody } from '../instance-schedules.js';
import { kind } from '../kind.js';
import type { Assets } from '../kind.js';

const script = object(
  { path: text.optional(), command: text.optional(), timeout_minutes: integer.optional() },
  [],
);

const schema = fileObject(
  {
    ...computeShape('computeinstance'),
    size: text.optional(),
    network_settings: networkSettings,
    create_on_behalf_of: fileObject({
      user_tenant_id: text,
      user_object_id: text,
    }).optional(),
    ssh_settings: fileObject({ ssh_key_value: text.optional() }, ['admin_username', 'ssh_port']).optional(),
    ssh_public_access_enabled: boolean.optional(),
    schedules: instanceSchedules.optional(),
    identity: computeIdentity.optional(),
    idle_time_before_shutdown: text.optional(),
    idle_time_before_shutdown_minutes: integer.optional(),
    custom_applications: z.array(customApplication).optional(),
    setup_scripts: object(
      { creation_script: script.optional(), startup_script: script.optional() },
      [],
    ).optional(),
    enable_node_public_ip: boolean.optional(),
    enable_sso: boolean.optional(),
    enable_root_access: boolean.optional(),
    enable_os_patching: boolean.optional(),
    release_quota_on_stop: boolean.optional(),
  },
  [...computeReadOnly, 'state', 'last_operation', 'services', 'os_image_metadata'],
);
type Instance = z.infer<typeof schema>;

/** `az ml compute create --type ComputeInstance`. */
export const computeInstance = kind<Instance>({
  name: 'computeInstance',
  family: 'compute',
  roles: ['setup'],
  order: 1,
  detects: isCompute('computeinstance'),
  schema,
  check: (instance) =>
    Promise.resolve([
      ...checkNetwork(instance.network_settings),
      ...checkApplications(instance.custom_applications ?? []),
    ]),
  toRest: (instance, _place, assets) =>
    computeRest(
      instance,
      compact({
        description: instance.description,
        computeType: 'ComputeInstance',
        properties: properties(instance, assets),
        disableLocalAuth: instance.ssh_public_access_enabled !== true,
      }),
      assets,
    ),
});

function properties(instance: Instance, assets: Assets): Json {
  const { idle_time_before_shutdown_minutes: minutes = 0, create_on_behalf_of: owner } = instance;
  const open = instance.ssh_public_access_enabled;
  const services = (instance.custom_applications ?? []).map(serviceBody);
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
    personalComputeInstanceSettings:
      owner === undefined
        ? undefined
        : { assignedUser: { objectId: owner.user_object_id, tenantId: owner.user_tenant_id } },
    idleTimeBeforeShutdown: minutes === 0 ? instance.idle_time_before_shutdown : `PT${minutes}M`,
    enableNodePublicIp: instance.enable_node_public_ip ?? true,
    enableSSO: instance.enable_sso ?? true,
    enableRootAccess: instance.enable_root_access ?? true,
    releaseQuotaOnStop: instance.release_quota_on_stop ?? false,
    enableOSPatching: instance.enable_os_patching ?? false,
    applicationSharingPolicy: 'Shared',
    computeInstanceAuthorizationType: 'personal',
    schedules: instance.schedules === undefined ? undefined : schedulesBody(instance.schedules),
    setupScripts:
      instance.setup_scripts === undefined
        ? undefined
        : {
            scripts: compact({
              startupScript: scriptBody(instance.setup_scripts.startup_script),
              creationScript: scriptBody(instance.setup_scripts.creation_script),
            }),
          },
    customServices: services.length === 0 ? undefined : services,
  });
}

function scriptBody(spec: z.infer<typeof script> | undefined): Json | undefined {
  if (spec === undefined) return undefined;
  return compact({
    scriptSource: 'workspaceStorage',
    scriptData: spec.path,
    scriptArguments: spec.command,
    // Without a timeout the official client prints Python's None.
    timeout: `${spec.timeout_minutes ?? 'None'}m`,
  });
}
