import { z } from 'zod';
import type { Json } from '../types.js';
import type { ComponentValue } from './components/component.js';
import { choose, text, withAllowed } from './fields.js';
import type { Assets, Place, Problem } from './kind.js';
import type { NodeValue, PipelineScope, ScopedNode } from './nodes/node.js';
import { localHash, parentBinding, parentPaths } from './nodes/io.js';
import { sortOf } from './nodes/inline.js';
import { checkExtraKeys } from './nodes/node.js';
import { nodeTypeNamed, nodeTypeOf, nodeTypes } from './nodes/registry.js';
import { checkPath } from './paths.js';

const unknownType = z.unknown().transform((value, context): NodeValue => {
  const allowed = nodeTypes().map(({ type }) => type);
  const message = withAllowed('unknown type of node', allowed);
  context.issues.push({ code: 'custom', input: value, message, path: ['type'] });
  return z.NEVER;
});

/** A node as its type has it, or a job's file. */
export type GraphNode = NodeValue | string;

const nodeName = /^[a-z_][a-z\d_]*$/;

/** `jobs:` of a pipeline. */
export const jobsField = z.record(
  z.string().regex(nodeName, 'the name of a node holds lower-case letters, digits and underscores'),
  choose<GraphNode>((value): z.ZodType<GraphNode> => {
    return typeof value === 'string' ? text : (nodeTypeOf(value)?.schema ?? unknownType);
  }),
);

export interface Graph {
  readonly jobs: Readonly<Record<string, GraphNode>>;
  readonly input: PipelineScope['input'];
  readonly output: PipelineScope['output'];
}

/** The nodes of a pipeline, with what they can be tied to. */
export async function scopeOf(graph: Graph, place: Place): Promise<PipelineScope> {
  const nodes = new Map<string, ScopedNode>();
  const scope = { input: graph.input, output: graph.output, nodes };
  for (const [name, node] of Object.entries(graph.jobs)) {
    const found = await nodeOf(name, node, place, scope);
    if (found !== undefined) nodes.set(name, found);
  }
  return scope;
}

async function nodeOf(
  name: string,
  node: GraphNode,
  place: Place,
  pipeline: PipelineScope,
): Promise<ScopedNode | undefined> {
  if (typeof node !== 'string') {
    const type = nodeTypeOf(node);
    return type === undefined ? undefined : { value: node, type, at: { name, place, pipeline } };
  }
  const { loaded } = await place.open(node.replace(/^file:/, ''), 'job');
  const type = loaded === undefined ? undefined : nodeTypeNamed(loaded.kind.name.replace(/Job$/, ''));
  if (loaded === undefined || type === undefined) return undefined;
  return { value: loaded.value as NodeValue, type, at: { name, place: loaded.place, pipeline } };
}

/** Requests of every node, in the order of the file. */
export async function graphBody(scope: PipelineScope, assets: Assets): Promise<Record<string, Json>> {
  const jobs: Record<string, Json> = {};
  for (const [name, { type, value, at }] of scope.nodes) jobs[name] = await type.toRest(value, at, assets);
  return jobs;
}

/** As `graphBody`, with the hashes of local inputs: they make the component that holds the nodes another one. */
export async function hashedGraph(
  scope: PipelineScope,
  jobs: Readonly<Record<string, Json>>,
): Promise<Record<string, Json>> {
  const entries = await Promise.all(
    Object.entries(jobs).map(async ([name, body]) => {
      const node = scope.nodes.get(name);
      const inputs = { ...(body['inputs'] as Record<string, Json> | undefined) };
      for (const [input, value] of Object.entries(node?.value.inputs ?? {})) {
        const hash = node === undefined ? undefined : await localHash(value, node.at.place);
        if (hash !== undefined) inputs[input] = { ...inputs[input], content_hash: hash };
      }
      return [name, body['inputs'] === undefined ? body : { ...body, inputs }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** Mistakes of every node, and of what they are tied to. */
export async function checkGraph(graph: Graph, scope: PipelineScope, place: Place): Promise<Problem[]> {
  const found = await Promise.all(
    Object.entries(graph.jobs).map(async ([name, node]) => {
      const scoped = scope.nodes.get(name);
      const problems = [
        ...(typeof node === 'string' ? await checkFile(node, place) : []),
        ...(scoped === undefined ? [] : await checkNode(scoped)),
      ];
      return problems.map((problem) => ({ ...problem, path: ['jobs', name, ...problem.path] }));
    }),
  );
  const problems = found.flat();
  return problems.some(({ severity }) => severity !== 'warning')
    ? problems
    : [...problems, ...(await checkSize(scope))];
}

/** Nodes that a pipeline may stand for; Microsoft's largest example has some thirty. */
const MOST_NODES = 5000;

/** Files that name each other twice or more multiply: each is small, and what they stand for has no end. */
async function checkSize(scope: PipelineScope): Promise<Problem[]> {
  const size = await sizeOf(scope);
  if (size <= MOST_NODES) return [];
  const message = `stands for ${size} nodes, those of the pipelines within it counted; at most ${MOST_NODES} are sent`;
  return [{ path: ['jobs'], message }];
}

/** Nodes of a pipeline, with those of the pipelines within it. */
export async function sizeOf(scope: PipelineScope): Promise<number> {
  const sizes = await Promise.all(
    [...scope.nodes.values()].map(async ({ type, value, at }) => (await type.size?.(value, at)) ?? 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function checkFile(node: string, place: Place): Promise<Problem[]> {
  const file = node.replace(/^file:/, '');
  const missing = await checkPath(place, file, [], 'file');
  if (missing.length > 0) return missing;
  const { mistakes } = await place.open(file, 'job');
  return mistakes.length === 0 ? [] : [{ path: [], message: 'the job holds mistakes', mistakes }];
}

async function checkNode(node: ScopedNode): Promise<Problem[]> {
  return [
    ...checkExtraKeys(node.value),
    ...(await node.type.check(node.value, node.at)),
    ...(await checkBindings(node)),
  ];
}

async function checkBindings({ value, at, type }: ScopedNode): Promise<Problem[]> {
  // The official client looks up what a job written within the pipeline is tied to; for others Azure does.
  const severity = 'component' in value || 'trial' in value || type.type === 'automl' ? 'warning' : 'error';
  const ties = [
    ...Object.entries(value.inputs ?? {}).map(([name, one]) => ({ path: ['inputs', name], one })),
    ...Object.entries(value.outputs ?? {}).map(([name, one]) => ({ path: ['outputs', name], one })),
  ].flatMap(({ path, one }) => {
    const tie = typeof one === 'object' && one !== null ? one.path : one;
    return parentPaths(typeof tie === 'string' && parentBinding.test(tie) ? tie : '').map((to) => ({
      path,
      to,
    }));
  });
  const found = await Promise.all(
    ties.map(async ({ path, to }): Promise<Problem[]> => {
      if ((await sortOf(to, at)) !== undefined) return [];
      const message = `there is no ${to.join('.')} in this pipeline`;
      return [{ path, message, found: to.join('.'), severity }];
    }),
  );
  return found.flat();
}

/** Inputs without a default that a node does not give to its component. */
export function missingInputs(node: NodeValue, component: ComponentValue): Problem[] {
  return Object.entries(component.inputs ?? {}).flatMap(([name, port]): Problem[] => {
    const given = node.inputs?.[name];
    const isOptional = port.optional === true || ('default' in port && port.default !== undefined);
    if ((given !== undefined && given !== null) || isOptional) return [];
    return [{ path: ['inputs', name], message: `missing; the component needs ${name}`, fix: `add ${name}:` }];
  });
}

/** Nodes that name no compute where the pipeline has none for all: their paths below `jobs`. */
export async function withoutCompute(scope: PipelineScope): Promise<string[][]> {
  const found = await Promise.all(
    [...scope.nodes].map(async ([name, { type, value, at }]) => {
      const below = await type.withoutCompute?.(value, at);
      if (below !== undefined) return below.map((path) => [name, 'jobs', ...path]);
      return value.compute === undefined ? [[name, 'compute']] : [];
    }),
  );
  return found.flat();
}

/** What a lifecycle asks of the nodes; see `Kind.checkUnattended`. */
export async function checkUnattended(scope: PipelineScope): Promise<Problem[]> {
  const found = await Promise.all(
    [...scope.nodes].map(async ([name, { type, value, at }]) => {
      const problems = (await type.checkUnattended?.(value, at)) ?? [];
      return problems.map((problem) => ({ ...problem, path: ['jobs', name, ...problem.path] }));
    }),
  );
  return found.flat();
}
