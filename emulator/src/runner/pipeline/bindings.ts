import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import type { JobInput, JobOutput } from '../job.js';
import { fieldOf, jsonOf, plainText } from './json.js';

/** What an expression stands for: the inputs of the pipeline, the outputs of steps that have ended. */
export interface Scope {
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** An output of a step; undefined when the step did not run. */
  output(step: string, output: string): JobInput | undefined;
}

const ONE = /^\$\{\{\s*parent\.(?:inputs\.([\w.-]+)|jobs\.([\w-]+)\.outputs\.([\w-]+))\s*\}\}$/;
const ALL = /\$\{\{\s*parent\.(?:inputs\.([\w.-]+)|jobs\.([\w-]+)\.outputs\.([\w-]+))\s*\}\}/g;

function lookUp(
  scope: Scope,
  [, input, step, output]: readonly (string | undefined)[],
): JobInput | undefined {
  if (input !== undefined) return scope.inputs[input];
  return scope.output(step ?? '', output ?? '');
}

/** The text of a literal with its expressions filled in: literals as they are, data by its URI. */
export function fillText(text: string, scope: Scope): string {
  return text.replace(ALL, (...found: (string | undefined)[]) => {
    const value = lookUp(scope, found);
    return value?.value ?? value?.uri ?? '';
  });
}

/**
 * The inputs that a step's job gets: what the step binds, else the component's default. `declared` are the
 * component's inputs; throws `UserError` that names those that are required and not given.
 */
export function resolveInputs(step: Json, declared: Json, scope: Scope): Record<string, JobInput> {
  const given = jsonOf(step['inputs']);
  const resolved: Record<string, JobInput> = {};
  const missing: string[] = [];
  for (const name of new Set([...Object.keys(declared), ...Object.keys(given)])) {
    const definition = jsonOf(declared[name]);
    const value = name in given ? resolveInput(given[name], definition, scope) : defaultOf(definition);
    if (value !== undefined) resolved[name] = value;
    else if (definition['optional'] !== true && name in declared) missing.push(name);
  }
  if (missing.length > 0) throw userError(`Required inputs are not given: ${missing.join(', ')}.`);
  return resolved;
}

function defaultOf(definition: Json): JobInput | undefined {
  const value = definition['default'] ?? undefined;
  return value === undefined ? undefined : { jobInputType: 'literal', value: plainText(value) };
}

function resolveInput(given: unknown, definition: Json, scope: Scope): JobInput | undefined {
  const entry = typeof given === 'object' && given !== null ? (given as Json) : { value: given };
  const mode = modeOf(entry['mode'] ?? definition['mode']);
  const uri = entry['uri'] ?? undefined;
  if (typeof uri === 'string') {
    const type = plainText(fieldOf(entry, 'jobInputType') ?? definition['type'], 'uri_folder');
    return { jobInputType: type, uri, ...mode };
  }
  const text = plainText(entry['value']);
  const whole = ONE.exec(text);
  if (whole === null) return { jobInputType: 'literal', value: fillText(text, scope) };
  const bound = lookUp(scope, whole);
  return bound?.jobInputType === 'literal' ? bound : bound && { ...bound, ...mode };
}

const MODES: Record<string, string> = {
  ...{ ro_mount: 'ReadOnlyMount', rw_mount: 'ReadWriteMount', mount: 'ReadOnlyMount', upload: 'Upload' },
  ...{ download: 'Download', direct: 'Direct', eval_mount: 'EvalMount', eval_download: 'EvalDownload' },
};

function modeOf(mode: unknown): { mode?: string } {
  return typeof mode === 'string' ? { mode: MODES[mode.toLowerCase()] ?? mode } : {};
}

const BOUND_OUTPUT = /^\$\{\{\s*parent\.outputs\.([\w-]+)\s*\}\}$/;

/** The pipeline's output that a step's output is, if any. */
export function parentOutputOf(step: Json, output: string): string | undefined {
  const { value } = jsonOf(jsonOf(step['outputs'])[output]);
  return typeof value === 'string' ? BOUND_OUTPUT.exec(value)?.[1] : undefined;
}

/** Types of values, as opposed to files: such an output is a file that holds the value. */
export const VALUE_TYPES: readonly string[] = ['boolean', 'integer', 'number', 'string'];

/** The outputs of a step's job: those of the component, where the step, or the pipeline's output, says they go. */
export function resolveOutputs(
  step: Json,
  declared: Json,
  pipelineOutputs: Readonly<Record<string, JobOutput>>,
): Record<string, JobOutput> {
  const given = jsonOf(step['outputs']);
  const names = [...new Set([...Object.keys(declared), ...Object.keys(given)])];
  return Object.fromEntries(
    names.map((name): [string, JobOutput] => {
      const definition = jsonOf(declared[name]);
      const own = jsonOf(given[name]);
      const parent = jsonOf(pipelineOutputs[parentOutputOf(step, name) ?? '']);
      const type = plainText(
        fieldOf(own, 'jobOutputType') ?? definition['type'] ?? parent['jobOutputType'],
        'uri_folder',
      );
      const kept = ['uri', 'assetName', 'assetVersion'].flatMap((field) => {
        const value = fieldOf(own, field) ?? parent[field] ?? undefined;
        return value === undefined ? [] : [[field, value]];
      });
      return [
        name,
        {
          jobOutputType: VALUE_TYPES.includes(type) ? 'uri_file' : type,
          ...modeOf(own['mode'] ?? definition['mode'] ?? parent['mode']),
          ...(Object.fromEntries(kept) as Partial<JobOutput>),
        },
      ];
    }),
  );
}
