import { guidOf } from '../../ids.js';
import { changeJob, readJob } from '../job.js';
import type { Job, JobError, JobInput, JobOutput } from '../job.js';
import { createLogBlob } from '../log-blob.js';
import type { ParentTools } from '../parents.js';
import { artifactLocation, readText, resolveUri } from '../uris.js';
import { VALUE_TYPES, fillText, parentOutputOf, resolveInputs, resolveOutputs } from './bindings.js';
import type { Scope } from './bindings.js';
import { findComponent } from './components.js';
import { before, readGraph } from './graph.js';
import type { Graph, Step } from './graph.js';
import { fieldOf, jsonOf, plainText } from './json.js';
import { findReusable, fingerprint, rememberStep, standFor } from './reuse.js';
import { stepJob } from './steps.js';
import type { Json } from '../../resources.js';

/** How a step came out; a value for a condition's answer. */
type Outcome =
  | { readonly kind: 'done'; readonly outputs: Readonly<Record<string, JobInput>>; readonly answer?: boolean }
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly error: JobError };

interface Run {
  readonly tools: ParentTools;
  readonly graph: Graph;
  readonly outcomes: Map<string, Promise<Outcome>>;
  readonly ended: Map<string, Outcome>;
  readonly running: Set<string>;
  readonly pipelineInputs: Readonly<Record<string, JobInput>>;
  readonly note: (line: string) => void;
  halted: boolean;
}

/** Runs a pipeline: each step as a child job as soon as those that it reads have ended. */
export async function runPipeline(tools: ParentTools): Promise<JobError | undefined> {
  const { ctx, job } = tools;
  const root = artifactLocation(ctx, job.workspaceId, job.name);
  const log = createLogBlob(ctx, { ...root, prefix: `${root.prefix}/logs/azureml/executionlogs.txt` });
  const note = (line: string) => {
    log.write(`[${new Date().toISOString()}] ${line}`);
  };
  try {
    return await runSteps(tools, note);
  } finally {
    await log.close();
  }
}

async function runSteps(tools: ParentTools, note: (line: string) => void): Promise<JobError | undefined> {
  const { job } = tools;
  const { jobs, inputs: declared } = definitionOf(tools);
  const nowhere: Scope = { inputs: {}, output: () => undefined };
  const pipelineInputs = resolveInputs({ inputs: job.properties.inputs ?? {} }, declared, nowhere);
  const graph = readGraph(jobs, { ...declared, ...pipelineInputs });
  const run: Run = {
    ...{ tools, graph, pipelineInputs, note, outcomes: new Map(), ended: new Map(), running: new Set() },
    halted: false,
  };
  const results = await Promise.all(
    [...graph.keys()].map(async (name) => [name, await outcomeOf(run, name)] as const),
  );
  showPipelineOutputs(run);
  const failed = results.flatMap(([name, outcome]) =>
    outcome.kind === 'failed' ? [`Step '${name}' failed: ${outcome.error.message}`] : [],
  );
  return failed.length === 0 ? undefined : { code: 'UserError', message: failed.join('\n') };
}

/** The steps of the job itself, or of the pipeline component that it runs. */
function definitionOf({ ctx, job }: ParentTools): { jobs: Json; inputs: Json } {
  const { jobs, componentId } = job.resource.properties;
  if (typeof componentId !== 'string' || componentId === '') return { jobs: jsonOf(jobs), inputs: {} };
  const { spec } = findComponent(ctx, job.workspaceId, componentId);
  return { jobs: jsonOf(spec['jobs']), inputs: jsonOf(spec['inputs']) };
}

/** Begins a step once; everybody who asks for its outcome gets the same. */
function outcomeOf(run: Run, name: string): Promise<Outcome> {
  const known = run.outcomes.get(name);
  if (known !== undefined) return known;
  const step = run.graph.get(name);
  const outcome = step === undefined ? Promise.resolve<Outcome>({ kind: 'skipped' }) : perform(run, step);
  run.outcomes.set(name, outcome);
  return outcome;
}

async function perform(run: Run, step: Step): Promise<Outcome> {
  const earlier = await Promise.all(before(step).map((name) => outcomeOf(run, name)));
  const outcome = await attempt(run, step, earlier);
  run.ended.set(step.name, outcome);
  run.note(`${step.name}: ${outcome.kind}${outcome.kind === 'failed' ? `: ${outcome.error.message}` : ''}`);
  if (outcome.kind === 'failed' && !continues(run)) halt(run);
  return outcome;
}

/** By default a pipeline goes on: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-pipeline */
function continues({ tools }: Run): boolean {
  return jsonOf(tools.job.resource.properties['settings'])['continue_on_step_failure'] !== false;
}

function halt(run: Run): void {
  run.halted = true;
  for (const name of run.running) void run.tools.cancelChild(name);
}

async function attempt(run: Run, step: Step, earlier: readonly Outcome[]): Promise<Outcome> {
  if (run.halted || run.tools.signal.aborted) return { kind: 'skipped' };
  if (earlier.some(({ kind }) => kind === 'failed') || !isWanted(run, step)) return { kind: 'skipped' };
  try {
    if (step.type === 'if_else') return decide(run, step);
    return await runStep(run, step);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', error: { code: 'UserError', message } };
  }
}

/** A step that stands in a condition's blocks runs when the answer is its own. */
function isWanted({ ended }: Run, { gates }: Step): boolean {
  const open = gates.filter(({ condition, when }) => {
    const outcome = ended.get(condition);
    return outcome?.kind === 'done' && outcome.answer === when;
  });
  return gates.length === 0 || open.length > 0;
}

function scopeOf({ ended, pipelineInputs }: Run): Scope {
  return {
    inputs: pipelineInputs,
    output: (step, output) => {
      const outcome = ended.get(step);
      return outcome?.kind === 'done' ? outcome.outputs[output] : undefined;
    },
  };
}

function decide(run: Run, step: Step): Outcome {
  const { condition } = step.body;
  const text = typeof condition === 'string' ? fillText(condition, scopeOf(run)) : plainText(condition);
  const answer = /^(true|1|yes)$/i.test(text.trim());
  return { kind: 'done', outputs: {}, answer };
}

async function runStep(run: Run, step: Step): Promise<Outcome> {
  const { ctx, job } = run.tools;
  const spec = specOf(run, step);
  const inputs = inputsOf(run, step, spec);
  if (inputs === undefined) return { kind: 'skipped' };
  const child = stepJob({
    ...{ pipeline: job, step, spec },
    inputs,
    outputs: resolveOutputs(step.body, jsonOf(spec['outputs']), explicitOutputs(job)),
  });
  const reusable = isReusable(run, step, spec);
  const hash = fingerprint(ctx, child);
  const name = guidOf(`${job.id}/${step.name}`);
  run.running.add(name);
  const ended = await runOrReuse(run, name, child, reusable ? hash : undefined);
  run.running.delete(name);
  if (ended.properties.status !== 'Completed') return { kind: 'failed', error: errorOf(ended) };
  if (reusable) rememberStep(ctx, hash, ended);
  return { kind: 'done', outputs: await outputsOf(run, ended, jsonOf(spec['outputs'])) };
}

/** Undefined when it needs what a skipped step would have made. */
function inputsOf(run: Run, step: Step, spec: Json): Record<string, JobInput> | undefined {
  try {
    return resolveInputs(step.body, requiredOf(step, spec), scopeOf(run));
  } catch (error) {
    if (step.needs.some((name) => run.ended.get(name)?.kind === 'skipped')) return undefined;
    throw error;
  }
}

/** What a sweep searches over, its step does not give. */
function requiredOf({ body }: Step, spec: Json): Json {
  const searched = jsonOf(fieldOf(body, 'searchSpace'));
  return Object.fromEntries(Object.entries(jsonOf(spec['inputs'])).filter(([name]) => !(name in searched)));
}

/** The pipeline's outputs as they were asked for: one that was given no place lies where its step puts it. */
function explicitOutputs({ resource }: Job): Record<string, JobOutput> {
  return jsonOf(resource._outputs) as Record<string, JobOutput>;
}

function specOf({ tools }: Run, { name, type, body }: Step): Json {
  const trial = jsonOf(body['trial']);
  const reference = type === 'sweep' ? (trial['componentId'] ?? body['trial']) : body['componentId'];
  if (typeof reference === 'string') return findComponent(tools.ctx, tools.job.workspaceId, reference).spec;
  throw new Error(`Step '${name}' names no component.`);
}

function isReusable({ tools }: Run, { type }: Step, spec: Json): boolean {
  const settings = jsonOf(tools.job.resource.properties['settings']);
  const same = ['command', 'parallel'].includes(type) && spec['is_deterministic'] !== false;
  return same && settings['force_rerun'] !== true;
}

async function runOrReuse(run: Run, name: string, properties: Json, hash: string | undefined): Promise<Job> {
  const { ctx, job, runChild, prepareChild } = run.tools;
  const original = hash === undefined ? undefined : findReusable(ctx, job.workspaceId, hash);
  if (original === undefined || readJob(ctx, `${job.workspaceId}/jobs/${name}`) !== undefined)
    return runChild({ name, properties });
  const child = prepareChild({ name, properties });
  await standFor(ctx, child, original);
  run.note(`${plainText(properties['displayName'])}: nothing has changed, reusing job ${original.name}`);
  return readJob(ctx, child.id) ?? child;
}

function errorOf(job: Job): JobError {
  const { error } = job.resource.properties;
  return (
    (error as JobError | undefined) ?? { code: 'UserError', message: `its job ${job.name} was canceled.` }
  );
}

/** Outputs as inputs of what comes next; one of a value's type is the value that its file holds. */
async function outputsOf({ tools }: Run, child: Job, declared: Json): Promise<Record<string, JobInput>> {
  const named = Object.entries(child.properties.outputs ?? {}).filter(([name]) => name !== 'default');
  const read = named.map(async ([name, { jobOutputType, uri }]): Promise<[string, JobInput]> => {
    const isValue = VALUE_TYPES.includes(String(jsonOf(declared[name])['type']));
    if (!isValue) return [name, { jobInputType: jobOutputType, uri: uri ?? null }];
    const text = await readText(tools.ctx, resolveUri(tools.ctx, child.workspaceId, uri ?? ''));
    return [name, { jobInputType: 'literal', value: text.trim() }];
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The outputs of the pipeline lie where the steps that they are bound to have put them. */
function showPipelineOutputs({ tools, graph, ended }: Run): void {
  changeJob(tools.ctx, tools.job.id, (stored) => {
    const outputs = { ...jsonOf(stored.properties['outputs']) };
    for (const { name, body } of graph.values()) {
      const outcome = ended.get(name);
      if (outcome?.kind !== 'done') continue;
      for (const [output, { uri }] of Object.entries(outcome.outputs)) {
        const parent = parentOutputOf(body, output);
        if (parent !== undefined && uri !== undefined) outputs[parent] = { ...jsonOf(outputs[parent]), uri };
      }
    }
    stored.properties['outputs'] = outputs;
  });
}
