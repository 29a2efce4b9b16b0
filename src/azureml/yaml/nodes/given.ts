import type { Problem } from '../kind.js';
import { missingInputs } from '../graph.js';
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
  const known = Object.keys(component.value.inputs ?? {});
  const unknown = Object.keys(node.inputs ?? {}).filter((name) => !known.includes(name));
  return [
    ...missingInputs(node, component.value),
    ...unknown.map((name): Problem => ({
      path: ['inputs', name],
      message: 'the component has no such input; it is not sent',
      found: name,
      allowed: known,
      severity: 'warning',
    })),
  ];
}
