import { z } from 'zod';
import type { Json } from '../../types.js';
import type { ComponentSource, ComponentType, ComponentValue } from '../components/component.js';
import type { OutputPort } from '../components/ports.js';
import { text, texts } from '../fields.js';
import type { Assets, Place, Problem } from '../kind.js';
import type { NodeInput, NodeIo, NodeOutput } from './io.js';
import { nodeInputs, nodeOutputs } from './io.js';

/** Keys of every node of a pipeline. */
export const nodeKeys = {
  $schema: text.optional(),
  name: text.optional(),
  display_name: text.optional(),
  description: text.optional(),
  experiment_name: text.optional(),
  tags: texts.optional(),
  properties: texts.optional(),
  comment: text.optional(),
  inputs: nodeInputs.optional(),
  outputs: nodeOutputs.optional(),
};

/** Keys that a node does not know, kept aside so that they can be told: the official client drops them silently. */
const DROPPED = 'unknown keys';

/** A node that runs a component: the official client takes keys that it does not know, and sends none of them. */
export function referringObject<S extends z.ZodRawShape>(shape: S) {
  return z.preprocess(
    (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const known = Object.entries(value).filter(([key]) => key in shape);
      const dropped = Object.keys(value).filter((key) => !(key in shape));
      return { ...Object.fromEntries(known), [DROPPED]: dropped };
    },
    z.object({
      ...shape,
      [DROPPED]: z.array(z.string()).transform((keys) => ({ keys, known: Object.keys(shape) })),
    }),
  );
}

/** Tells the keys of a node that are not sent. */
export function droppedKeys(node: object): Problem[] {
  const dropped = (node as { [DROPPED]?: { keys: string[]; known: string[] } })[DROPPED];
  return (dropped?.keys ?? []).map((key) => ({
    path: [key],
    message: 'unknown key; the official client drops it, and so do we',
    found: key,
    allowed: dropped?.known ?? [],
    severity: 'warning',
  }));
}

export interface NodeValue extends NodeIo {
  readonly type?: string | undefined;
  readonly display_name?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly comment?: string | undefined;
  readonly compute?: string | undefined;
}

/** A node where it stands: in a file (its own, where the pipeline names one) and in a pipeline. */
export interface NodePlace {
  readonly name: string;
  readonly place: Place;
  readonly pipeline: PipelineScope;
}

/** What the nodes of a pipeline can be tied to. */
export interface PipelineScope {
  /** Type and mode of one of the pipeline's inputs; undefined when there is none of this name. */
  readonly input: (name: string) => Sort | undefined;
  readonly output: (name: string) => Sort | undefined;
  readonly nodes: ReadonlyMap<string, ScopedNode>;
}

export interface ScopedNode {
  readonly value: NodeValue;
  readonly type: NodeType;
  readonly at: NodePlace;
}

/** What a binding stands for. */
export interface Sort {
  readonly type: string;
  readonly mode?: string | undefined;
}

/** A component whose definition lies here. */
export interface LocalComponent {
  readonly kind: 'local';
  readonly type: ComponentType;
  readonly value: ComponentValue;
  readonly place: Place;
  readonly source: ComponentSource;
}

/** A component that a node runs: one that is known here, or one in Azure. */
export type NodeComponent =
  LocalComponent | { readonly kind: 'remote'; readonly id: string; readonly source: string };

/** One type of node. */
export interface NodeType<T extends NodeValue = NodeValue> {
  /** As `type:` names it. */
  readonly type: string;
  readonly schema: z.ZodType<T>;
  readonly check: (node: T, at: NodePlace) => Promise<Problem[]>;
  readonly toRest: (node: T, at: NodePlace, assets: Assets) => Promise<Json>;
  /** What it runs; absent for a type that runs no component. */
  readonly component?: (node: T, at: NodePlace) => Promise<NodeComponent>;
  /** Nodes that it stands for in all; absent for a type that is one. */
  readonly size?: (node: T, at: NodePlace) => Promise<number>;
  /** Paths of the nodes within it that name no compute; absent for a type that has a compute of its own. */
  readonly withoutCompute?: (node: T, at: NodePlace) => Promise<string[][]>;
  /** What a lifecycle asks of it beyond what the official client asks; see `Kind.checkUnattended`. */
  readonly checkUnattended?: (node: T, at: NodePlace) => Promise<Problem[]>;
  /** Ports of what it leaves behind, where they are known without Azure. */
  readonly outputs: (node: T, at: NodePlace) => Promise<Readonly<Record<string, OutputPort>> | undefined>;
}

/** Keeps the type of the value within a node's type. */
export function nodeType<T extends NodeValue>(type: NodeType<T>): NodeType {
  return type as unknown as NodeType;
}

export type { NodeInput, NodeOutput };
