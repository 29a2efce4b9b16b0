import { z } from 'zod';
import type { Json } from '../types.js';
import { resolveInside } from '../source-files.js';
import { pythonText } from './expressions.js';
import { choose, compact, object, text, version, word } from './fields.js';
import type { Assets, Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { checkPath } from './paths.js';
import { assetId, parseReference } from './references.js';

const inputModes = {
  ro_mount: 'ReadOnlyMount',
  rw_mount: 'ReadWriteMount',
  download: 'Download',
  direct: 'Direct',
  eval_mount: 'EvalMount',
  eval_download: 'EvalDownload',
} as const;
const outputModes = {
  rw_mount: 'ReadWriteMount',
  mount: 'ReadWriteMount',
  upload: 'Upload',
  direct: 'Direct',
} as const;

const dataTypes = [
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

async function inputUri(path: string, type: string, place: Place, assets: Assets): Promise<string> {
  const reference = parseReference(path);
  // Triton models are looked for among the data assets: a quirk of the official client.
  const kind = type === 'mlflow_model' || type === 'custom_model' ? 'models' : 'data';
  if (reference !== undefined) return assetId(assets, kind, reference);
  const local = await resolveInside(place.files, place.dir, path);
  const uploaded = await assets.upload(local, { name: 'input', version: '1' });
  const slash = uploaded.isFolder && kind === 'data';
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
    Object.entries(inputs).map(async ([name, input]) => {
      if (typeof input !== 'object') return [];
      const at = ['inputs', name, 'path'];
      if (/^(file:|runs:\/)/.test(input.path)) {
        return [
          {
            path: at,
            message: 'file: and runs:/ are no paths of an input',
            found: input.path,
            fix: 'write a local path, azureml:<data>:<version>, azureml://… or https://…',
          },
        ];
      }
      const reference = parseReference(input.path);
      if (reference?.kind === 'name') {
        return [
          {
            path: at,
            message: `azureml:${reference.name} names no version`,
            fix: `write azureml:${reference.name}:1 or azureml:${reference.name}@latest`,
          },
        ];
      }
      const expected =
        input.type === 'uri_file'
          ? 'file'
          : input.type === undefined || input.type === 'uri_folder'
            ? 'folder'
            : 'any';
      return checkPath(place, input.path, at, expected);
    }),
  );
  return found.flat();
}
