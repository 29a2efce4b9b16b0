import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import { fieldOf, jsonOf, plainText } from './json.js';

/** A step of a pipeline. */
export interface Step {
  readonly name: string;
  /** One of `TYPES`. */
  readonly type: string;
  readonly body: Json;
  /** Steps whose outputs it reads; a loop reads what the step that it repeats reads. */
  readonly needs: readonly string[];
  /** The loop that repeats it. */
  readonly loop?: string;
  /** Conditions that let it run, each with the answer that does. */
  readonly gates: readonly { readonly condition: string; readonly when: boolean }[];
}

/** Steps by name. */
export type Graph = ReadonlyMap<string, Step>;

const LOOPS = ['do_while', 'parallel_for'];
const TYPES = ['command', 'sweep', 'parallel', 'pipeline', 'if_else', ...LOOPS];
const OUTPUT = /\$\{\{\s*parent\.jobs\.([\w-]+)\.outputs\.([\w-]+)\s*\}\}/g;
const INPUT = /\$\{\{\s*parent\.inputs\.([\w.-]+)\s*\}\}/g;
const STEP = /^\$\{\{\s*parent\.jobs\.([\w-]+)\s*\}\}$/;

/** Reads the steps of a pipeline; throws `UserError` that names every mistake: unknown types and steps, unbound inputs, loops. */
export function readGraph(jobs: Json, inputs: Json): Graph {
  const graph = new Map<string, Step>();
  for (const [name, value] of Object.entries(jobs)) graph.set(name, stepOf(name, jsonOf(value), jobs));
  const mistakes = [...graph.values()].flatMap((step) => mistakesOf(step, graph, inputs));
  if (mistakes.length === 0) mistakes.push(...loops(graph));
  if (graph.size === 0) mistakes.push('it has no jobs.');
  if (mistakes.length > 0) throw userError(`The pipeline cannot be run: ${mistakes.join(' ')}`);
  return graph;
}

function stepOf(name: string, body: Json, jobs: Json): Step {
  const type = typeIn(body);
  const repeated = bodyOf(body);
  const own = readsOf(type === 'do_while' ? { ...body, condition: '' } : body);
  const needs = repeated === undefined ? own : [...own, ...readsOf(jsonOf(jobs[repeated]))];
  const loop = Object.keys(jobs).find((other) => bodyOf(jsonOf(jobs[other])) === name);
  return {
    ...{ name, body, type, needs: [...new Set(needs)] },
    gates: gatesOf([name, ...(repeated === undefined ? [] : [repeated])], jobs),
    ...(loop === undefined ? {} : { loop }),
  };
}

function typeIn(body: Json): string {
  return plainText(body['type'], 'command').toLowerCase();
}

/** Where a step may name outputs of others and inputs of the pipeline. */
function textOf(body: Json): string {
  return JSON.stringify([body['inputs'] ?? {}, body['condition'] ?? '', body['items'] ?? '']);
}

function readsOf(body: Json): string[] {
  return [...textOf(body).matchAll(OUTPUT)].map(([, step = '']) => step);
}

/** The step that a loop repeats; undefined for every other step. */
export function bodyOf(body: Json): string | undefined {
  if (!LOOPS.includes(typeIn(body))) return undefined;
  return blockOf(body['body'])[0] ?? '';
}

function gatesOf(names: readonly string[], jobs: Json): Step['gates'] {
  return Object.entries(jobs).flatMap(([condition, value]) => {
    const node = jsonOf(value);
    if (node['type'] !== 'if_else') return [];
    const blocks = [
      { when: true, steps: blockOf(fieldOf(node, 'trueBlock')) },
      { when: false, steps: blockOf(fieldOf(node, 'falseBlock')) },
    ];
    return blocks
      .filter(({ steps }) => names.some((name) => steps.includes(name)))
      .map(({ when }) => ({ condition, when }));
  });
}

/** The steps that a binding, or a list of bindings, names. */
function blockOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.flatMap((text) => (typeof text === 'string' ? (STEP.exec(text)?.[1] ?? text) : []));
}

function mistakesOf(step: Step, graph: Graph, inputs: Json): string[] {
  const { name, type, body, needs } = step;
  const found: string[] = [];
  if (!TYPES.includes(type))
    found.push(`Job '${name}' is of type ${type}; the emulator runs ${TYPES.join(', ')}.`);
  for (const other of needs) {
    const loop = graph.get(graph.get(other)?.loop ?? '');
    if (!graph.has(other))
      found.push(`Job '${name}' reads an output of job '${other}', which does not exist.`);
    else if (loop?.type === 'parallel_for')
      found.push(
        `Job '${name}' reads an output of job '${other}', which runs many times: read that of '${loop.name}'.`,
      );
  }
  for (const other of [...blockOf(fieldOf(body, 'trueBlock')), ...blockOf(fieldOf(body, 'falseBlock'))])
    if (!graph.has(other)) found.push(`Job '${name}' decides on job '${other}', which does not exist.`);
  for (const [, input = ''] of textOf(body).matchAll(INPUT))
    if (!(input in inputs))
      found.push(`Job '${name}' reads input '${input}', which the pipeline does not have.`);
  return [...found, ...loopMistakes(step, graph)];
}

/** What azure-ai-ml allows: https://learn.microsoft.com/python/api/azure-ai-ml/azure.ai.ml.entities.dowhile */
const MOST_ITERATIONS = 1000;

function loopMistakes({ name, type, body }: Step, graph: Graph): string[] {
  const repeated = bodyOf(body);
  if (repeated === undefined) return [];
  const found: string[] = [];
  const inner = graph.get(repeated);
  if (inner === undefined) found.push(`Job '${name}' repeats job '${repeated}', which does not exist.`);
  else if (inner.type === 'if_else' || LOOPS.includes(inner.type))
    found.push(`Job '${name}' repeats job '${repeated}' of type ${inner.type}, which is no job of its own.`);
  else if (inner.loop !== name)
    found.push(`Job '${name}' repeats job '${repeated}', which '${inner.loop ?? ''}' already does.`);
  if (type === 'do_while') {
    const most = iterationsOf(body);
    if (!Number.isInteger(most) || most < 1 || most > MOST_ITERATIONS)
      found.push(`Job '${name}' needs limits.max_iteration_count from 1 to ${MOST_ITERATIONS}.`);
  }
  return found;
}

/** How often a do_while may run at most. */
export function iterationsOf(body: Json): number {
  return Number(fieldOf(jsonOf(body['limits']), 'maxIterationCount') ?? Number.NaN);
}

/** Steps that wait for each other. */
function loops(graph: Graph): string[] {
  const done = new Set<string>();
  const open = new Set<string>();
  const found: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    if (open.has(name)) {
      found.push(`Job '${name}' waits for itself, through ${[...open].join(', ')}.`);
      return;
    }
    open.add(name);
    for (const next of before(graph.get(name))) visit(next);
    open.delete(name);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return found;
}

/** The steps that have to end before a step can begin. */
export function before(step: Step | undefined): string[] {
  if (step === undefined) return [];
  if (step.loop !== undefined) return [step.loop];
  return [...new Set([...step.needs, ...step.gates.map(({ condition }) => condition)])];
}
