import type { EmulatorContext } from '../context.js';
import { workspaceIdOf } from '../ids.js';
import { getResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { rootOf } from '../runner/children.js';
import { invalid, notFound } from './errors.js';
import { DEFAULT_EXPERIMENT, ensureExperiment } from './experiments.js';
import type { Experiment, Metric, Run, RunStatus } from './records.js';
import { loggedModelsOf, metricChunksOf, runsOf, workspaceAt } from './workspace.js';
import type { Workspace } from './workspace.js';

/** Base URL that `MLFLOW_TRACKING_URI` is set to: plain http, so that no plug-in and no token is needed. */
export function trackingUri(ctx: EmulatorContext, workspaceId: string): string {
  return `${ctx.baseUrl()}/mlflow/v1.0${workspaceId}`;
}

/** Makes the run that every job has from its submission on: its id is the job's name. Does nothing when it exists. */
export function ensureJobRun(
  ctx: EmulatorContext,
  job: StoredResource,
): { run: Run; experiment: Experiment } {
  const ws = workspaceAt(ctx, workspaceIdOf(job.id) ?? '');
  const { experimentName, displayName, properties, tags } = job.properties as {
    experimentName?: string;
    displayName?: string;
    properties?: Record<string, string>;
    tags?: Record<string, string>;
  };
  const experiment = ensureExperiment(ws, experimentName ?? DEFAULT_EXPERIMENT);
  const existing = runsOf(ws).get(job.name);
  if (existing !== undefined) return { run: existing, experiment };
  const fromGit = Object.entries(properties ?? {}).filter(([key]) => key.startsWith('mlflow.'));
  const name = displayName ?? job.name;
  const run = newRun(job.name, experiment.experiment_id, name, Date.now(), {
    ...tags,
    ...Object.fromEntries(fromGit),
    'mlflow.user': job.systemData.createdBy,
    'mlflow.rootRunId': rootOf(job),
    ...(typeof job._parent === 'string' ? { 'mlflow.parentRunId': job._parent } : {}),
    'mlflow.runName': name,
  });
  runsOf(ws).put(job.name, run);
  return { run, experiment };
}

export function newRun(
  run_id: string,
  experiment_id: string,
  run_name: string,
  start_time: number,
  tags: Record<string, string>,
): Run {
  return {
    run_id,
    run_name,
    experiment_id,
    user_id: tags['mlflow.user'] ?? '',
    status: 'RUNNING',
    start_time,
    lifecycle_stage: 'active',
    params: {},
    tags,
    metrics: {},
    metricChunks: 0,
    dataset_inputs: [],
    model_inputs: [],
    model_outputs: [],
  };
}

const STATUS_OF_JOB: Record<string, RunStatus> = {
  NotStarted: 'SCHEDULED',
  Queued: 'SCHEDULED',
  Preparing: 'SCHEDULED',
  Completed: 'FINISHED',
  Failed: 'FAILED',
  Canceled: 'KILLED',
};

/** A run; when a job of that name exists, its status and times are the job's. Throws RESOURCE_DOES_NOT_EXIST. */
export function getRun(ws: Workspace, runId: string): Run {
  const run = runsOf(ws).get(runId);
  if (run === undefined) throw notFound(`Run with id=${runId}`);
  return withJobStatus(ws, run);
}

export function withJobStatus(ws: Workspace, run: Run): Run {
  const job = getResource(ws.ctx.store, `${ws.id}/jobs/${run.run_id}`);
  if (job === undefined) return run;
  const status = STATUS_OF_JOB[String(job.properties['status'])] ?? 'RUNNING';
  const ended = typeof job._endTime === 'string' ? Date.parse(job._endTime) : undefined;
  return { ...run, status, end_time: ended };
}

/** Reads, changes and writes a run in one step. */
export function changeRun(ws: Workspace, runId: string, change: (run: Run) => void): Run {
  return ws.ctx.store.transaction(() => {
    const run = runsOf(ws).get(runId);
    if (run === undefined) throw notFound(`Run with id=${runId}`);
    change(run);
    runsOf(ws).put(runId, run);
    return run;
  });
}

export interface Batch {
  readonly metrics: readonly Metric[];
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Logs metrics, params and tags, all or none. A param keeps its first value, as in MLflow: another one is refused. */
export function logBatch(ws: Workspace, runId: string, { metrics, params, tags }: Batch): void {
  changeRun(ws, runId, (run) => {
    for (const [key, value] of Object.entries(params)) {
      const before = run.params[key];
      if (before !== undefined && before !== value)
        throw invalid(
          `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
        );
    }
    Object.assign(run.params, params);
    Object.assign(run.tags, tags);
    run.run_name = tags['mlflow.runName'] ?? run.run_name;
    if (metrics.length === 0) return;
    for (const metric of metrics) {
      const before = run.metrics[metric.key];
      if (before === undefined || !isOlder(metric, before)) run.metrics[metric.key] = metric;
    }
    metricChunksOf(ws).put(`${runId}|${String(run.metricChunks).padStart(10, '0')}`, [...metrics]);
    run.metricChunks += 1;
  });
  attachToModels(ws, runId, metrics);
}

function isOlder(metric: Metric, than: Metric): boolean {
  return metric.step < than.step || (metric.step === than.step && metric.timestamp < than.timestamp);
}

function attachToModels(ws: Workspace, runId: string, metrics: readonly Metric[]): void {
  for (const metric of metrics) {
    const model = metric.model_id === undefined ? undefined : loggedModelsOf(ws).get(metric.model_id);
    if (model !== undefined)
      loggedModelsOf(ws).put(model.model_id, {
        ...model,
        metrics: [...model.metrics, { ...metric, run_id: runId }],
      });
  }
}

/**
 * All values of a metric in the order in which they were logged. A value logged again counts once, as in MLflow, whose
 * `log_model` does so to link metrics to the model.
 */
export function metricHistory(ws: Workspace, runId: string, key: string): Metric[] {
  const distinct = new Map<string, Metric>();
  for (const metric of metricChunksOf(ws).all(`${runId}|`).flat()) {
    const identity = `${metric.step}|${metric.timestamp}|${metric.value}`;
    if (metric.key === key && !distinct.has(identity)) distinct.set(identity, metric);
  }
  return [...distinct.values()];
}
