import type { z } from 'zod';
import { batchSizeOf, keysText, parallelComponent, parallelKeys, taskBody } from '../components/parallel.js';
import type { ParallelComponent } from '../components/parallel.js';
import { checkComponent } from '../components/component.js';
import { choose, compact, object, plainTexts, text, word } from '../fields.js';
import * as parts from '../job-parts.js';
import { nodeBody } from './body.js';
import { checkGiven } from './given.js';
import { checkNodeInputs } from './io.js';
import { inlinePorts } from './inline.js';
import { nodeKeys, nodeType, referringObject } from './node.js';
import type { NodeComponent, NodePlace } from './node.js';
import { checkReference, componentField, nodeComponentId, resolveComponent } from './reference.js';

const settings = {
  ...nodeKeys,
  ...parallelKeys,
  type: word(['parallel']),
  compute: text.optional(),
  environment_variables: plainTexts.optional(),
  identity: parts.identity.optional(),
};
const referring = referringObject({ ...settings, component: componentField(parallelComponent) });
const inline = object(settings);
type Inline = z.infer<typeof inline>;
type ParallelNode = z.infer<typeof referring> | Inline;

/** A parallel run of a pipeline. */
export const parallelNode = nodeType<ParallelNode>({
  type: 'parallel',
  schema: choose<ParallelNode>((value) =>
    typeof value === 'object' && value !== null && 'component' in value ? referring : inline,
  ),
  async check(node, at) {
    const own =
      'component' in node
        ? await checkReference(node.component, parallelComponent, at.place)
        : await checkComponent(parallelComponent, await inlineComponent(node, at), at.place);
    return [...own, ...(await checkNodeInputs(node, at.place)), ...(await checkGiven(node, at, componentOf))];
  },
  async toRest(node, at, assets) {
    const component = await componentOf(node, at);
    const local: Partial<ParallelComponent> =
      component.kind === 'local' ? (component.value as ParallelComponent) : {};
    const taskPlace = node.task === undefined && component.kind === 'local' ? component.place : at.place;
    const task = node.task ?? local.task;
    // The official client's component has 0 where its file says nothing; one of the workspace it does not read.
    const unsized = component.kind === 'local' ? '0' : undefined;
    const keys = node.partition_keys ?? local.partition_keys;
    return compact({
      ...(await nodeBody(node, at, assets, component)),
      type: 'parallel',
      resources: node.resources ?? local.resources,
      error_threshold: node.error_threshold,
      mini_batch_error_threshold: node.mini_batch_error_threshold ?? local.mini_batch_error_threshold,
      environment_variables: node.environment_variables,
      max_concurrency_per_instance: node.max_concurrency_per_instance ?? local.max_concurrency_per_instance,
      task: task === undefined ? undefined : await taskBody(task, taskPlace, assets),
      input_data: node.input_data ?? local.input_data,
      retry_settings: node.retry_settings ?? local.retry_settings,
      logging_level: node.logging_level?.toUpperCase(),
      mini_batch_size: batchSizeOf(node.mini_batch_size ?? local.mini_batch_size ?? unsized),
      partition_keys: keys === undefined ? undefined : keysText(keys),
      identity: node.identity === undefined ? undefined : parts.snake(parts.identityBody(node.identity)),
      componentId: await nodeComponentId(component, assets),
    });
  },
  component: componentOf,
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

async function componentOf(node: ParallelNode, at: NodePlace): Promise<NodeComponent> {
  if ('component' in node) return resolveComponent(node.component, parallelComponent, at.place);
  const value = await inlineComponent(node, at);
  return { kind: 'local', type: parallelComponent, value, place: at.place, source: 'YAML.JOB' };
}

/** What is tied to the pipeline stays with the node: a component has no pipeline to be tied to. */
async function inlineComponent(node: Inline, at: NodePlace): Promise<ParallelComponent> {
  const own = Object.keys(parallelKeys) as (keyof typeof parallelKeys)[];
  const settings = own
    .map((key) => [key, node[key]] as const)
    .filter(([, value]) => !JSON.stringify(value ?? null).includes('${{parent.'));
  return {
    type: 'parallel',
    ...compact(Object.fromEntries(settings)),
    ...compact({ tags: node.tags, description: node.description }),
    ...(await inlinePorts(node, at)),
  };
}
