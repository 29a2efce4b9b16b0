import type { z } from 'zod';
import { commandComponent } from '../components/command.js';
import type { CommandComponent } from '../components/command.js';
import { checkComponent } from '../components/component.js';
import { environmentField } from '../environments.js';
import { bindable, choose, compact, environmentVariables, object, text, word } from '../fields.js';
import * as parts from '../job-parts.js';
import type { Json } from '../../types.js';
import { nodeBody } from './body.js';
import { checkGiven } from './given.js';
import { checkNodeInputs } from './io.js';
import { inlinePorts } from './inline.js';
import { nodeKeys, nodeType, referringObject } from './node.js';
import type { NodeComponent, NodePlace } from './node.js';
import { checkReference, componentField, nodeComponentId, resolveComponent } from './reference.js';

const settings = {
  ...nodeKeys,
  type: word(['command']).optional(),
  compute: text.optional(),
  resources: bindable(parts.looseResources).optional(),
  distribution: bindable(parts.distribution).optional(),
  limits: bindable(parts.limits).optional(),
  environment_variables: environmentVariables.optional(),
  queue_settings: bindable(parts.queueSettings).optional(),
  services: parts.services.optional(),
  identity: bindable(parts.identity).optional(),
  code: text.optional(),
};

const referring = referringObject({
  ...settings,
  component: componentField(commandComponent),
  command: text.optional(),
  environment: environmentField.optional(),
});
const inline = object({ ...settings, command: text, environment: environmentField });
type Referring = z.infer<typeof referring>;
type Inline = z.infer<typeof inline>;
type CommandNode = Referring | Inline;

/** A command of a pipeline: a component, or a job written within the pipeline. */
export const commandNode = nodeType<CommandNode>({
  type: 'command',
  schema: choose<CommandNode>((value) =>
    typeof value === 'object' && value !== null && 'component' in value ? referring : inline,
  ),
  async check(node, at) {
    const own =
      'component' in node
        ? await checkReference(node.component, commandComponent, at.place)
        : await checkComponent(commandComponent, await inlineComponent(node, at), at.place);
    return [...own, ...(await checkNodeInputs(node, at.place)), ...(await checkGiven(node, at, componentOf))];
  },
  async toRest(node, at, assets) {
    const component = await componentOf(node, at);
    const local = component.kind === 'local' ? (component.value as CommandComponent) : undefined;
    return compact({
      ...(await nodeBody(node, at, assets, component)),
      type: 'command',
      resources: node.resources ?? local?.resources,
      distribution: distributionOf(node.distribution ?? local?.distribution),
      limits: ifMapping(node.limits, ({ timeout }) => parts.snake(parts.limitsBody({ timeout }))),
      environment_variables: node.environment_variables,
      queue_settings: ifMapping(node.queue_settings, (spec) => parts.snake(parts.queueBody(spec))),
      services: node.services === undefined ? undefined : parts.snakeAll(parts.servicesBody(node.services)),
      identity: ifMapping(node.identity, (spec) => parts.snake(parts.identityBody(spec))),
      componentId: await nodeComponentId(component, assets),
    });
  },
  component: componentOf,
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

function distributionOf(spec: Json | string | undefined): unknown {
  return ifMapping(spec, (found) => parts.snake(parts.distributionBody(found)));
}

/** A `${{parent.…}}` in place of a mapping goes as it is. */
function ifMapping<T>(value: T | string | undefined, change: (value: T) => unknown): unknown {
  return value === undefined || typeof value === 'string' ? value : change(value);
}

async function componentOf(node: CommandNode, at: NodePlace): Promise<NodeComponent> {
  if ('component' in node) return resolveComponent(node.component, commandComponent, at.place);
  const value = await inlineComponent(node, at);
  return { kind: 'local', type: commandComponent, value, place: at.place, source: 'YAML.JOB' };
}

async function inlineComponent(node: Inline, at: NodePlace): Promise<CommandComponent> {
  return compact({
    command: node.command,
    code: node.code,
    environment: node.environment,
    description: node.description,
    tags: node.tags,
    resources: withoutProperties(node.resources),
    distribution: node.distribution,
    ...(await inlinePorts(node, at)),
  }) as CommandComponent;
}

/** The official client leaves them to the node. */
function withoutProperties(resources: Inline['resources']): unknown {
  if (resources === undefined || typeof resources === 'string') return resources;
  return Object.fromEntries(Object.entries(resources).filter(([key]) => key !== 'properties'));
}
