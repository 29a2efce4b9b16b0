import { z } from 'zod';
import type { Json } from '../../types.js';
import { checkCode, codeId } from '../code.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { bindable, compact, integer, openObject, text, word } from '../fields.js';
import { looseResources } from '../job-parts.js';
import type { Assets, Place, Problem } from '../kind.js';
import { armPrefixed } from '../references.js';
import { componentObject, componentType } from './component.js';
import { unboundOf } from './bindings.js';

const task = openObject({
  type: word(['run_function', 'model', 'function']),
  code: text.optional(),
  entry_script: text.optional(),
  program_arguments: text.optional(),
  model: text.optional(),
  append_row_to: text.optional(),
  environment: environmentField,
});
export type ParallelTask = z.infer<typeof task>;

const batchSize = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine(
    (value) => value.startsWith('${{') || /^\d+(?:[kmg]b)?$/i.test(value),
    'expected a number of files, or a size such as 10kb',
  );

/** What a parallel run is told, in a component and in a node. */
export const parallelKeys = {
  task: task.optional(),
  resources: looseResources.optional(),
  logging_level: word(['debug', 'info', 'warning']).optional(),
  mini_batch_size: batchSize.optional(),
  partition_keys: z.array(text).optional(),
  input_data: text.optional(),
  retry_settings: openObject({
    timeout: bindable(integer).optional(),
    max_retries: bindable(integer).optional(),
  }).optional(),
  max_concurrency_per_instance: bindable(integer).optional(),
  error_threshold: bindable(integer).optional(),
  mini_batch_error_threshold: bindable(integer).optional(),
};

const schema = componentObject({ type: word(['parallel']), ...parallelKeys });
export type ParallelComponent = z.infer<typeof schema>;

/** One function over many mini-batches. */
export const parallelComponent = componentType<ParallelComponent>({
  type: 'parallel',
  schema,
  keys: ['type', ...Object.keys(parallelKeys)],
  async check(value, place) {
    return value.task === undefined ? [] : checkTask(value.task, value, place);
  },
  async spec(value, place, assets) {
    return compact({
      resources: value.resources,
      logging_level: value.logging_level?.toUpperCase(),
      task: value.task === undefined ? undefined : await taskBody(value.task, place, assets),
      mini_batch_size: String(batchSizeOf(value.mini_batch_size) ?? 0),
      partition_keys: value.partition_keys,
      input_data: value.input_data,
      retry_settings: value.retry_settings,
      max_concurrency_per_instance: value.max_concurrency_per_instance,
      error_threshold: value.error_threshold,
      mini_batch_error_threshold: value.mini_batch_error_threshold,
    });
  },
  sent: (spec) =>
    spec['partition_keys'] === undefined
      ? spec
      : { ...spec, partition_keys: keysText(spec['partition_keys'] as string[]) },
});

/** As the service wants them: JSON as Python writes it. */
export function keysText(keys: readonly string[]): string {
  return `[${keys.map((key) => JSON.stringify(key)).join(', ')}]`;
}

const units: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** `10kb` → 10240; a binding stays as it is. */
export function batchSizeOf(size: string | undefined): number | string | undefined {
  if (size === undefined || size.startsWith('${{')) return size;
  return Number.parseInt(size, 10) * (units[size.slice(-2).toLowerCase()] ?? 1);
}

/** A task with its code and environment in place. */
export async function taskBody(spec: ParallelTask, place: Place, assets: Assets): Promise<Json> {
  return compact({
    ...spec,
    code:
      spec.code === undefined
        ? undefined
        : armPrefixed(await codeId(spec.code, place, assets, { component: true })),
    environment: armPrefixed(await environmentId(spec.environment, place, assets)),
  });
}

export async function checkTask(
  spec: ParallelTask,
  groups: Parameters<typeof unboundOf>[2],
  place: Place,
): Promise<Problem[]> {
  return [
    ...(spec.code === undefined
      ? []
      : await checkCode(place, spec.code, ['task', 'code'], { registry: true })),
    ...(await checkEnvironment(spec.environment, place, ['task', 'environment'])),
    ...unboundOf(spec.program_arguments ?? '', ['task', 'program_arguments'], groups),
    ...unboundOf(spec.append_row_to ?? '', ['task', 'append_row_to'], groups),
  ];
}
