import { z } from 'zod';
import { common, compact, number, object, text, texts, word } from '../fields.js';
import { kind } from '../kind.js';
import type { Problem } from '../kind.js';

export const modes = { key: 'Key', aml_token: 'AMLToken', aad_token: 'AADToken' } as const;

const identity = object({
  type: word(['system_assigned', 'user_assigned', 'system_assigned,user_assigned', 'none']),
  user_assigned_identities: z
    .array(object({ resource_id: text, client_id: text.optional(), principal_id: text.optional() }))
    .optional(),
  principal_id: text.optional(),
  tenant_id: text.optional(),
});

const traffic = z.record(z.string(), number);

export const endpointName = z
  .string()
  .regex(
    /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/,
    'expected a letter, then letters, digits and dashes, no dash at the end',
  );

const schema = object({
  ...common,
  name: endpointName,
  auth_mode: word(['aml_token', 'key', 'aad_token']).optional(),
  identity: identity.optional(),
  properties: texts.optional(),
  traffic: traffic.optional(),
  mirror_traffic: traffic.optional(),
  public_network_access: word(['enabled', 'disabled']).optional(),
  location: text.optional(),
  kind: z.unknown().optional(),
  openapi_uri: z.unknown().optional(),
  scoring_uri: z.unknown().optional(),
});
type Endpoint = z.infer<typeof schema>;

/** `az ml online-endpoint create` for a managed endpoint. */
export const managedOnlineEndpoint = kind<Endpoint>({
  name: 'managedOnlineEndpoint',
  roles: ['endpoint'],
  order: 8,
  detects: (value) => 'auth_mode' in value && !('compute' in value),
  schema,
  check: (endpoint) => Promise.resolve([...wrongLength(endpoint), ...wrongTraffic(endpoint)]),
  async toRest(endpoint, _place, assets) {
    const body = compact({
      location: endpoint.location ?? (await assets.location()),
      properties: compact({
        authMode: modes[endpoint.auth_mode ?? 'key'],
        description: endpoint.description,
        properties: endpoint.properties ?? {},
        traffic: withoutZeros(endpoint.traffic ?? {}),
        mirrorTraffic: withoutZeros(endpoint.mirror_traffic ?? {}),
        publicNetworkAccess: endpoint.public_network_access,
      }),
      identity: identityBody(endpoint.identity),
      tags: endpoint.tags ?? {},
    });
    return { resource: `/onlineEndpoints/${endpoint.name}`, body };
  },
});

function wrongLength({ name }: Endpoint): Problem[] {
  if (name.length >= 3 && name.length <= 32) return [];
  const message = `an endpoint's name has 3 to 32 characters; this one has ${name.length}`;
  return [{ path: ['name'], message, found: name }];
}

function wrongTraffic({ traffic: shares = {} }: Endpoint): Problem[] {
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum === 0 || sum === 100) return [];
  return [
    { path: ['traffic'], message: `traffic adds up to ${sum}; it must be 0 or 100`, severity: 'warning' },
  ];
}

function withoutZeros(shares: Readonly<Record<string, number>>): Record<string, number> {
  const kept = Object.entries(shares).filter(([, share]) => share !== 0);
  return Object.fromEntries(kept.map(([name, share]) => [name.toLowerCase(), share]));
}

const identityTypes = {
  system_assigned: 'SystemAssigned',
  user_assigned: 'UserAssigned',
  'system_assigned,user_assigned': 'SystemAssigned,UserAssigned',
  none: 'None',
} as const;

/** ARM's identity of a resource; of an endpoint by default a system-assigned one. */
export function identityBody(spec: z.infer<typeof identity> | undefined) {
  const users = spec?.user_assigned_identities;
  return compact({
    type: identityTypes[spec?.type ?? 'system_assigned'],
    userAssignedIdentities:
      users === undefined ? undefined : Object.fromEntries(users.map((user) => [user.resource_id, {}])),
  });
}

export { identity as resourceIdentity };
