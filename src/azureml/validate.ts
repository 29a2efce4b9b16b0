import { readFile } from 'node:fs/promises';
import type { Mistake } from '../domain/mistake.js';
import type { EndpointKind, Environment, FileRef } from '../domain/project.js';
import { filesOf } from './walk.js';
import { pointersAmong } from './left-out.js';
import { resolveInside, SourceError, type SourceFiles } from './source-files.js';
import { endpointRoles } from './preparing.js';
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

/**
 * Every mistake of a job that scores a model: besides its own, that it takes the model as its input `model`. Without
 * it, champion and challenger would both be whatever the file names.
 */
export async function validateEvaluation(files: SourceFiles, ref: FileRef): Promise<Mistake[]> {
  const { loaded, mistakes } = await inspect(files, ref, { role: 'job' });
  const { inputs } = (loaded?.value ?? {}) as { readonly inputs?: Readonly<Record<string, unknown>> };
  if (loaded === undefined || typeof inputs?.['model'] === 'object') return [...mistakes];
  const mistake: Mistake = {
    file: loaded.file,
    path: 'inputs.model',
    severity: 'error',
    message: 'the job that gate.evaluate names has no input `model`, which it is given the model to score by',
    fix: 'add `model: { type: mlflow_model, path: azureml:<name>@latest }` to `inputs` and use ${{inputs.model}}',
  };
  return [...mistakes, mistake];
}

/** Name of the endpoint that a file describes, overrides applied, without asking Azure. Throws SpecError. */
export async function endpointName(
  files: SourceFiles,
  ref: FileRef,
  kind: EndpointKind = 'online',
): Promise<string> {
  const { value } = await load(files, ref, { role: endpointRoles[kind].endpoint });
  return (value as { readonly name: string }).name;
}

/**
 * The requests that test an environment's deployment: staging would fail on them hours later.
 * @param file `mlops.yaml`, as mistakes name it
 */
export async function validateRequests(
  files: SourceFiles,
  file: string,
  { name, test }: Pick<Environment, 'name' | 'test'>,
): Promise<Mistake[]> {
  if (test === undefined) return [];
  const { requests: found } = test;
  const path = `environments.${name}.test.requests`;
  const message = await requestsProblem(files, found);
  return message === undefined ? [] : [{ file, path, message, found, severity: 'error' }];
}

async function requestsProblem(files: SourceFiles, requests: string): Promise<string | undefined> {
  try {
    const path = await resolveInside(files, files.dir, requests);
    const pointer = await pointersAmong(files, await filesOf(path, files));
    if (pointer !== undefined) return `${pointer.message}; ${pointer.fix}`;
    JSON.parse(await readFile(path, 'utf8'));
    return undefined;
  } catch (error) {
    if (error instanceof SourceError) return error.message;
    const reason = error instanceof Error ? error.message : String(error);
    return `must be a JSON file with one request body, or a list of them: ${reason}`;
  }
}
