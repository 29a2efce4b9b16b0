import type { ComponentValue } from '../components/component.js';
import { parameterTypes } from '../components/ports.js';
import type { InputPort, OutputPort } from '../components/ports.js';
import { compact } from '../fields.js';
import type { NodeInput, NodeIo, NodeOutput } from './io.js';
import { parentPaths } from './io.js';
import type { NodePlace, Sort } from './node.js';

/** Ports of a component that is written within a job: read off what the node's inputs and outputs are tied to. */
export async function inlinePorts(
  io: NodeIo,
  at: NodePlace,
): Promise<Pick<ComponentValue, 'inputs' | 'outputs'>> {
  const inputs = await Promise.all(
    Object.entries(io.inputs ?? {}).map(async ([name, input]) => {
      return [name, await inputPort(input, name, at)] as const;
    }),
  );
  const outputs = await Promise.all(
    Object.entries(io.outputs ?? {}).map(async ([name, output]) => {
      return [name, await outputPort(output, at)] as const;
    }),
  );
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) };
}

async function inputPort(input: NodeInput, name: string, at: NodePlace): Promise<InputPort> {
  if (typeof input === 'object' && input !== null) {
    return compact({
      type: input.type ?? 'uri_folder',
      mode: input.mode,
      description: input.description,
    }) as InputPort;
  }
  const [binding] = parentPaths(input);
  if (binding !== undefined) {
    const { type, mode } = (await sortOf(binding, at)) ?? { type: 'uri_folder' };
    const isParameter = (parameterTypes as readonly string[]).includes(type);
    return compact({ type, mode: isParameter ? undefined : mode }) as InputPort;
  }
  const isFloat = at.place.isFloat(['jobs', at.name, 'inputs', name]);
  return compact({ type: literalType(input, isFloat), default: input ?? undefined }) as InputPort;
}

async function outputPort(output: NodeOutput, at: NodePlace): Promise<OutputPort> {
  if (typeof output === 'object') {
    return compact({
      type: output?.type ?? 'uri_folder',
      mode: output?.mode,
      description: output?.description,
    }) as OutputPort;
  }
  const [binding] = parentPaths(output);
  const { type, mode } = (binding && (await sortOf(binding, at))) ?? { type: 'uri_folder', mode: undefined };
  return compact({ type, mode }) as OutputPort;
}

/** As Python would type a literal of a YAML file. */
export function literalType(value: unknown, isFloat: boolean): string {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return isFloat || !Number.isInteger(value) ? 'number' : 'integer';
  return 'string';
}

/** Type and mode of what a binding's path stands for; undefined when there is no such thing. */
export async function sortOf(path: readonly string[], at: NodePlace): Promise<Sort | undefined> {
  const [group, name = '', , port = ''] = path;
  if (group === 'inputs') return at.pipeline.input(name);
  if (group === 'outputs') return at.pipeline.output(name);
  const other = group === 'jobs' ? at.pipeline.nodes.get(name) : undefined;
  if (other === undefined) return undefined;
  const known = await other.type.outputs(other.value, other.at);
  const written = other.value.outputs?.[port];
  if (known?.[port] !== undefined) return { type: known[port].type };
  if (known !== undefined && written === undefined) return undefined;
  if (typeof written === 'object' && written !== null) return { type: written.type ?? 'uri_folder' };
  const [binding] = parentPaths(written);
  // What a component in Azure leaves behind is not known here.
  if (binding === undefined) return { type: 'uri_folder' };
  const sort = await sortOf(binding, at);
  return sort === undefined ? undefined : { type: sort.type };
}
