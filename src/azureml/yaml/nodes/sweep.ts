import type { z } from 'zod';
import { commandComponent } from '../components/command.js';
import { compact, text, word } from '../fields.js';
import * as parts from '../job-parts.js';
import type { Problem } from '../kind.js';
import * as sweep from '../sweep-parts.js';
import { nodeBody } from './body.js';
import { checkGiven } from './given.js';
import { checkNodeInputs } from './io.js';
import { nodeKeys, nodeType, referringObject } from './node.js';
import type { NodeComponent, NodePlace } from './node.js';
import { checkReference, componentField, nodeComponentId, resolveComponent } from './reference.js';

const schema = referringObject({
  ...nodeKeys,
  type: word(['sweep']),
  compute: text.optional(),
  trial: componentField(commandComponent),
  sampling_algorithm: sweep.samplingAlgorithm.optional(),
  search_space: sweep.searchSpace.optional(),
  objective: sweep.objective,
  early_termination: sweep.earlyTermination.optional(),
  limits: sweep.sweepLimits,
  queue_settings: parts.queueSettings.optional(),
  resources: parts.looseResources.optional(),
  identity: parts.identity.optional(),
});
type SweepNode = z.infer<typeof schema>;

/** A sweep over a component's inputs. */
export const sweepNode = nodeType<SweepNode>({
  type: 'sweep',
  schema,
  async check(node, at) {
    const searched = Object.fromEntries(Object.keys(node.search_space ?? {}).map((name) => [name, '']));
    const given = { ...node, inputs: { ...searched, ...node.inputs } };
    return [
      ...checkTrial(node.trial),
      ...(await checkReference(node.trial, commandComponent, at.place, 'trial')),
      ...(await checkNodeInputs(node, at.place)),
      ...(await checkGiven(given, at, componentOf)),
    ];
  },
  async toRest(node, at, assets) {
    const component = await componentOf(node, at);
    return compact({
      ...(await nodeBody(node, at, assets, component)),
      type: 'sweep',
      // A node keeps the words of the file where a job of its own has Azure's.
      limits: compact(sweep.atLeastMinutes(node.limits)),
      sampling_algorithm: node.sampling_algorithm,
      objective: node.objective,
      early_termination:
        node.early_termination === undefined ? undefined : policyBody(node.early_termination),
      search_space: node.search_space,
      queue_settings: node.queue_settings,
      resources: node.resources,
      identity: node.identity === undefined ? undefined : parts.snake(parts.identityBody(node.identity)),
      trial: { componentId: await nodeComponentId(component, assets) },
    });
  },
  component: componentOf,
  checkUnattended: ({ limits }) => Promise.resolve(sweep.checkTimeLimit(limits)),
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

/** The official client knows no registry here, though it does for every other type of node. */
function checkTrial(trial: SweepNode['trial']): Problem[] {
  if (typeof trial !== 'string' || !trial.startsWith('azureml://registries/')) return [];
  const message = 'a sweep within a pipeline takes no component of a registry';
  const fix = 'copy the component to the workspace, or name its file';
  return [{ path: ['trial'], message, found: trial, fix }];
}

function policyBody(policy: sweep.EarlyTermination) {
  const body = parts.snake(sweep.earlyTerminationBody(policy));
  const unset = Object.entries(body).filter(([key, value]) => value === 0 && key.startsWith('slack_'));
  return Object.fromEntries(Object.entries(body).filter(([key]) => !unset.some(([name]) => name === key)));
}

function componentOf(node: SweepNode, at: NodePlace): Promise<NodeComponent> {
  return resolveComponent(node.trial, commandComponent, at.place);
}
