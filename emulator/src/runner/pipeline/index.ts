import { changeJob } from '../job.js';
import type { JobError } from '../job.js';
import { createLogBlob } from '../log-blob.js';
import type { ParentTools } from '../parents.js';
import { artifactLocation } from '../uris.js';
import { fillText, parentOutputOf, resolveInputs } from './bindings.js';
import type { Scope } from './bindings.js';
import { findComponent } from './components.js';
import { before, readGraph } from './graph.js';
import type { Step } from './graph.js';
import { jsonOf, plainText } from './json.js';
import { isTrue, runDoWhile, runParallelFor } from './loops.js';
import { failure, isOver, scopeOf } from './run.js';
import type { Outcome, Run } from './run.js';
import { runStep } from './step-run.js';
import type { Json } from '../../resources.js';

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
    outcome.kind === 'failed' && graph.get(name)?.loop === undefined
      ? [`Step '${name}' failed: ${outcome.error.message}`]
      : [],
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
  if (step.loop !== undefined) return outcome;
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
  // What a loop repeats has come out as the loop has.
  if (step.loop !== undefined) return earlier[0] ?? { kind: 'skipped' };
  if (isOver(run)) return { kind: 'skipped' };
  if (earlier.some(({ kind }) => kind === 'failed') || !isWanted(run, step)) return { kind: 'skipped' };
  try {
    switch (step.type) {
      case 'if_else':
        return decide(run, step);
      case 'do_while':
        return await runDoWhile(run, step);
      case 'parallel_for':
        return await runParallelFor(run, step);
      default:
        return await runStep(run, step);
    }
  } catch (error) {
    return failure(error);
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

function decide(run: Run, step: Step): Outcome {
  const { condition } = step.body;
  const text = typeof condition === 'string' ? fillText(condition, scopeOf(run)) : plainText(condition);
  return { kind: 'done', outputs: {}, answer: isTrue(text) };
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
