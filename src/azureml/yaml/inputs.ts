import { z } from 'zod';
import type { Json } from '../types.js';
import { resolveInside } from '../source-files.js';
import { pythonText } from './expressions.js';
import { choose, compact, object, text, version, word } from './fields.js';
import type { Assets, Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { checkPath } from './paths.js';
import { assetId, parseReference } from './references.js';

/** As YAML writes the ways of delivery, and as requests do. */
export const inputModes = {
  ro_mount: 'ReadOnlyMount',
  rw_mount: 'ReadWriteMount',
  download: 'Download',
  direct: 'Direct',
  eval_mount: 'EvalMount',
  eval_download: 'EvalDownload',
} as const;
export const outputModes = {
  rw_mount: 'ReadWriteMount',
  mount: 'ReadWriteMount',
  upload: 'Upload',
  direct: 'Direct',
} as const;

export const dataTypes = [
  'uri_folder',
  'uri_file',
  'mltable',
  'mlflow_model',
  'custom_model',
  'triton_model',
] as const;

const dataInput = object({
  type: word(dataTypes).optional(),
  path: text,
  mode: word(['ro_mount', 'download', 'direct', 'eval_mount', 'eval_download']).optional(),
  description: text.optional(),
  path_on_compute: text.optional(),
  datastore: text.optional(),
});
const literal = z.union(
  [z.string(), z.number(), z.boolean()],
  'expected a text, a number, true/false, or a mapping with path',
);

export type JobInput = z.infer<typeof dataInput> | string | number | boolean;

/** `inputs:` of a job. */
export const jobInputs = z.record(
  z.string(),
  choose<JobInput>((value) => (typeof value === 'object' && value !== null ? dataInput : literal)),
);

const jobOutput = object({
  type: word(dataTypes).optional(),
  path: text.optional(),
  mode: word(['rw_mount', 'mount', 'upload', 'direct']).optional(),
  name: text.optional(),
  version: version.optional(),
  description: text.optional(),
  path_on_compute: text.optional(),
});
export type JobOutputSpec = z.infer<typeof jobOutput> | null;

/** `outputs:` of a job; an output without keys is a folder. */
export const jobOutputs = z.record(
  z.string(),
  choose<JobOutputSpec>((value) => (value === null ? z.null() : jobOutput)),
);

/** Body of one input. `path` is where it stands in the file. */
export async function inputBody(input: JobInput, path: Path, place: Place, assets: Assets): Promise<Json> {
  if (typeof input !== 'object') {
    return { value: pythonText(input, place.isFloat(path)), jobInputType: 'literal' };
  }
  const type = input.type ?? 'uri_folder';
  return compact({
    uri: await inputUri(input.path, type, place, assets),
    mode: input.mode === undefined ? undefined : inputModes[input.mode],
    description: input.description,
    pathOnCompute: input.path_on_compute,
    jobInputType: type,
  });
}

/** Bodies of a job's inputs. */
export async function inputsBody(
  inputs: Readonly<Record<string, JobInput>>,
  place: Place,
  assets: Assets,
): Promise<Json> {
  const entries = Object.entries(inputs).map(async ([name, input]) => {
    return [name, await inputBody(input, ['inputs', name], place, assets)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Address of an input's data, uploaded when it is local. */
export async function inputUri(path: string, type: string, place: Place, assets: Assets): Promise<string> {
  const reference = parseReference(path);
  // Triton models are looked for among the data assets: a quirk of the official client.
  const kind = type === 'mlflow_model' || type === 'custom_model' ? 'models' : 'data';
  if (reference !== undefined) return assetId(assets, kind, reference);
  const local = await resolveInside(place.files, place.dir, path);
  const uploaded = await assets.upload(local, { name: 'input', version: '1' });
  const slash = uploaded.isFolder && (type === 'uri_folder' || type === 'path');
  return `azureml://datastores/${uploaded.datastore}/paths/${uploaded.path}${slash ? '/' : ''}`;
}

/** Body of one output. */
export function outputBody(output: JobOutputSpec): Json {
  return compact({
    jobOutputType: output?.type ?? 'uri_folder',
    mode: output?.mode === undefined ? undefined : outputModes[output.mode],
    uri: output?.path,
    assetName: output?.name,
    assetVersion: output?.version,
    description: output?.description,
    pathOnCompute: output?.path_on_compute,
  });
}

/** Local inputs that are missing, of the wrong sort, or written in a form that the official client refuses. */
export async function checkInputs(
  inputs: Readonly<Record<string, JobInput>>,
  place: Place,
): Promise<Problem[]> {
  const found = await Promise.all(
    Object.entries(inputs).map(async ([name, input]) =>
      typeof input === 'object' ? checkInput(input, ['inputs', name, 'path'], place) : [],
    ),
  );
  return found.flat();
}

/** As `checkInputs`, for one. */
export async function checkInput(
  input: { readonly path: string; readonly type?: string | undefined },
  at: Path,
  place: Place,
): Promise<Problem[]> {
  if (/^(file:|runs:\/)/.test(input.path)) {
    const message = 'file: and runs:/ are no paths of an input';
    const fix = 'write a local path, azureml:<data>:<version>, azureml://… or https://…';
    return [{ path: at, message, found: input.path, fix }];
  }
  const reference = parseReference(input.path);
  if (reference?.kind === 'name') {
    const message = `azureml:${reference.name} names no version`;
    const fix = `write azureml:${reference.name}:1 or azureml:${reference.name}@latest`;
    return [{ path: at, message, fix }];
  }
  return checkPath(place, input.path, at, expectedOf(input.type));
}

function expectedOf(type: string | undefined): 'file' | 'folder' | 'any' {
  if (type === 'uri_file') return 'file';
  return type === undefined || type === 'uri_folder' ? 'folder' : 'any';
}
