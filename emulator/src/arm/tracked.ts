import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { ML, typeOf } from '../ids.js';
import { getResource } from '../resources.js';
import { textOf } from './crud.js';
import type { ArmRequest } from './types.js';

/** Types that the specification calls tracked: Resource Manager itself keeps where they lie. */
const TRACKED = new Set(
  [
    ...['workspaces', 'registries', 'workspaces/onlineEndpoints', 'workspaces/onlineEndpoints/deployments'],
    ...['workspaces/batchEndpoints', 'workspaces/batchEndpoints/deployments'],
  ].map((type) => `${ML}/${type}`.toLowerCase()),
);

/**
 * Refuses a tracked resource without a location, and one that would move
 * (https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors:
 * `LocationRequired`, `InvalidResourceLocation`).
 */
export function requireLocation(ctx: EmulatorContext, request: ArmRequest): void {
  if (request.method !== 'PUT' || !TRACKED.has(typeOf(request.id).toLowerCase())) return;
  const location = textOf(request.body, 'location');
  if (location === undefined || location === '')
    throw new AzureError(400, 'LocationRequired', 'The location property is required for this definition.');
  const before = getResource(ctx.store, request.path);
  if (before?.location === undefined || isSame(before.location, location)) return;
  throw new AzureError(
    409,
    'InvalidResourceLocation',
    `The resource '${before.name}' already exists in location '${before.location}' in resource group '${request.id.resourceGroup ?? ''}'. A resource with the same name cannot be created in location '${location}'. Please select a new resource name.`,
  );
}

/** `East US 2` and `eastus2` are one. */
function isSame(a: string, b: string): boolean {
  const plain = (location: string): string => location.toLowerCase().replaceAll(' ', '');
  return plain(a) === plain(b);
}
