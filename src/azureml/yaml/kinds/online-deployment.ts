import type { z } from 'zod';
import type { Json } from '../../types.js';
import { pythonText } from '../expressions.js';
import { boolean, compact, fileObject, lowerWord, text } from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';
import { checkOnline, onlineRest, onlineShape } from '../online-deployment-parts.js';

const schema = fileObject(
  {
    ...onlineShape,
    instance_type: text,
    egress_public_network_access: lowerWord(['enabled', 'disabled']).optional(),
    private_network_connection: boolean.optional(),
  },
  ['creation_context'],
);
type Deployment = z.infer<typeof schema>;

/** `az ml online-deployment create` for a managed endpoint. */
export const managedOnlineDeployment = kind<Deployment>({
  name: 'managedOnlineDeployment',
  family: 'onlineDeployment',
  roles: ['deployment'],
  order: 9,
  detects: (value) =>
    'endpoint_name' in value && !['kubernetes', 'model', 'pipeline'].includes(String(value['type'])),
  schema,
  check: async (deployment, place) => [...(await checkOnline(deployment, place)), ...scaled(deployment)],
  toRest(deployment, place, assets) {
    const isPrivate = deployment.private_network_connection === true;
    const own = compact({
      endpointComputeType: 'Managed',
      // The service reads it in both places, so the official client writes it in both.
      privateNetworkConnection: isPrivate ? true : undefined,
      properties: isPrivate
        ? { ...printed(deployment.properties ?? {}), 'private-network-connection': true }
        : (deployment.properties ?? {}),
      egressPublicNetworkAccess: deployment.egress_public_network_access,
    });
    return onlineRest(deployment, place, assets, own);
  },
});

function printed(values: Json): Json {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, pythonText(value)]));
}

function scaled({ scale_settings: scale }: Deployment): Problem[] {
  if (scale === undefined || scale.type === 'default') return [];
  return [
    {
      path: ['scale_settings', 'type'],
      message: 'a managed endpoint scales by default only; target_utilization is for Kubernetes',
      found: scale.type,
      allowed: ['default'],
      fix: 'set instance_count, and let Azure Monitor scale the deployment',
    },
  ];
}
