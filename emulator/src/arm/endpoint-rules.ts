import type { EmulatorContext } from '../context.js';
import { AzureError, userError } from '../errors.js';
import { keyOf, workspaceIdOf } from '../ids.js';
import { resourcesOf } from '../resources.js';
import type { Json, StoredResource } from '../resources.js';
import { objectOf } from './crud.js';
import { childrenOf } from './listing.js';

const NAME = /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/** Names of endpoints and deployments: 3 to 32 letters, digits and single dashes, a letter first. */
export function requireName(kind: 'endpoint' | 'deployment', name: string): void {
  if (name.length < 3 || name.length > 32) {
    throw userError(
      `The name for an ${kind} must be at least 3 and at most 32 characters long (inclusive of both limits), found '${name}'.`,
    );
  }
  if (!NAME.test(name) || name.includes('--')) {
    throw userError(`The ${kind} name '${name}' must match ${NAME.source}, without two dashes in a row.`);
  }
}

/** Refuses a change while another one is under way. */
export function requireSettled(resource: StoredResource | undefined, doing: string): void {
  const state = resource?.properties['provisioningState'];
  if (state !== 'Creating' && state !== 'Updating' && state !== 'Deleting' && state !== 'Scaling') return;
  throw new AzureError(409, 'Conflict', `Cannot ${doing} because it is in ${state} provisioning state.`);
}

/** An endpoint's name is unique within its region, whatever the workspace. */
export function requireFreeName(
  ctx: EmulatorContext,
  id: string,
  name: string,
  location: string | undefined,
): void {
  const workspace = workspaceIdOf(id)?.toLowerCase() ?? '';
  const taken = resourcesOf(ctx.store)
    .list('/subscriptions/')
    .some(
      ({ key, value }) =>
        key.endsWith(`/onlineendpoints/${name.toLowerCase()}`) &&
        !key.startsWith(`${workspace}/`) &&
        value.location === location,
    );
  if (taken) {
    throw new AzureError(
      409,
      'Conflict',
      `There is already an endpoint with this name, Endpoint name needs to be unique within a region: '${name}' in '${location ?? ''}'.`,
    );
  }
}

/** `traffic` and `mirrorTraffic` with lower-cased keys, checked against the endpoint's deployments. */
export function checkedTraffic(
  ctx: EmulatorContext,
  endpointId: string,
  given: Json,
): { traffic: Json; mirrorTraffic: Json } {
  const traffic = shares(objectOf(given, 'traffic'), 'traffic');
  const mirrorTraffic = shares(objectOf(given, 'mirrorTraffic'), 'mirrorTraffic');
  const sum = total(traffic);
  if (sum !== 0 && sum !== 100) throw userError(`The sum of traffic must be 0 or 100, found ${sum}.`);
  requireDeployments(ctx, endpointId, { ...traffic, ...mirrorTraffic });
  checkMirror(given, traffic, mirrorTraffic);
  return { traffic, mirrorTraffic };
}

function checkMirror(given: Json, traffic: Record<string, number>, mirror: Record<string, number>): void {
  const mirrored = Object.entries(mirror).filter(([, share]) => share > 0);
  if (mirrored.length === 0) return;
  if (given['compute'] ?? undefined)
    throw userError('Mirrored traffic is not supported on Kubernetes endpoints.');
  if (mirrored.length > 1) throw userError('Traffic can be mirrored to one deployment only.');
  if (total(mirror) > 50)
    throw userError(`The sum of mirrorTraffic must be at most 50, found ${total(mirror)}.`);
  const [name = ''] = mirrored[0] ?? [];
  if ((traffic[name] ?? 0) > 0)
    throw userError(`Deployment '${name}' cannot receive live and mirrored traffic.`);
}

function shares(json: Json, field: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, share] of Object.entries(json)) {
    if (typeof share !== 'number' || !Number.isInteger(share) || share < 0 || share > 100) {
      throw userError(
        `${field} of '${name}' must be a whole number from 0 to 100, found ${JSON.stringify(share)}.`,
      );
    }
    found[name.toLowerCase()] = share;
  }
  return found;
}

function total(shares: Record<string, number>): number {
  return Object.values(shares).reduce((sum, share) => sum + share, 0);
}

function requireDeployments(ctx: EmulatorContext, endpointId: string, shares: Record<string, number>): void {
  const deployments = childrenOf(ctx.store, `${keyOf(endpointId)}/deployments`);
  const usable = new Map(
    deployments.map(({ name, properties }) => [name.toLowerCase(), properties['provisioningState']]),
  );
  for (const [name, share] of Object.entries(shares)) {
    if (share === 0) continue;
    if (!usable.has(name)) throw userError(`Traffic is set for deployment '${name}', which does not exist.`);
    const state = usable.get(name);
    if (state === 'Creating' || state === 'Failed' || state === 'Deleting') {
      throw userError(
        `Traffic cannot be set for deployment '${name}': it is in ${state} provisioning state.`,
      );
    }
  }
}
