import { z } from 'zod';
import type { Json } from '../../types.js';
import { checkName, endpointShape } from '../endpoint-parts.js';
import { compact, fileObject, integer, lowerWord } from '../fields.js';
import { identityBody } from '../identities.js';
import { kind } from '../kind.js';
import type { Assets, Problem } from '../kind.js';
import { prefixedReference, computeId } from '../references.js';

const authModes = { key: 'Key', aml_token: 'AMLToken', aad_token: 'AADToken' } as const;

const shares = z.record(z.string(), integer);

const shape = {
  ...endpointShape,
  traffic: shares
    .refine((traffic) => total(traffic) <= 100, 'the shares of traffic add up to more than 100')
    .optional(),
  mirror_traffic: shares.optional(),
};

const managedSchema = fileObject(
  { ...shape, public_network_access: lowerWord(['enabled', 'disabled']).optional() },
  ['kind'],
);
const kubernetesSchema = fileObject({ ...shape, compute: prefixedReference('compute') }, ['kind']);

type Managed = z.infer<typeof managedSchema>;
type Kubernetes = z.infer<typeof kubernetesSchema>;

const roles = ['endpoint'] as const;
const order = 8;

/** `az ml online-endpoint create` for a managed endpoint. */
export const managedOnlineEndpoint = kind<Managed>({
  name: 'managedOnlineEndpoint',
  family: 'onlineEndpoint',
  roles,
  order,
  detects: (value) => 'auth_mode' in value && !value['compute'] && !('defaults' in value),
  schema: managedSchema,
  check: (endpoint) => Promise.resolve(check(endpoint)),
  toRest: (endpoint, _place, assets) =>
    toRest(endpoint, assets, compact({ publicNetworkAccess: endpoint.public_network_access })),
});

/** `az ml online-endpoint create` for an endpoint on an attached Kubernetes cluster: `compute:` makes it one. */
export const kubernetesOnlineEndpoint = kind<Kubernetes>({
  name: 'kubernetesOnlineEndpoint',
  family: 'onlineEndpoint',
  roles,
  order,
  detects: (value) => Boolean(value['compute']) && !('endpoint_name' in value) && !('type' in value),
  schema: kubernetesSchema,
  check: (endpoint) => Promise.resolve([...check(endpoint), ...mirrored(endpoint)]),
  toRest: (endpoint, _place, assets) =>
    toRest(endpoint, assets, { compute: computeId(assets.workspace, endpoint.compute) }),
});

function check(endpoint: Managed | Kubernetes): Problem[] {
  return [...checkName(endpoint.name, 'an endpoint'), ...wrongTraffic(endpoint)];
}

/** What Azure says only when the endpoint is made. */
function wrongTraffic({ traffic = {}, mirror_traffic: mirror = {} }: Managed | Kubernetes): Problem[] {
  const sum = total(traffic);
  const problems: Problem[] = [];
  if (sum !== 0 && sum !== 100) {
    const message = `traffic adds up to ${sum}; it must be 0 or 100`;
    problems.push({ path: ['traffic'], message, severity: 'warning' });
  }
  if (total(mirror) > 50) {
    const message = `mirrors ${total(mirror)} %; Azure copies at most 50 %`;
    problems.push({ path: ['mirror_traffic'], message, severity: 'warning' });
  }
  if (Object.keys(mirror).length > 1) {
    const message = 'Azure mirrors to one deployment at a time';
    problems.push({ path: ['mirror_traffic'], message, severity: 'warning' });
  }
  return problems;
}

function mirrored({ mirror_traffic: mirror = {} }: Kubernetes): Problem[] {
  if (total(mirror) === 0) return [];
  const message = 'endpoints on Kubernetes mirror no traffic';
  return [{ path: ['mirror_traffic'], message, severity: 'warning' }];
}

function total(traffic: Readonly<Record<string, number>>): number {
  return Object.values(traffic).reduce((sum, share) => sum + share, 0);
}

async function toRest(endpoint: Managed | Kubernetes, assets: Assets, own: Json) {
  const body = compact({
    location: await assets.location(),
    properties: compact({
      authMode: authModes[endpoint.auth_mode ?? 'key'],
      description: endpoint.description,
      properties: endpoint.properties ?? {},
      traffic: withoutZeros(endpoint.traffic ?? {}),
      mirrorTraffic: withoutZeros(endpoint.mirror_traffic ?? {}),
      ...own,
    }),
    identity: identityBody(endpoint.identity),
    tags: endpoint.tags ?? {},
  });
  return { resource: `/onlineEndpoints/${endpoint.name.toLowerCase()}`, body };
}

function withoutZeros(traffic: Readonly<Record<string, number>>): Record<string, number> {
  const kept = Object.entries(traffic).filter(([, share]) => share !== 0);
  return Object.fromEntries(kept.map(([name, share]) => [name.toLowerCase(), share]));
}
