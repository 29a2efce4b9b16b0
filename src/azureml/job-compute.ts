import type { FileRef, JobPlace } from '../domain/project.js';
import { computesNamed } from './identify.js';
import type { SourceFiles } from './source-files.js';
import { load } from './yaml/load.js';

/** Keys of a job file. */
interface PlaceKeys {
  readonly compute?: string;
  readonly resources?: { readonly instance_type: string };
}

/** Where a job runs, as keys of its file: a cluster, or serverless compute; none where neither is named. */
export function placeKeys({ compute, instanceType }: JobPlace): PlaceKeys {
  if (compute !== undefined) return { compute };
  return instanceType === undefined ? {} : { resources: { instance_type: instanceType } };
}

/** Where another job runs as this one does. */
export async function jobCompute(files: SourceFiles, ref: FileRef): Promise<PlaceKeys> {
  const { value } = await load(files, ref, { role: 'job' });
  const [compute] = computesNamed(value);
  if (compute !== undefined) return { compute: `azureml:${compute}` };
  const instanceType = instanceTypeIn(value);
  return placeKeys(instanceType === undefined ? {} : { instanceType });
}

function instanceTypeIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { instance_type: own } = value as { instance_type?: unknown };
  if (typeof own === 'string') return own;
  for (const inner of Object.values(value)) {
    const found = instanceTypeIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
