import type { z } from 'zod';
import { componentScope, pipelineComponent } from '../components/pipeline.js';
import type { PipelineComponent } from '../components/pipeline.js';
import { compact, text, anything, word } from '../fields.js';
import { withoutCompute } from '../graph.js';
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
  async withoutCompute(node, at) {
    const component = await componentOf(node, at);
    if (component.kind === 'remote') return [];
    return withoutCompute(await componentScope(component.value as PipelineComponent, component.place));
  },
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

function componentOf(node: PipelineNode, at: NodePlace): Promise<NodeComponent> {
  return resolveComponent(node.component, pipelineComponent, at.place);
}
