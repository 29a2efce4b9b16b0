import type { z } from 'zod';
import type { ComponentValue } from '../components/component.js';
import { componentScope, pipelineComponent } from '../components/pipeline.js';
import type { PipelineComponent } from '../components/pipeline.js';
import { compact, text, anything, word } from '../fields.js';
import { checkUnattended, sizeOf, withoutCompute } from '../graph.js';
import type { Place, Problem } from '../kind.js';
import { nodeBody } from './body.js';
import { checkGiven } from './given.js';
import { checkNodeInputs } from './io.js';
import { nodeKeys, nodeType, referringObject } from './node.js';
import type { NodeComponent, NodePlace } from './node.js';
import { checkReference, nodeComponentId, resolveComponent } from './reference.js';

const schema = referringObject({
  ...nodeKeys,
  type: word(['pipeline']),
  component: text,
  compute: text.optional(),
  settings: anything.optional(),
});
type PipelineNode = z.infer<typeof schema>;

/** A pipeline within a pipeline. */
export const pipelineNode = nodeType<PipelineNode>({
  type: 'pipeline',
  schema,
  async check(node, at) {
    return [
      ...(await checkReference(node.component, pipelineComponent, at.place)),
      ...(await checkNodeInputs(node, at.place)),
      ...(await checkGiven(node, at, componentOf)),
    ];
  },
  async toRest(node, at, assets) {
    const component = await componentOf(node, at);
    return compact({
      ...(await nodeBody(node, at, assets, component)),
      type: 'pipeline',
      componentId: await nodeComponentId(component, assets),
    });
  },
  component: componentOf,
  async size(node, at) {
    const component = await componentOf(node, at);
    if (component.kind === 'remote') return 1;
    const known = sizes.get(component.value);
    if (known !== undefined) return known;
    const size = componentScope(component.value as PipelineComponent, component.place).then(sizeOf);
    sizes.set(component.value, size);
    return size;
  },
  async withoutCompute(node, at) {
    const component = await componentOf(node, at);
    if (component.kind === 'remote') return [];
    return withoutCompute(await componentScope(component.value as PipelineComponent, component.place));
  },
  checkUnattended: (node, at) => checkUnattendedComponent(node.component, at.place),
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

/** Nodes of components that were counted: a component that is named in many places is one value. */
const sizes = new WeakMap<ComponentValue, Promise<number>>();

function componentOf(node: PipelineNode, at: NodePlace): Promise<NodeComponent> {
  return resolveComponent(node.component, pipelineComponent, at.place);
}

/** Of the pipeline that `component:` names. One that holds mistakes is told of these first. */
export async function checkUnattendedComponent(reference: string, place: Place): Promise<Problem[]> {
  const problems = await checkReference(reference, pipelineComponent, place);
  if (problems.some((one) => (one.mistakes ?? [one]).some(isError))) return [];
  const component = await resolveComponent(reference, pipelineComponent, place);
  if (component.kind === 'remote') return [];
  return checkUnattended(await componentScope(component.value as PipelineComponent, component.place));
}

function isError({ severity }: Pick<Problem, 'severity'>): boolean {
  return severity !== 'warning';
}
