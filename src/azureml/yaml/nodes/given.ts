import type { Problem } from '../kind.js';
import type { InputPort } from '../components/ports.js';
import { missingInputs } from '../graph.js';
import { checkInput } from '../inputs.js';
import { asPort } from './io.js';
import type { NodeComponent, NodePlace, NodeValue } from './node.js';

/**
 * Whether a node gives its component what it needs and nothing that it does not know. Says nothing of a component in
 * Azure, nor of one whose file holds mistakes: those are told elsewhere.
 */
export async function checkGiven<T extends NodeValue>(
  node: T,
  at: NodePlace,
  componentOf: (node: T, at: NodePlace) => Promise<NodeComponent>,
): Promise<Problem[]> {
  const component = await componentOf(node, at).catch(() => undefined);
  if (component?.kind !== 'local') return [];
  const ports = component.value.inputs ?? {};
  const known = Object.keys(ports);
  const unknown = Object.keys(node.inputs ?? {}).filter((name) => !known.includes(name));
  return [
    ...missingInputs(node, component.value),
    ...(await checkTexts(node, ports, at)),
    ...unknown.map((name): Problem => ({
      path: ['inputs', name],
      message: 'the component has no such input; it is not sent',
      found: name,
      allowed: known,
      severity: 'warning',
    })),
  ];
}

/** Texts that stand for data, which must be there. */
async function checkTexts(
  { inputs = {} }: NodeValue,
  ports: Readonly<Record<string, InputPort>>,
  { place }: NodePlace,
): Promise<Problem[]> {
  const found = await Promise.all(
    Object.entries(inputs).map(async ([name, input]) => {
      const data = asPort(input, ports[name]);
      return typeof input === 'string' && typeof data === 'object' && data !== null
        ? checkInput(data, ['inputs', name], place)
        : [];
    }),
  );
  return found.flat();
}
