import type { z } from 'zod';
import type { Json } from '../types.js';
import { compact, fileObject, lowerWord, plainTexts, text } from './fields.js';
import { identityBody } from './identities.js';
import type { Assets, Problem, Rest } from './kind.js';

/** What every compute's file may hold, and what is dropped from it. */
export function computeShape<const T extends string>(type: T) {
  return {
    name: text,
    type: lowerWord([type]),
    location: text.optional(),
    description: text.optional(),
    resource_id: text.optional(),
    tags: plainTexts.optional(),
  };
}
export const computeReadOnly = ['id', 'provisioning_errors', 'created_on', 'provisioning_state'];

/** Whether a file's `type` is this one. */
export function isCompute(type: string) {
  return (value: Readonly<Record<string, unknown>>) =>
    typeof value['type'] === 'string' && value['type'].toLowerCase() === type;
}

const network = fileObject({ vnet_name: text.optional(), subnet: text.optional() }, [
  'public_ip_address',
  'private_ip_address',
]);
export const networkSettings = network.optional();
type Network = z.infer<typeof network> | undefined;

export function checkNetwork(settings: Network): Problem[] {
  if (!settings?.vnet_name || settings.subnet) return [];
  const message = 'a virtual network alone is not enough: subnet is missing';
  return [{ path: ['network_settings'], message, fix: 'add subnet:' }];
}

/** A subnet by its ARM id, or by names within the workspace's resource group. */
export function subnet(settings: Network, assets: Assets): Json | undefined {
  if (!settings?.subnet) return undefined;
  if (!settings.vnet_name && settings.subnet.startsWith('/')) return { id: settings.subnet };
  const group = assets.workspace.split('/').slice(0, 5).join('/');
  // The official client prints Python's None where the network has no name.
  const vnet = settings.vnet_name ?? 'None';
  return {
    id: `${group}/providers/Microsoft.Network/virtualNetworks/${vnet}/subnets/${settings.subnet}`,
  };
}

interface Compute {
  readonly name: string;
  readonly tags?: Json | undefined;
  readonly identity?: Parameters<typeof identityBody>[0];
}

/** `location`: only clusters of Azure ML's own may be elsewhere than their workspace. */
export async function computeRest(
  spec: Compute,
  properties: Json,
  assets: Assets,
  location?: string,
): Promise<Rest> {
  const body = compact({
    location: location ?? (await assets.location()),
    properties,
    identity: spec.identity === undefined ? undefined : identityBody(spec.identity),
    tags: spec.tags,
  });
  return { resource: `/computes/${spec.name}`, body };
}
