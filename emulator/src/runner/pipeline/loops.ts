import pLimit from 'p-limit';
import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import { registerOutput } from '../bindings.js';
import type { JobInput, JobOutput } from '../job.js';
import { mltableOf } from '../mltable.js';
import { replaceBlobs, writeText } from '../transfer.js';
import { DEFAULT_DATASTORE, resolveUri } from '../uris.js';
import { fillText, resolveOutputs } from './bindings.js';
import type { Step } from './graph.js';
import { bodyOf, iterationsOf } from './graph.js';
import { fieldOf, jsonOf, plainText } from './json.js';
import { isOver, scopeOf } from './run.js';
import type { Outcome, Run } from './run.js';
import { runStep, specOf, wantedOutputs } from './step-run.js';
import type { Iteration } from './step-run.js';

/** The step that a loop repeats. */
function repeatedBy({ graph }: Run, loop: Step): Step {
  const step = graph.get(bodyOf(loop.body) ?? '');
  if (step === undefined) throw new Error(`Loop '${loop.name}' has no body.`);
  return step;
}

/**
 * Runs a step again with what it made, as `mapping` says, until its condition is false or it has run often enough; its
 * outputs are those of the last time: https://learn.microsoft.com/python/api/azure-ai-ml/azure.ai.ml.entities.dowhile
 */
export async function runDoWhile(run: Run, loop: Step): Promise<Outcome> {
  const step = repeatedBy(run, loop);
  const most = iterationsOf(loop.body);
  let inputs: Json = {};
  for (let count = 0; ; count += 1) {
    const outcome = await runStep(run, step, { key: String(count), inputs });
    if (outcome.kind !== 'done') return outcome;
    if (isOver(run)) return { kind: 'skipped' };
    if (count + 1 === most || !goesOn(loop, outcome.outputs)) {
      run.note(`${loop.name}: ended after ${count + 1} of at most ${most} iterations`);
      return settle(run, step, outcome);
    }
    inputs = mapped(loop, step, outcome.outputs);
  }
}

/** Without a condition it is a loop for ever. */
function goesOn({ name, body }: Step, outputs: Readonly<Record<string, JobInput>>): boolean {
  const condition = body['condition'] ?? true;
  if (typeof condition !== 'string' || isTrue(condition)) return condition !== false;
  const port = portOf(condition);
  const value = outputs[port];
  if (value?.jobInputType === 'literal') return isTrue(value.value ?? '');
  if (/^(false|0|no)$/i.test(port)) return false;
  const why = value === undefined ? 'its body does not have' : 'is no value but data';
  throw userError(`The condition of '${name}' is the output '${port}', which ${why}.`);
}

/** What counts as true where a condition is read. */
export function isTrue(text: string): boolean {
  return /^(true|1|yes)$/i.test(text.trim());
}

/** A port's name: clients send it alone, or as a binding to the body. */
function portOf(text: string): string {
  return /\.(?:inputs|outputs)\.([\w-]+)\s*\}\}\s*$/.exec(text)?.[1] ?? text.trim();
}

function mapped(loop: Step, step: Step, outputs: Readonly<Record<string, JobInput>>): Json {
  const given = jsonOf(step.body['inputs']);
  const pairs = Object.entries(jsonOf(loop.body['mapping'])).flatMap(([from, to]) => {
    const output = portOf(from);
    const value = outputs[output];
    if (value === undefined)
      throw userError(`'${loop.name}' maps the output '${output}', which its body does not have.`);
    const names = Array.isArray(to) ? (to as unknown[]) : [to];
    return names
      .map((name) => portOf(plainText(name)))
      .map((name) => [name, { ...modeIn(given, name), ...value }]);
  });
  return Object.fromEntries(pairs) as Json;
}

function modeIn(inputs: Json, name: string): Json {
  const { mode } = jsonOf(inputs[name]);
  return typeof mode === 'string' ? { mode } : {};
}

/** Puts the last iteration's outputs where the step, or the pipeline, wants them, and registers them. */
async function settle(run: Run, step: Step, outcome: Outcome & { kind: 'done' }): Promise<Outcome> {
  const { tools } = run;
  const { ctx, job } = tools;
  const outputs = { ...outcome.outputs };
  for (const [name, wanted] of Object.entries(wantedOutputs(run, step, specOf(run, step)))) {
    const made = outputs[name];
    if (typeof made?.uri !== 'string') continue;
    const uri = wanted.uri ?? made.uri;
    if (uri !== made.uri)
      await replaceBlobs(
        ctx,
        resolveUri(ctx, job.workspaceId, made.uri),
        resolveUri(ctx, job.workspaceId, uri),
      );
    registerOutput(ctx, job, name, wanted, uri);
    outputs[name] = { ...made, uri };
  }
  return { ...outcome, outputs };
}

/**
 * Runs a step once for each item, so many at a time. Data that it makes becomes an MLTable with the paths of all, values
 * a JSON list: types as in https://learn.microsoft.com/python/api/azure-ai-ml/azure.ai.ml.entities.parallelfor
 */
export async function runParallelFor(run: Run, loop: Step): Promise<Outcome> {
  const step = repeatedBy(run, loop);
  const iterations = itemsOf(run, loop);
  const most = Number(fieldOf(loop.body, 'maxConcurrency') ?? 0) || Number.POSITIVE_INFINITY;
  const limit = pLimit(most);
  const outcomes = await Promise.all(
    iterations.map((iteration) =>
      limit(async () => (isOver(run) ? { kind: 'skipped' as const } : runStep(run, step, iteration))),
    ),
  );
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.kind === 'failed' ? [`[${iterations[at]?.key ?? ''}] ${outcome.error.message}`] : [],
  );
  if (failed.length > 0) return { kind: 'failed', error: { code: 'UserError', message: failed.join('\n') } };
  const done = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.outputs] : []));
  if (done.length < outcomes.length) return { kind: 'skipped' };
  return { kind: 'done', outputs: await gather(run, loop, step, done) };
}

/** Items are JSON text, a list or an object by name, whole or behind one binding. */
function itemsOf(run: Run, { name, body }: Step): Iteration[] {
  const text = plainText(body['items']);
  const bound = /^\s*\$\{\{[^}]*\}\}\s*$/.test(text) ? fillText(text, scopeOf(run)) : text;
  const items = parsed(bound);
  const entries = Array.isArray(items) ? [...items.entries()] : Object.entries(jsonOf(items));
  const isFit = typeof items === 'object' && items !== null;
  if (!isFit || entries.some(([, item]) => typeof item !== 'object' || item === null || Array.isArray(item)))
    throw userError(
      `The items of '${name}' must be a JSON list, or object, of objects with inputs of its body; they are ${bound.slice(0, 200)}.`,
    );
  return entries.map(([key, item]) => ({ key: String(key), inputs: jsonOf(item) }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function gather(
  run: Run,
  loop: Step,
  step: Step,
  done: readonly Readonly<Record<string, JobInput>>[],
): Promise<Record<string, JobInput>> {
  const { job } = run.tools;
  const declared = jsonOf(specOf(run, step)['outputs']);
  const given = jsonOf(job.resource._outputs) as Record<string, JobOutput>;
  const wanted = resolveOutputs(loop.body, declared, given);
  const gathered = Object.keys(declared).map(async (name): Promise<[string, JobInput]> => {
    const parts = done.flatMap((outputs) => outputs[name] ?? []);
    const values = parts.filter(({ jobInputType }) => jobInputType === 'literal');
    if (values.length === parts.length && parts.length > 0)
      return [name, { jobInputType: 'literal', value: JSON.stringify(values.map(({ value }) => value)) }];
    return [name, await tableOf(run, loop, name, parts, wanted[name])];
  });
  return Object.fromEntries(await Promise.all(gathered));
}

async function tableOf(
  { tools }: Run,
  loop: Step,
  name: string,
  parts: readonly JobInput[],
  wanted: JobOutput | undefined,
): Promise<JobInput> {
  const { ctx, job } = tools;
  const own = `azureml://datastores/${DEFAULT_DATASTORE}/paths/azureml/${job.name}/${loop.name}/${name}/`;
  const uri = wanted?.uri ?? own;
  const folder = resolveUri(ctx, job.workspaceId, uri);
  await writeText(ctx, { ...folder, prefix: `${folder.prefix}/MLTable` }, mltableOf(job.workspaceId, parts));
  if (wanted !== undefined) registerOutput(ctx, job, name, { ...wanted, jobOutputType: 'mltable' }, uri);
  return { jobInputType: 'mltable', uri };
}
