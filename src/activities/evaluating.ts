import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { type AzureMl, findModel, jobMetrics, workingRun } from '../azureml/index.js';
import { gainOf, type Pair, percentileInterval, resampledGains } from '../domain/bootstrap.js';
import type { GainOverChampion } from '../domain/evaluation.js';
import { metricOf } from '../domain/held-out-metrics.js';
import type { EvaluationPlan, Gate } from '../domain/project.js';
import { formatNumber } from '../domain/text.js';
import type { Evaluation, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { downloadPredictions, predictionArtifacts } from './held-out.js';
import { beating } from './heartbeat.js';
import { type OpenProject, openProject } from './projects.js';
import { withTemporaryFolder } from './temporary-folder.js';
import { jobFailure, submit } from './submitting.js';
import type { Workspaces } from './workspaces.js';

type EvaluatingActivities = Pick<WorkspaceActivities, 'submitEvaluation' | 'readEvaluation' | 'measureGain'>;

/** Scores models on held-out data by the gate's job, and compares what came of it row by row. */
export function evaluatingActivities(deps: Dependencies, workspaces: Workspaces): EvaluatingActivities {
  return {
    submitEvaluation: ({ model, ...request }) =>
      beating(async () => {
        const open = await openProject(deps, request);
        const { job } = planOf(open).evaluate;
        const scored =
          'path' in model ? model : await registered(workspaces.client(open.project.workspace), model);
        const set = { ...job.set, 'inputs.model.type': scored.type, 'inputs.model.path': scored.path };
        const submitted = await submit(deps, workspaces, open, { ...job, set }, request);
        const data = Object.entries(submitted.data).filter(([input]) => input !== modelInput);
        return { ...submitted, data: Object.fromEntries(data) };
      }),

    async readEvaluation({ submitted, end, ...at }) {
      const { job, link, data, workspace } = submitted;
      if (end.status !== 'Completed') return { problem: jobFailure(job, end) };
      const open = await openProject(deps, at);
      const ml = workspaces.client(workspace);
      const run = await workingRun(ml, job, planOf(open).evaluate.metricsFrom);
      return { job, link, data, metrics: await jobMetrics(ml, run) };
    },

    measureGain: ({ challenger, champion, ...at }) =>
      beating(async () => {
        const open = await openProject(deps, at);
        return await withTemporaryFolder('gain', async (dir) => {
          const ml = workspaces.client(open.project.workspace);
          return await measureGain(ml, planOf(open), { challenger, champion }, dir);
        });
      }),
  };
}

/** The input that the gate's job is given its model by. */
const modelInput = 'model';

type EvaluatingGate = Gate & { readonly evaluate: EvaluationPlan };

function planOf({ project: { gate } }: OpenProject): EvaluatingGate {
  if (gate?.evaluate !== undefined) return { ...gate, evaluate: gate.evaluate };
  throw ApplicationFailure.nonRetryable('the gate in mlops.yaml has no `evaluate`', 'SpecInvalid');
}

async function registered(
  ml: AzureMl,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<{ readonly type: string; readonly path: string }> {
  const found = await findModel(ml, name, version);
  if (found !== undefined) return { type: found.type, path: `azureml:${name}:${version}` };
  throw ApplicationFailure.nonRetryable(
    `model ${name}:${version} is not registered in workspace ${ml.target.alias}, where models are evaluated`,
    'NotFound',
  );
}

type Sides<T> = Readonly<Record<'challenger' | 'champion', T>>;

async function measureGain(
  ml: AzureMl,
  gate: EvaluatingGate,
  evaluations: Sides<Evaluation>,
  dir: string,
): Promise<GainOverChampion> {
  const fetch = async (side: keyof Sides<unknown>): Promise<string | undefined> => {
    const run = await workingRun(ml, evaluations[side].job, gate.evaluate.metricsFrom);
    return await downloadPredictions(ml, run, join(dir, side));
  };
  const [challenger, champion] = [await fetch('challenger'), await fetch('champion')];
  if (challenger === undefined || champion === undefined) {
    const which = challenger === undefined ? 'the candidate' : 'the champion';
    return { unsure: `the evaluation of ${which} logged none of ${predictionArtifacts.join(', ')}` };
  }
  const { readPaired, UnreadableData } = await import('../monitoring/index.js');
  try {
    const rows = await readPaired({ challenger, champion });
    const metrics = {
      challenger: metricOf(gate.metric, rows.challenger),
      champion: metricOf(gate.metric, rows.champion),
    };
    for (const metric of Object.values(metrics)) if (typeof metric === 'string') return { unsure: metric };
    const pair = { ...metrics, rows: rows.champion.truth.length, goal: gate.goal } as Pair;
    return differsFromLogged(gate.metric, pair, evaluations) ?? (await bootstrap(gate, pair));
  } catch (error) {
    if (!(error instanceof UnreadableData)) throw error;
    return { unsure: error.message };
  }
}

/** Rounding of logged predictions moves a metric by less. */
const tolerance = 1e-3;

/** An interval of one metric must not stand beside a value of another: a weighted F1 is not the F1 computed here. */
function differsFromLogged(
  metric: string,
  pair: Pair,
  evaluations: Sides<Evaluation>,
): GainOverChampion | undefined {
  const once = new Uint32Array(pair.rows).fill(1);
  for (const side of ['challenger', 'champion'] as const) {
    const [computed, logged] = [pair[side](once), evaluations[side].metrics[metric]];
    if (logged === undefined || Math.abs(computed - logged) <= tolerance * Math.max(1, Math.abs(logged)))
      continue;
    return {
      unsure: `the ${side}'s predictions give ${metric} ${formatNumber(computed)}, its evaluation logged ${formatNumber(logged)}: not the same metric, or not the same rows`,
    };
  }
  return undefined;
}

/** What a worker's other activities may have to wait, milliseconds. */
const longestTurn = 20;
const usualConfidence = 0.95;

async function bootstrap({ evaluate }: EvaluatingGate, pair: Pair): Promise<GainOverChampion> {
  const { resamples, confidence = usualConfidence } = evaluate;
  const gains: number[] = [];
  let began = performance.now();
  for (const gain of resampledGains(pair, resamples)) {
    gains.push(gain);
    if (performance.now() - began < longestTurn) continue;
    await setImmediate();
    began = performance.now();
  }
  const interval = percentileInterval(gains, confidence);
  if (interval === undefined)
    return { unsure: `${pair.rows} rows are too few: many draws of them leave the metric undefined` };
  const [low, high] = interval;
  return { gain: { value: gainOf(pair), low, high, confidence, rows: pair.rows, resamples } };
}
