import type { z } from 'zod';
import { checkComponent, filled } from '../components/component.js';
import { sparkComponent } from '../components/spark.js';
import type { SparkComponent } from '../components/spark.js';
import { environmentField } from '../environments.js';
import { choose, compact, object, text, word } from '../fields.js';
import * as parts from '../job-parts.js';
import type { Problem } from '../kind.js';
import { checkEntry } from '../spark-entry.js';
import {
  checkConf,
  checkWhere,
  entryType,
  runConf,
  sparkKeys,
  sparkResources,
  sparkSettings,
} from '../spark-parts.js';
import { nodeBody } from './body.js';
import { checkGiven } from './given.js';
import { checkNodeInputs } from './io.js';
import { inlinePorts } from './inline.js';
import { nodeKeys, nodeType, referringObject } from './node.js';
import type { LocalComponent, NodeComponent, NodePlace } from './node.js';
import { checkReference, componentField, nodeComponentId, resolveComponent } from './reference.js';

const settings = {
  ...nodeKeys,
  type: word(['spark']),
  compute: text.optional(),
  resources: sparkResources.optional(),
  identity: parts.identity.optional(),
  conf: sparkSettings.optional(),
};
const program = { ...sparkKeys, environment: environmentField.optional() };
const referring = referringObject({
  ...settings,
  ...program,
  component: componentField(sparkComponent),
  entry: program.entry.optional(),
});
const inline = object({ ...settings, ...program });
type Inline = z.infer<typeof inline>;
type SparkNode = z.infer<typeof referring> | Inline;

/** A Spark run of a pipeline. */
export const sparkNode = nodeType<SparkNode>({
  type: 'spark',
  schema: choose<SparkNode>((value) =>
    typeof value === 'object' && value !== null && 'component' in value ? referring : inline,
  ),
  async check(node, at) {
    const own =
      'component' in node
        ? await checkReference(node.component, sparkComponent, at.place)
        : await checkComponent(sparkComponent, await inlineComponent(node, at), at.place);
    const component = await componentOf(node, at).catch(() => undefined);
    return [
      ...own,
      ...(component?.kind === 'local' ? await checkProgram(node, component) : []),
      ...checkWhere(node),
      ...(await checkNodeInputs(node, at.place)),
      ...(await checkGiven(node, at, componentOf)),
    ];
  },
  async toRest(node, at, assets) {
    const component = await componentOf(node, at);
    const local = component.kind === 'local' ? (component.value as SparkComponent) : undefined;
    // Of a component in Azure the client knows nothing, and sends what the node says of its program.
    const { entry, py_files, jars, files, archives, args } = local ?? node;
    const conf = runConf(node.conf, local?.conf);
    return compact({
      ...(await nodeBody(node, at, assets, component)),
      type: 'spark',
      // The client lowers the type's case for a component, and keeps it for a job within the pipeline.
      resources:
        node.resources === undefined || !('component' in node)
          ? node.resources
          : { ...node.resources, instance_type: node.resources.instance_type.toLowerCase() },
      ...{ py_files, jars, files, archives, args },
      identity: parts.snake(parts.identityBody(node.identity ?? defaultIdentity(node))),
      conf: local === undefined ? filled(conf) : conf,
      entry: entry === undefined ? undefined : { ...entry, spark_job_entry_type: entryType(entry) },
      componentId: await nodeComponentId(component, assets),
    });
  },
  component: componentOf,
  withoutCompute: () => Promise.resolve([]),
  async outputs(node, at) {
    const component = await componentOf(node, at);
    return component.kind === 'local' ? (component.value.outputs ?? {}) : undefined;
  },
});

/** Settings and program of a run whose component lies here. */
async function checkProgram(node: SparkNode, component: LocalComponent): Promise<Problem[]> {
  const { conf, ...program } = component.value as SparkComponent;
  const at = 'component' in node ? ['component'] : ['entry', 'file'];
  return [...checkConf(runConf(node.conf, conf)), ...(await checkEntry(program, component.place, at))];
}

/** An attached pool has its own identity; serverless Spark runs as who submits. */
function defaultIdentity(node: SparkNode): z.infer<typeof parts.identity> {
  return { type: node.compute === undefined ? 'user_identity' : 'managed' };
}

async function componentOf(node: SparkNode, at: NodePlace): Promise<NodeComponent> {
  if ('component' in node) return resolveComponent(node.component, sparkComponent, at.place);
  const value = await inlineComponent(node, at);
  return { kind: 'local', type: sparkComponent, value, place: at.place, source: 'YAML.JOB' };
}

async function inlineComponent(node: Inline, at: NodePlace): Promise<SparkComponent> {
  const { code, entry, py_files, jars, files, archives, conf, args, environment, tags, description } = node;
  return {
    type: 'spark',
    entry,
    ...compact({ code, py_files, jars, files, archives, conf, args, environment, tags, description }),
    ...(await inlinePorts(node, at)),
  };
}
