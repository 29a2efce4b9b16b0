import { autoMlNode } from './automl.js';
import { commandNode } from './command.js';
import type { NodeType } from './node.js';
import { parallelNode } from './parallel.js';
import { pipelineNode } from './pipeline.js';
import { sparkNode } from './spark.js';
import { sweepNode } from './sweep.js';

/** Every type of node that a pipeline can hold. A new one is a file beside this one and a line here. */
export function nodeTypes(): readonly NodeType[] {
  return [commandNode, sweepNode, parallelNode, sparkNode, autoMlNode, pipelineNode];
}

/** Type of a node; without `type:` it is a command. */
export function nodeTypeOf(value: unknown): NodeType | undefined {
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
  return nodeTypeNamed(typeof type === 'string' ? type : 'command');
}

export function nodeTypeNamed(name: string): NodeType | undefined {
  return nodeTypes().find(({ type }) => type === name.toLowerCase());
}
