import { z } from 'zod';
import { resolveInside } from '../../source-files.js';
import type { Json } from '../../types.js';
import { objectHash } from '../../hash.js';
import { pythonText } from '../expressions.js';
import { choose, compact, object, text, version, word } from '../fields.js';
import { parameterTypes, portTypes } from '../components/ports.js';
import type { InputPort } from '../components/ports.js';
import { checkInput, dataTypes, inputModes, inputUri, outputModes } from '../inputs.js';
import type { Assets, Place, Problem } from '../kind.js';
import type { Path } from '../parse.js';

/** `${{parent.…}}`, as a node of a pipeline is tied to the pipeline or to another node. */
export const parentBinding = /^\$\{\{\s*parent\.[^}]+\}\}$/;
const anyBinding = /\$\{\{\s*parent\.([^}\s]+)\s*\}\}/g;

const dataInput = object({
  type: word([...portTypes, ...parameterTypes]).optional(),
  path: text,
  mode: word(Object.keys(inputModes) as (keyof typeof inputModes)[]).optional(),
  description: text.optional(),
  path_on_compute: text.optional(),
  datastore: text.optional(),
  optional: z.boolean().optional(),
});
const literal = z.union(
  [z.string(), z.number(), z.boolean(), z.null()],
  'expected a text, a number, true/false, or a mapping with path',
);

export type NodeInput = z.infer<typeof dataInput> | string | number | boolean | null;

/** `inputs:` of a node. */
export const nodeInputs = z.record(
  text,
  choose<NodeInput>((value) => (typeof value === 'object' && value !== null ? dataInput : literal)),
);

const dataOutput = object({
  type: word(dataTypes).optional(),
  path: text.optional(),
  mode: word(Object.keys(outputModes) as (keyof typeof outputModes)[]).optional(),
  name: text.optional(),
  version: version.optional(),
  description: text.optional(),
  path_on_compute: text.optional(),
});
const bound = text.regex(parentBinding, 'expected a mapping or ${{parent.outputs.<name>}}');

export type NodeOutput = z.infer<typeof dataOutput> | string | null;

/** `outputs:` of a node; one without keys stands for the component's own. */
export const nodeOutputs = z.record(
  text,
  choose<NodeOutput>((value) => (value === null ? z.null() : typeof value === 'string' ? bound : dataOutput)),
);

export interface NodeIo {
  readonly inputs?: Readonly<Record<string, NodeInput>> | undefined;
  readonly outputs?: Readonly<Record<string, NodeOutput>> | undefined;
}

/** A text for a port of data is the path or reference of that data, unless it is tied to something. */
export function asPort(input: NodeInput, port: InputPort | undefined): NodeInput {
  const type = dataTypes.find((one) => one === port?.type);
  return typeof input !== 'string' || type === undefined || input.includes('${{')
    ? input
    : { path: input, type };
}

/** Body of one input of a node; undefined where it says nothing. `path` is where it stands in the file. */
export async function nodeInputBody(
  input: NodeInput,
  path: Path,
  place: Place,
  assets: Assets,
): Promise<Json | undefined> {
  if (input === null) return undefined;
  if (typeof input !== 'object') {
    return { value: pythonText(input, place.isFloat(path)), job_input_type: 'literal' };
  }
  const mode = input.mode === undefined ? undefined : inputModes[input.mode];
  if (parentBinding.test(input.path)) {
    return compact({ value: input.path, job_input_type: 'literal', mode });
  }
  const type = input.type ?? 'uri_folder';
  return compact({ uri: await inputUri(input.path, type, place, assets), mode, job_input_type: type });
}

/** Hash of a local input, which makes the pipeline component that holds it another one. */
export async function localHash(input: NodeInput, place: Place): Promise<string | undefined> {
  if (typeof input !== 'object' || input === null || parentBinding.test(input.path)) return undefined;
  if (/^(?:azureml:|[a-z][a-z0-9+.-]*:\/\/)/i.test(input.path)) return undefined;
  return objectHash(await resolveInside(place.files, place.dir, input.path));
}

/** Body of one output of a node; undefined where it says nothing. */
export function nodeOutputBody(output: NodeOutput): Json | undefined {
  if (output === null) return undefined;
  if (typeof output === 'string') return { value: output, type: 'literal' };
  const mode = output.mode === undefined ? undefined : outputModes[output.mode];
  if (output.path !== undefined && parentBinding.test(output.path)) {
    return compact({ value: output.path, mode, name: output.name, version: output.version, type: 'literal' });
  }
  return compact({
    uri: output.path,
    mode,
    name: output.name,
    version: output.version,
    description: output.description,
    job_output_type: output.type ?? 'uri_folder',
  });
}

/** Paths of a text's `${{parent.…}}`: `inputs.x`, `jobs.a.outputs.y`. */
export function parentPaths(value: unknown): string[][] {
  if (typeof value !== 'string') return [];
  return [...value.matchAll(anyBinding)].map(([, path]) => (path ?? '').split('.'));
}

/** Local inputs of a node that are missing. */
export async function checkNodeInputs(io: NodeIo, place: Place): Promise<Problem[]> {
  const found = await Promise.all(
    Object.entries(io.inputs ?? {}).map(async ([name, input]) =>
      typeof input !== 'object' || input === null || parentBinding.test(input.path)
        ? []
        : checkInput(input, ['inputs', name, 'path'], place),
    ),
  );
  return found.flat();
}
