import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import { fieldOf, jsonOf, plainText } from './json.js';

/** A step of a pipeline. */
export interface Step {
  readonly name: string;
  /** `command`, `sweep`, `parallel`, `pipeline` or `if_else`. */
  readonly type: string;
  readonly body: Json;
  /** Steps whose outputs it reads. */
  readonly needs: readonly string[];
  /** Conditions that let it run, each with the answer that does. */
  readonly gates: readonly { readonly condition: string; readonly when: boolean }[];
}

/** Steps by name. */
export type Graph = ReadonlyMap<string, Step>;

const TYPES = ['command', 'sweep', 'parallel', 'pipeline', 'if_else'];
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
  const texts = JSON.stringify([body['inputs'] ?? {}, body['condition'] ?? '']);
  const needs = [...texts.matchAll(OUTPUT)].map(([, step = '']) => step);
  return {
    ...{ name, body, needs: [...new Set(needs)] },
    type: plainText(body['type'], 'command').toLowerCase(),
    gates: gatesOf(name, jobs),
  };
}

function gatesOf(name: string, jobs: Json): Step['gates'] {
  return Object.entries(jobs).flatMap(([condition, value]) => {
    const node = jsonOf(value);
    if (node['type'] !== 'if_else') return [];
    const blocks = [
      { when: true, steps: blockOf(fieldOf(node, 'trueBlock')) },
      { when: false, steps: blockOf(fieldOf(node, 'falseBlock')) },
    ];
    return blocks.filter(({ steps }) => steps.includes(name)).map(({ when }) => ({ condition, when }));
  });
}

/** The steps of one side of a condition: one binding or several. */
function blockOf(value: unknown): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.flatMap((text) => (typeof text === 'string' ? (STEP.exec(text)?.[1] ?? text) : []));
}

function mistakesOf(step: Step, graph: Graph, inputs: Json): string[] {
  const { name, type, body, needs } = step;
  const found: string[] = [];
  if (!TYPES.includes(type))
    found.push(`Job '${name}' is of type ${type}; the emulator runs ${TYPES.join(', ')}.`);
  for (const other of needs)
    if (!graph.has(other))
      found.push(`Job '${name}' reads an output of job '${other}', which does not exist.`);
  for (const other of [...blockOf(fieldOf(body, 'trueBlock')), ...blockOf(fieldOf(body, 'falseBlock'))])
    if (!graph.has(other)) found.push(`Job '${name}' decides on job '${other}', which does not exist.`);
  const texts = JSON.stringify([body['inputs'] ?? {}, body['condition'] ?? '']);
  for (const [, input = ''] of texts.matchAll(INPUT))
    if (!(input in inputs))
      found.push(`Job '${name}' reads input '${input}', which the pipeline does not have.`);
  return found;
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
  return [...new Set([...step.needs, ...step.gates.map(({ condition }) => condition)])];
}
