import type { z } from 'zod';
import { compact, text, texts, word } from '../fields.js';
import { checkGraph, graphBody, hashedGraph, jobsField, scopeOf } from '../graph.js';
import type { Graph } from '../graph.js';
import type { Place } from '../kind.js';
import { parentPaths } from '../nodes/io.js';
import type { NodeComponent, PipelineScope } from '../nodes/node.js';
import { componentObject, componentType } from './component.js';
import type { InputPort } from './ports.js';

const keys = {
  type: word(['pipeline']),
  jobs: jobsField.optional(),
  properties: texts.optional(),
  source_job_id: text.optional(),
};
const schema = componentObject(keys);
export type PipelineComponent = z.infer<typeof schema>;

/** Nodes tied to each other, with inputs and outputs of their own. */
export const pipelineComponent = componentType<PipelineComponent>({
  type: 'pipeline',
  graph: true,
  schema,
  keys: Object.keys(keys),
  async check(value, place) {
    const graph = graphOf(value);
    return checkGraph(graph, await scopeOf(graph, place), place);
  },
  async spec(value, place, assets) {
    const scope = await componentScope(value, place);
    const jobs = await graphBody(scope, assets);
    return compact({ jobs: await hashedGraph(scope, jobs), sourceJobId: value.source_job_id ?? null });
  },
  async ports(value, place) {
    return optionalByUse(value.inputs ?? {}, await componentScope(value, place));
  },
});

export function componentScope(value: PipelineComponent, place: Place): Promise<PipelineScope> {
  return scopeOf(graphOf(value), place);
}

function graphOf(value: PipelineComponent): Graph {
  return {
    jobs: value.jobs ?? {},
    input: (name) => value.inputs?.[name],
    output: (name) => value.outputs?.[name],
  };
}

/**
 * An input that serves optional inputs alone becomes optional itself, unless it says otherwise. As in the official
 * client (`_validate_binding_inputs`) the last node that uses it decides.
 */
async function optionalByUse(
  inputs: Readonly<Record<string, InputPort>>,
  scope: PipelineScope,
): Promise<Record<string, InputPort>> {
  const inferred = new Map<string, boolean>();
  for (const { value, type, at } of scope.nodes.values()) {
    const component = await type.component?.(value, at);
    if (component?.kind !== 'local') continue;
    for (const [name, isOptional] of usesOf(value.inputs ?? {}, component)) {
      if (inputs[name] !== undefined && inputs[name].optional === undefined) inferred.set(name, isOptional);
    }
  }
  return Object.fromEntries(
    Object.entries(inputs).map(([name, port]) => [
      name,
      inferred.get(name) === true ? { ...port, optional: true } : port,
    ]),
  );
}

/** Input of the pipeline → whether everything that a node does with it is optional. */
function usesOf(
  inputs: Readonly<Record<string, unknown>>,
  component: Extract<NodeComponent, { kind: 'local' }>,
): Map<string, boolean> {
  const uses = new Map<string, boolean>();
  for (const [name, input] of Object.entries(inputs)) {
    const port = component.value.inputs?.[name];
    if (port === undefined) continue;
    const text = typeof input === 'object' && input !== null ? (input as { path?: unknown }).path : input;
    for (const [group, bound = ''] of parentPaths(text)) {
      if (group === 'inputs') uses.set(bound, (uses.get(bound) ?? true) && port.optional === true);
    }
  }
  return uses;
}
