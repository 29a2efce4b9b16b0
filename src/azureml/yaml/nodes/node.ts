import { z } from 'zod';
import type { Json } from '../../types.js';
import type { ComponentSource, ComponentType, ComponentValue } from '../components/component.js';
import type { OutputPort } from '../components/ports.js';
import { isMapping, text, texts, unknownKeys } from '../fields.js';
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

/** Keys that a node does not know, kept aside so that they can be told and sent. */
const EXTRA = 'unknown keys';

interface Extra {
  readonly values: Readonly<Record<string, unknown>>;
  readonly known: readonly string[];
}

/** A node that runs a component: the official client takes keys that it does not know, and sends them. */
export function referringObject<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape);
  return z.preprocess(
    (value) => {
      if (!isMapping(value)) return value;
      const own = Object.entries(value).filter(([key]) => known.includes(key));
      return { ...Object.fromEntries(own), [EXTRA]: { values: unknownKeys(value, known), known } };
    },
    z.object({ ...shape, [EXTRA]: z.custom<Extra>() }),
  );
}

/** What a node holds under keys that it does not know. */
export function extraKeys(node: object): Readonly<Record<string, unknown>> {
  return (node as { readonly [EXTRA]?: Extra })[EXTRA]?.values ?? {};
}

/** Tells the keys that a node does not know. */
export function checkExtraKeys(node: object): Problem[] {
  const extra = (node as { readonly [EXTRA]?: Extra })[EXTRA];
  return Object.keys(extra?.values ?? {}).map((key) => ({
    path: [key],
    message: 'unknown key; it goes to Azure as it is, as with az ml',
    found: key,
    allowed: extra?.known ?? [],
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
