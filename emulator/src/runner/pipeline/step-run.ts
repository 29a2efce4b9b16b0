import type { Json } from '../../resources.js';
import { readJob } from '../job.js';
import type { Job, JobError, JobInput, JobOutput } from '../job.js';
import { readText, resolveUri } from '../uris.js';
import { VALUE_TYPES, resolveInputs, resolveOutputs } from './bindings.js';
import { findComponent } from './components.js';
import type { Step } from './graph.js';
import { fieldOf, jsonOf, plainText } from './json.js';
import { findReusable, fingerprint, rememberStep, standFor } from './reuse.js';
import { scopeOf, stepJobName } from './run.js';
import type { Outcome, Run } from './run.js';
import { stepJob } from './steps.js';

/** One time that a loop runs a step. */
export interface Iteration {
  /** Tells it from the others of its loop. */
  readonly key: string;
  /** What the step is given instead of what it binds. */
  readonly inputs: Json;
}

/** Runs a step as a child job, or lets a job that did the same stand for it. */
export async function runStep(run: Run, step: Step, iteration?: Iteration): Promise<Outcome> {
  const { ctx, job } = run.tools;
  const spec = specOf(run, step);
  const inputs = inputsOf(run, step, spec, iteration);
  if (inputs === undefined) return { kind: 'skipped' };
  const child = stepJob({
    ...{ pipeline: job, step, spec },
    inputs,
    outputs: outputsFor(run, step, spec, iteration !== undefined),
    ...(iteration === undefined ? {} : { title: `${step.name} [${iteration.key}]` }),
  });
  const reusable = isReusable(run, step, spec);
  const hash = fingerprint(ctx, child);
  const name = stepJobName(job.id, step.name, iteration?.key);
  run.running.add(name);
  const ended = await runOrReuse(run, name, child, reusable ? hash : undefined);
  run.running.delete(name);
  if (ended.properties.status !== 'Completed') return { kind: 'failed', error: errorOf(ended) };
  if (reusable) rememberStep(ctx, hash, ended);
  return { kind: 'done', outputs: await outputsOf(run, ended, jsonOf(spec['outputs'])), job: name };
}

/** Undefined when it needs what a skipped step would have made. */
function inputsOf(
  run: Run,
  step: Step,
  spec: Json,
  iteration: Iteration | undefined,
): Record<string, JobInput> | undefined {
  const body = { ...step.body, inputs: { ...jsonOf(step.body['inputs']), ...iteration?.inputs } };
  try {
    return resolveInputs(body, requiredOf(step, spec), scopeOf(run));
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

/** Iterations would overwrite each other in a place of the loop's: each has places of its own. */
function outputsFor(run: Run, step: Step, spec: Json, iterated: boolean): Record<string, JobOutput> {
  const outputs = wantedOutputs(run, step, spec);
  if (!iterated) return outputs;
  const without = ({ jobOutputType, mode }: JobOutput): JobOutput => ({
    jobOutputType,
    ...(mode === undefined ? {} : { mode }),
  });
  return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, without(output)]));
}

/** A step's outputs with the places and names that the step, or the pipeline, wants for them. */
export function wantedOutputs({ tools }: Run, { body }: Step, spec: Json): Record<string, JobOutput> {
  // As they were asked for: an output of the pipeline without a place lies where its step puts it.
  const given = jsonOf(tools.job.resource._outputs) as Record<string, JobOutput>;
  return resolveOutputs(body, jsonOf(spec['outputs']), given);
}

export function specOf({ tools }: Run, { name, type, body }: Step): Json {
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
  // Iterations of a loop are meant to run, also where nothing changes between them.
  const isSibling = original?.resource._parent === job.name;
  const isKnown = readJob(ctx, `${job.workspaceId}/jobs/${name}`) !== undefined;
  if (original === undefined || isSibling || isKnown) return runChild({ name, properties });
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
