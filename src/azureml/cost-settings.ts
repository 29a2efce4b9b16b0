import type { FileRef } from '../domain/project.js';
import type { SourceFiles } from './source-files.js';
import type { Role } from './yaml/kind.js';
import { inspect } from './yaml/load.js';

/** Keys of CLI v2 files that decide what something costs, in the order in which people read them. */
const keys = [
  'compute',
  'resources.instance_type',
  'resources.instance_count',
  'size',
  'tier',
  'min_instances',
  'max_instances',
  'idle_time_before_scale_down',
  'instance_type',
  'instance_count',
  'scale_settings.type',
  'scale_settings.min_instances',
  'scale_settings.max_instances',
  'limits.max_total_trials',
  'limits.max_concurrent_trials',
  'limits.timeout',
] as const;

/** What a file says about its cost, by its own keys: `instance_type: Standard_DS3_v2`. Empty where it cannot be read. */
export async function costSettings(
  files: SourceFiles,
  ref: FileRef,
  role: Role,
): Promise<Readonly<Record<string, string>>> {
  const { loaded } = await inspect(files, ref, { role });
  const found = keys.flatMap((key) => {
    const value = at(loaded?.value, key.split('.'));
    return typeof value === 'string' || typeof value === 'number' ? [[key, String(value)] as const] : [];
  });
  return Object.fromEntries(found);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined,
    value,
  );
}
