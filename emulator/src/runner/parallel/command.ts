import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import type { JobInput } from '../job.js';
import { plainText } from '../pipeline/json.js';
import { durationMs } from '../job.js';

/** Where a job that is run in mini-batches finds the program that does it; the execution sets it. */
export const DRIVER_VARIABLE = 'AZUREML_EMULATOR_PARALLEL';

const BOUND = /^\$\{\{\s*(inputs|outputs)\.([\w.-]+)\s*\}\}$/;

/**
 * The command of a parallel step: the driver with the step's settings. `step` is the step over its component,
 * in snake case as azure-ai-ml sends both; `driver_options` is what batch deployments add.
 */
export function parallelCommand(step: Json, task: Json, inputs: Readonly<Record<string, JobInput>>): string {
  const data = inputOf(step);
  const tabular = inputs[data]?.jobInputType === 'mltable';
  const retry = (step['retry_settings'] ?? {}) as { max_retries?: unknown; timeout?: unknown };
  const rows = task['append_row_to'];
  if (typeof task['entry_script'] !== 'string') throw userError('A parallel step needs task.entry_script.');
  return driverCommand({
    entry: task['entry_script'],
    input: data,
    arguments: typeof task['program_arguments'] === 'string' ? task['program_arguments'] : '',
    options: {
      tabular,
      'mini-batch-size': step['mini_batch_size'] ?? (tabular ? 1024 * 1024 : 10),
      'partition-keys': Array.isArray(step['partition_keys']) ? step['partition_keys'].join(',') : undefined,
      workers: workersOf(step),
      'error-threshold': step['error_threshold'] ?? -1,
      'mini-batch-error-threshold': step['mini_batch_error_threshold'] ?? -1,
      'max-retries': retry.max_retries ?? 3,
      timeout: secondsOf(retry.timeout) ?? 60,
      'append-row-to': typeof rows === 'string' ? rows : undefined,
      ...(step['driver_options'] as Json | undefined),
    },
  });
}

/** The input that `input_data` names. */
export function inputOf(step: Json): string {
  const [, kind, name] = BOUND.exec(plainText(step['input_data'])) ?? [];
  if (kind === 'inputs' && name !== undefined) return name;
  throw userError('A parallel step needs input_data, such as ${{inputs.data}}.');
}

function workersOf(step: Json): number {
  const instances = (step['resources'] as { instance_count?: number } | undefined)?.instance_count ?? 1;
  return instances * Number(step['max_concurrency_per_instance'] ?? 1);
}

/** Seconds of a number, or of an ISO 8601 duration as batch deployments carry it. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const ms = typeof value === 'string' ? durationMs(value) : undefined;
  return ms === undefined ? undefined : ms / 1000;
}

export interface DriverCall {
  readonly entry: string;
  /** Name of the job's input whose files are processed. */
  readonly input: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What the entry script finds in `sys.argv`. */
  readonly arguments: string;
}

export function driverCommand({ entry, input, options, arguments: rest }: DriverCall): string {
  const flags = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === null || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name} ${quoted(plainText(value))}`];
  });
  return `python "$${DRIVER_VARIABLE}" --entry ${quoted(entry)} --input "\${{inputs.${input}}}" ${flags.join(' ')} -- ${rest}`;
}

/** Quoted for the shell; placeholders are filled in later, so they need double quotes. */
function quoted(text: string): string {
  return text.includes('${{') ? `"${text}"` : `'${text.replaceAll("'", `'\\''`)}'`;
}
