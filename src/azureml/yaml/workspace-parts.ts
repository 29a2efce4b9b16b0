import { z } from 'zod';
import type { Json } from '../types.js';
import {
  boolean,
  compact,
  fileObject,
  firstOf,
  object,
  pascal,
  plainTexts,
  snakeWord,
  text,
} from './fields.js';

/** As azure-ai-ml's `validate_arm_str` has it: the subscription is a GUID. */
export const armId = text.regex(
  /^\/subscriptions\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\/resourcegroups\/.*\/providers\/[a-z.]*\/[a-z]*\/.*$/i,
  'expected an ARM id: /subscriptions/<GUID>/resourceGroups/<group>/providers/<namespace>/<type>/<name>',
);

/** Keys that nobody knows go along unread: the official client leaves them out. */
const unread = z.object;

const named = { name: text };
const toName = unread({ ...named, destination: text });
const toService = unread({
  ...named,
  destination: object(
    { service_tag: text, protocol: text, port_ranges: text, address_prefixes: z.array(text).optional() },
    [],
  ),
});
const toEndpoint = unread({
  ...named,
  destination: object({ service_resource_id: text, subresource_target: text, spark_enabled: boolean }, []),
  fqdns: z.array(text).optional(),
});
type NameRule = z.infer<typeof toName>;
type ServiceRule = z.infer<typeof toService>;
type EndpointRule = z.infer<typeof toEndpoint>;
type Rule = NameRule | ServiceRule | EndpointRule;

/** `managed_network:` of a workspace. */
export const managedNetwork = unread({
  isolation_mode: snakeWord(['disabled', 'allow_internet_outbound', 'allow_only_approved_outbound']),
  outbound_rules: z.array(firstOf<Rule>(toEndpoint, toService, toName)).nullish(),
  firewall_sku: snakeWord(['standard', 'basic']).optional(),
});
export type ManagedNetwork = z.infer<typeof managedNetwork>;

/** `customer_managed_key:` of a workspace. */
export const customerManagedKey = object(
  {
    key_vault: text.optional(),
    key_uri: z.url('expected an address, https://<vault>.vault.azure.net/keys/<key>/<version>').optional(),
    cosmosdb_id: text.optional(),
    storage_id: text.optional(),
    search_id: text.optional(),
  },
  [],
);
export type CustomerManagedKey = z.infer<typeof customerManagedKey>;

const addressRules = z.array(object({ value: text }, []));

/** `network_acls:` of a workspace. */
export const networkAcls = fileObject({
  default_action: z.enum(['Deny', 'Allow']),
  ip_rules: addressRules.nullish(),
}).refine(
  ({ default_action: action, ip_rules: rules }) => action === 'Allow' || (rules ?? []).length > 0,
  'ip_rules: are needed when everything else is denied',
);
export type NetworkAcls = z.infer<typeof networkAcls>;

/** `identity:` of a workspace: identities by their ARM ids. */
export const workspaceIdentity = object(
  {
    type: snakeWord(['system_assigned', 'user_assigned', 'none', 'system_assigned,user_assigned']),
    principal_id: text.optional(),
    tenant_id: text.optional(),
    user_assigned_identities: z.record(text, plainTexts.nullable()).nullish(),
  },
  [],
);
export type WorkspaceIdentity = z.infer<typeof workspaceIdentity>;

/** `serverless_compute:` of a workspace; the text `None` takes a subnet away. */
export const serverlessCompute = fileObject({
  custom_subnet: z.union([z.literal('None'), armId]).nullish(),
  no_public_ip: boolean.optional(),
});
export type ServerlessCompute = z.infer<typeof serverlessCompute>;

/** `managedNetwork` as Azure takes it. */
export function networkBody(network: ManagedNetwork | undefined): Json {
  if (network === undefined) return { isolationMode: 'Disabled', outboundRules: {} };
  const rules = network.outbound_rules ?? [];
  return {
    isolationMode: pascal(network.isolation_mode),
    outboundRules: Object.fromEntries(rules.map((rule) => [rule.name, ruleBody(rule)])),
    firewallSku: pascal(network.firewall_sku ?? 'standard'),
  };
}

function ruleBody(rule: Rule): Json {
  const { destination } = rule;
  const category = 'UserDefined';
  if (typeof destination === 'string') return { type: 'FQDN', category, destination };
  if ('service_tag' in destination) {
    const { service_tag: serviceTag, protocol, port_ranges: portRanges } = destination;
    const addressPrefixes = destination.address_prefixes;
    const to = compact({ serviceTag, protocol, portRanges, addressPrefixes });
    return { type: 'ServiceTag', category, destination: to };
  }
  const to = {
    serviceResourceId: destination.service_resource_id,
    subresourceTarget: destination.subresource_target,
    sparkEnabled: destination.spark_enabled,
  };
  const { fqdns } = rule as EndpointRule;
  return compact({ type: 'PrivateEndpoint', category, destination: to, fqdns });
}

/** ARM's identity of a workspace. */
export function identityOf({ type, user_assigned_identities: users }: WorkspaceIdentity): Json {
  const ids = Object.keys(users ?? {});
  return compact({
    type: pascal(type),
    userAssignedIdentities: ids.length === 0 ? undefined : Object.fromEntries(ids.map((id) => [id, {}])),
  });
}
