import type { FileRef } from '../domain/project.js';
import { computesNamed } from './identify.js';
import type { SourceFiles } from './source-files.js';
import { load } from './yaml/load.js';

/** Where another job runs as this one does, as the keys of a job file: a cluster, or serverless compute. */
export async function jobCompute(
  files: SourceFiles,
  ref: FileRef,
): Promise<{ readonly compute?: string; readonly resources?: { readonly instance_type: string } }> {
  const { value } = await load(files, ref, { role: 'job' });
  const [compute] = computesNamed(value);
  if (compute !== undefined) return { compute: `azureml:${compute}` };
  const type = instanceTypeIn(value);
  return type === undefined ? {} : { resources: { instance_type: type } };
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
