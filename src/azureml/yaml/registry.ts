import type { Kind, Role } from './kind.js';
import { commandComponent } from './kinds/command-component.js';
import { commandJob } from './kinds/command-job.js';
import { amlCompute, computeInstance } from './kinds/compute.js';
import { data } from './kinds/data.js';
import { azureBlob } from './kinds/datastore.js';
import { environment } from './kinds/environment.js';
import { model } from './kinds/model.js';
import { managedOnlineDeployment } from './kinds/online-deployment.js';
import { managedOnlineEndpoint } from './kinds/online-endpoint.js';

/** Every kind of file that is understood. A new one is a file in kinds/ and a line here. */
export const kinds: readonly Kind[] = [
  commandJob,
  commandComponent,
  managedOnlineEndpoint,
  managedOnlineDeployment,
  amlCompute,
  computeInstance,
  azureBlob,
  model,
  environment,
  data,
];

export interface Wanted {
  readonly role?: Role;
  readonly family?: string;
}

export function possibleKinds({ role, family }: Wanted): readonly Kind[] {
  return kinds.filter(
    (one) =>
      (role === undefined || one.roles.includes(role)) && (family === undefined || one.family === family),
  );
}

/**
 * Kind of a file's contents. As in the official client what is in the file decides, and the name in `$schema` only
 * where that is not enough; a file with one possible kind in its role needs neither.
 */
export function kindOf(value: Readonly<Record<string, unknown>>, wanted: Wanted = {}): Kind | undefined {
  const possible = possibleKinds(wanted);
  const named = schemaName(value['$schema']);
  const byName = possible.find((one) => one.name.toLowerCase() === named);
  const family = byName?.family;
  const related = family === undefined ? [] : possible.filter((one) => one.family === family);
  return (
    (possible.length === 1 ? possible[0] : undefined) ??
    related.find((one) => one.detects(value)) ??
    byName ??
    possible.find((one) => one.detects(value))
  );
}

/** `https://azuremlschemas.azureedge.net/latest/commandJob.schema.json` → `commandjob` */
function schemaName(schema: unknown): string | undefined {
  if (typeof schema !== 'string') return undefined;
  return /([^/]+?)(?:\.schema)?\.json$/.exec(schema)?.[1]?.toLowerCase();
}
