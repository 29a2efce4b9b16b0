import type { Json } from '../../types.js';
import { filled } from '../components/component.js';
import { mapValues } from '../components/ports.js';
import { compact } from '../fields.js';
import type { Assets } from '../kind.js';
import { computeId } from '../references.js';
import { asPort, nodeInputBody, nodeOutputBody } from './io.js';
import { extraKeys } from './node.js';
import type { NodeComponent, NodePlace, NodeValue } from './node.js';

/** What every node sends. Ports that a local component does not have are left out, as the official client does. */
export async function nodeBody(
  node: NodeValue,
  at: NodePlace,
  assets: Assets,
  component: NodeComponent,
): Promise<Json> {
  const ports = component.kind === 'local' ? component.value : undefined;
  const has = (group: 'inputs' | 'outputs', name: string) =>
    ports === undefined || name in (ports[group] ?? {});
  const inputs = await Promise.all(
    Object.entries(node.inputs ?? {}).map(async ([name, input]) => {
      const path = ['jobs', at.name, 'inputs', name];
      return [
        name,
        has('inputs', name)
          ? await nodeInputBody(asPort(input, ports?.inputs?.[name]), path, at.place, assets)
          : undefined,
      ] as const;
    }),
  );
  const outputs = mapValues(node.outputs ?? {}, (output, name) =>
    has('outputs', name) ? nodeOutputBody(output) : undefined,
  );
  return compact({
    ...extraKeys(node),
    name: at.name.toLowerCase(),
    display_name: node.display_name,
    tags: filled(node.tags),
    properties: filled(node.properties),
    comment: node.comment,
    computeId: node.compute === undefined ? undefined : nodeCompute(node.compute, assets),
    inputs: filled(compact(Object.fromEntries(inputs))),
    outputs: filled(compact(outputs)),
    _source: component.source,
  });
}

function nodeCompute(compute: string, assets: Assets): string {
  return compute.startsWith('${{') ? compute : computeId(assets.workspace, compute);
}
