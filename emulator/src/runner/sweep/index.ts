import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { userError } from '../../errors.js';
import { changeJob, isFinal, readJob } from '../job.js';
import type { Job, JobError, JobOutput } from '../job.js';
import { createLogBlob } from '../log-blob.js';
import type { ParentTools } from '../parents.js';
import { replaceBlobs } from '../transfer.js';
import { artifactLocation, resolveUri } from '../uris.js';
import { optunaSampler } from './optuna.js';
import { lastInterval, toTerminate } from './policies.js';
import { gridSampler, randomSampler } from './sampler.js';
import type { Sampler, Values } from './sampler.js';
import { readSweep } from './spec.js';
import type { SweepSpec } from './spec.js';
import { loggedValues, trialJob } from './trials.js';

interface Trial {
  readonly name: string;
  readonly values: Values;
  running: boolean;
}

const LOOK_MS = 250;

/** Runs a sweep: chosen trials side by side as child jobs, ended early by its policy, the best one written into it. */
export async function runSweep(tools: ParentTools): Promise<JobError | undefined> {
  const { ctx, job, signal } = tools;
  const spec = readSweep(job.resource.properties);
  const root = artifactLocation(ctx, job.workspaceId, job.name);
  const log = createLogBlob(ctx, { ...root, prefix: `${root.prefix}/azureml-logs/hyperdrive.txt` });
  const sampler = samplerOf(tools, spec, log.write);
  const trials: Trial[] = [];
  const over = new AbortController();
  const watch = watchPolicy(tools, spec, trials, log.write, over.signal);
  try {
    await runTrials(tools, spec, sampler, trials, log.write);
    if (signal.aborted) return undefined;
    return await conclude(tools, spec, trials, log.write);
  } finally {
    over.abort();
    await watch;
    await log.close();
  }
}

type Write = (line: string) => void;

function samplerOf({ ctx, job, environments }: ParentTools, spec: SweepSpec, onLine: Write): Sampler {
  if (spec.sampling === 'grid') return gridSampler(spec.space);
  const seed = spec.seed ?? seedOf(job.resource._seed);
  changeJob(ctx, job.id, (stored) => {
    stored._seed = seed;
  });
  return spec.sampling === 'random'
    ? randomSampler(spec.space, seed)
    : optunaSampler(environments, spec, seed, onLine);
}

function seedOf(kept: unknown): number {
  return typeof kept === 'number' ? kept : randomInt(2 ** 31);
}

async function runTrials(
  tools: ParentTools,
  spec: SweepSpec,
  sampler: Sampler,
  trials: Trial[],
  write: Write,
): Promise<void> {
  const { job, signal } = tools;
  const running = new Set<Promise<void>>();
  while (trials.length < spec.most && !signal.aborted) {
    if (running.size >= spec.atOnce) await Promise.race(running);
    const values = await nextValues(tools, spec, sampler, trials);
    if (values === undefined || isAborted(signal)) break;
    const trial: Trial = { name: `${job.name}_${trials.length}`, values, running: true };
    trials.push(trial);
    write(`${trial.name}: ${JSON.stringify(values)}`);
    const work: Promise<void> = runTrial(tools, spec, trial, trials.length - 1, write).finally(() => {
      running.delete(work);
    });
    running.add(work);
  }
  await Promise.all(running);
}

// A function, since the compiler takes the flag to stay as it was read before.
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Those of the trial that is there already, after a restart, else the sampler's. */
async function nextValues(
  { ctx, job }: ParentTools,
  spec: SweepSpec,
  sampler: Sampler,
  trials: readonly Trial[],
): Promise<Values | undefined> {
  const seen = trials.map(({ name, values }) => ({
    values,
    metric: bestValue(spec, loggedValues(ctx, job.workspaceId, name, spec.metric)),
  }));
  const stored = readJob(ctx, `${job.workspaceId}/jobs/${job.name}_${trials.length}`)?.resource._values;
  if (stored !== undefined && spec.sampling === 'bayesian') return stored as Values;
  return sampler.next(seen);
}

async function runTrial(
  tools: ParentTools,
  spec: SweepSpec,
  trial: Trial,
  number: number,
  write: Write,
): Promise<void> {
  const properties = trialJob(tools.job, spec, number, trial.values);
  const internal = { _values: trial.values };
  const ended = await tools.runChild({ name: trial.name, properties, internal });
  trial.running = false;
  write(`${trial.name}: ${ended.properties.status}`);
}

/** Ends trials that the policy gives up, as long as the sweep runs. */
async function watchPolicy(
  tools: ParentTools,
  spec: SweepSpec,
  trials: readonly Trial[],
  write: Write,
  over: AbortSignal,
): Promise<void> {
  const { ctx, job } = tools;
  const { policy } = spec;
  if (policy === undefined) return;
  const judged = new Map<string, number>();
  while (!over.aborted) {
    const progress = trials.map(({ name, running }) => ({
      ...{ name, running },
      values: loggedValues(ctx, job.workspaceId, name, spec.metric),
    }));
    for (const name of toTerminate(policy, spec.maximize, progress, judged)) {
      write(`${name}: ended by the ${policy.policyType} policy`);
      void tools.cancelChild(name);
    }
    const every = Math.max(1, policy.evaluationInterval ?? 1);
    for (const { name, values } of progress) judged.set(name, lastInterval(values.length, every));
    await sleep(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function bestValue({ maximize }: SweepSpec, values: readonly number[]): number | undefined {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  return known.reduce((best, value) => ((maximize ? value > best : value < best) ? value : best));
}

/** Writes the best trial into the sweep, where clients look for it, and its outputs to the sweep's. */
async function conclude(
  tools: ParentTools,
  spec: SweepSpec,
  trials: readonly Trial[],
  write: Write,
): Promise<JobError | undefined> {
  const { ctx, job } = tools;
  const ended = trials.flatMap(({ name }) => readJob(ctx, `${job.workspaceId}/jobs/${name}`) ?? []);
  const scored = ended
    .filter(({ properties }) => isFinal(properties.status) && properties.status !== 'Failed')
    .flatMap((trial) => {
      const value = bestValue(spec, loggedValues(ctx, job.workspaceId, trial.name, spec.metric));
      return value === undefined ? [] : [{ trial, value }];
    });
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (held, next) =>
      held === undefined || (spec.maximize ? next.value > held.value : next.value < held.value) ? next : held,
    undefined,
  );
  if (best === undefined) return nothingScored(spec, ended);
  write(`The best trial is ${best.trial.name}: ${spec.metric} = ${best.value}`);
  setBest(tools, best.trial.name, best.value);
  await copyOutputs(tools, best.trial);
  return undefined;
}

function nothingScored(spec: SweepSpec, ended: readonly Job[]): JobError {
  const failed = ended.find(({ properties }) => properties.status === 'Failed');
  const why = (failed?.resource.properties['error'] as JobError | undefined)?.message;
  const reason = why === undefined ? '' : ` ${failed?.name ?? ''} failed: ${why}`;
  return userError(`No trial of the sweep logged the metric '${spec.metric}'.${reason}`).toDetail();
}

function setBest({ ctx, job }: ParentTools, name: string, value: number): void {
  changeJob(ctx, job.id, (stored) => {
    stored.properties['properties'] = {
      ...(stored.properties['properties'] as object | undefined),
      ...{ best_child_run_id: name, score: String(value), best_metric_status: 'Succeeded' },
    };
  });
}

async function copyOutputs({ ctx, job }: ParentTools, best: Job): Promise<void> {
  const from = best.properties.outputs ?? {};
  const to = readJob(ctx, job.id)?.properties.outputs ?? {};
  const copied = Object.entries(to).filter(([name]) => name !== 'default' && from[name] !== undefined);
  await Promise.all(
    copied.map(([name, output]) => {
      const at = ({ uri }: JobOutput) => resolveUri(ctx, job.workspaceId, uri ?? '');
      return replaceBlobs(ctx, at(from[name] as JobOutput), at(output));
    }),
  );
}
