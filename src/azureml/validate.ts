import type { Mistake } from '../domain/mistake.js';
import type { FileRef } from '../domain/project.js';
import type { SourceFiles } from './source-files.js';
import type { Role } from './yaml/kind.js';
import { inspect, load } from './yaml/load.js';

export { SpecError } from './yaml/load.js';
export type { Role } from './yaml/kind.js';

/**
 * Every mistake of a CLI v2 file, without asking Azure. `role` is what `mlops.yaml` names it for; without one the
 * contents decide.
 */
export async function validateFile(files: SourceFiles, ref: FileRef, role?: Role): Promise<Mistake[]> {
  const { mistakes } = await inspect(files, ref, role === undefined ? {} : { role });
  return [...mistakes];
}

/** Name of the endpoint that a file describes, overrides applied, without asking Azure. Throws SpecError. */
export async function endpointName(files: SourceFiles, ref: FileRef): Promise<string> {
  const { value } = await load(files, ref, { role: 'endpoint' });
  return (value as { readonly name: string }).name;
}
