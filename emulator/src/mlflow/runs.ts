import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { artifactPrefix } from '../runner/uris.js';
import { invalid } from './errors.js';
import { getExperiment, isInView } from './experiments.js';
import { pluginAddress } from './plugin-addresses.js';
import { RUN_STATUS, pairs } from './records.js';
import type { Metric, Run } from './records.js';
import { integer, keyValues, optional, route, runFields, runIdOf, text, texts } from './routes.js';
import type { Route } from './routes.js';
import { filterBy, orderBy, page } from './search.js';
import type { Field } from './search.js';
import { changeRun, getRun, logBatch, metricHistory, newRun, withJobStatus } from './tracking.js';
import { runsOf } from './workspace.js';
import type { Workspace } from './workspace.js';

/** Root of a run's artifacts: served by this tracking server itself, or for Microsoft's plug-in by run history. */
export function runArtifactUri(ws: Workspace, { run_id, experiment_id }: Run): string {
  if (ws.plugin === undefined) return `mlflow-artifacts:/${artifactPrefix(run_id)}`;
  return pluginAddress(ws, getExperiment(ws, experiment_id).name, run_id);
}

function formatInfo(ws: Workspace, run: Run) {
  return { ...fieldsOf(run), artifact_uri: runArtifactUri(ws, run) };
}

function fieldsOf(run: Run) {
  const { run_id, run_name, experiment_id, user_id, status, start_time, end_time, lifecycle_stage } = run;
  return {
    ...{ run_id, run_uuid: run_id, run_name, experiment_id, user_id, status, start_time, lifecycle_stage },
    ...(end_time === undefined ? {} : { end_time }),
  };
}

function format(ws: Workspace, run: Run) {
  return {
    info: formatInfo(ws, run),
    data: { metrics: Object.values(run.metrics), params: pairs(run.params), tags: pairs(run.tags) },
    inputs: { dataset_inputs: run.dataset_inputs, model_inputs: run.model_inputs },
    outputs: { model_outputs: run.model_outputs },
  };
}

function lookup(run: Run, { kind, key }: Field): string | number | undefined {
  if (kind === 'metrics') return run.metrics[key] === undefined ? undefined : Number(run.metrics[key].value);
  if (kind === 'params') return run.params[key];
  if (kind === 'tags') return run.tags[key];
  const fields: Record<string, string | number | undefined> = { ...fieldsOf(run), created: run.start_time };
  return fields[key === 'Run ID' ? 'run_id' : key === 'Run Name' ? 'run_name' : key];
}

const metricFields = {
  key: text,
  value: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]),
  timestamp: optional(integer),
  step: optional(integer),
  model_id: optional(text),
  dataset_name: optional(text),
  dataset_digest: optional(text),
};

function toMetric(input: z.infer<z.ZodObject<typeof metricFields>>): Metric {
  const { key, value, model_id, dataset_name, dataset_digest } = input;
  return {
    key,
    value,
    timestamp: input.timestamp ?? Date.now(),
    step: input.step ?? 0,
    model_id,
    dataset_name,
    dataset_digest,
  };
}

const lifecycle: readonly Route[] = [
  route(
    'POST',
    'runs/create',
    {
      experiment_id: optional(text),
      user_id: optional(text),
      run_name: optional(text),
      start_time: optional(integer),
      tags: keyValues,
    },
    (ws, input) => {
      const { experiment_id } = getExperiment(ws, input.experiment_id ?? '0');
      const id = randomUUID();
      const name = input.run_name ?? input.tags['mlflow.runName'] ?? `run_${id.slice(0, 8)}`;
      const tags = {
        'mlflow.user': input.user_id ?? '',
        'mlflow.rootRunId': id,
        ...input.tags,
        'mlflow.runName': name,
      };
      const run = newRun(id, experiment_id, name, input.start_time ?? Date.now(), tags);
      runsOf(ws).put(id, run);
      return { run: format(ws, run) };
    },
  ),
  route('GET', 'runs/get', runFields, (ws, input) => ({ run: format(ws, getRun(ws, runIdOf(input))) })),
  route(
    'POST',
    'runs/update',
    {
      ...runFields,
      status: optional(z.enum(RUN_STATUS)),
      end_time: optional(integer),
      run_name: optional(text),
    },
    (ws, input) => {
      const changed = changeRun(ws, runIdOf(input), (run) => {
        run.status = input.status ?? run.status;
        run.end_time = input.end_time ?? run.end_time;
        run.run_name = input.run_name ?? run.run_name;
        run.tags['mlflow.runName'] = run.run_name;
      });
      return { run_info: formatInfo(ws, withJobStatus(ws, changed)) };
    },
  ),
  route('POST', 'runs/delete', runFields, (ws, input) => {
    changeRun(ws, runIdOf(input), (run) => {
      run.lifecycle_stage = 'deleted';
    });
  }),
  route('POST', 'runs/restore', runFields, (ws, input) => {
    changeRun(ws, runIdOf(input), (run) => {
      run.lifecycle_stage = 'active';
    });
  }),
  route(
    'POST',
    'runs/search',
    {
      experiment_ids: texts,
      filter: optional(text),
      run_view_type: optional(text),
      max_results: optional(integer),
      order_by: texts,
      page_token: optional(text),
    },
    (ws, input) => {
      const experiments = new Set(input.experiment_ids.map((id) => getExperiment(ws, id).experiment_id));
      const visible = runsOf(ws)
        .all()
        .filter(
          (run) => experiments.has(run.experiment_id) && isInView(run.lifecycle_stage, input.run_view_type),
        )
        .map((run) => withJobStatus(ws, run));
      const order = [...input.order_by, 'attributes.start_time DESC', 'attributes.run_id'];
      const found = orderBy(filterBy(visible, input.filter, lookup), order, lookup);
      const { items, ...next } = page(found, input.max_results, input.page_token);
      return { runs: items.map((run) => format(ws, run)), ...next };
    },
  ),
];

const logging: readonly Route[] = [
  route('POST', 'runs/log-metric', { ...runFields, ...metricFields }, (ws, input) => {
    logBatch(ws, runIdOf(input), { metrics: [toMetric(input)], params: {}, tags: {} });
  }),
  route('POST', 'runs/log-parameter', { ...runFields, key: text, value: optional(text) }, (ws, input) => {
    logBatch(ws, runIdOf(input), { metrics: [], params: { [input.key]: input.value ?? '' }, tags: {} });
  }),
  route('POST', 'runs/set-tag', { ...runFields, key: text, value: optional(text) }, (ws, input) => {
    logBatch(ws, runIdOf(input), { metrics: [], params: {}, tags: { [input.key]: input.value ?? '' } });
  }),
  route('POST', 'runs/delete-tag', { ...runFields, key: text }, (ws, input) => {
    changeRun(ws, runIdOf(input), (run) => {
      run.tags = Object.fromEntries(Object.entries(run.tags).filter(([key]) => key !== input.key));
    });
  }),
  route(
    'POST',
    'runs/log-batch',
    { run_id: text, metrics: optional(z.array(z.object(metricFields))), params: keyValues, tags: keyValues },
    (ws, { run_id, metrics = [], params, tags }) => {
      if (metrics.length > 1000)
        throw invalid(
          `A batch logging request can contain at most 1000 metrics. Got ${metrics.length} metrics.`,
        );
      logBatch(ws, run_id, { metrics: metrics.map(toMetric), params, tags });
    },
  ),
  route('POST', 'runs/log-model', { run_id: text, model_json: text }, (ws, { run_id, model_json }) => {
    changeRun(ws, run_id, (run) => {
      const history = JSON.parse(run.tags['mlflow.log-model.history'] ?? '[]') as unknown[];
      run.tags['mlflow.log-model.history'] = JSON.stringify([...history, JSON.parse(model_json) as unknown]);
    });
  }),
  route(
    'POST',
    'runs/log-inputs',
    { run_id: text, datasets: optional(z.array(z.unknown())), models: optional(z.array(z.unknown())) },
    (ws, { run_id, datasets = [], models = [] }) => {
      changeRun(ws, run_id, (run) => {
        run.dataset_inputs.push(...datasets);
        run.model_inputs.push(...models);
      });
    },
  ),
  route(
    'POST',
    'runs/outputs',
    { run_id: text, models: optional(z.array(z.unknown())) },
    (ws, { run_id, models = [] }) => {
      changeRun(ws, run_id, (run) => {
        run.model_outputs.push(...models);
      });
    },
  ),
];

function bulk(ws: Workspace, runIds: readonly string[], key: string) {
  return runIds.flatMap((run_id) => metricHistory(ws, run_id, key).map((metric) => ({ ...metric, run_id })));
}

const history: readonly Route[] = [
  route(
    'GET',
    'metrics/get-history',
    { ...runFields, metric_key: text, max_results: optional(integer), page_token: optional(text) },
    (ws, input) => {
      const all = metricHistory(ws, getRun(ws, runIdOf(input)).run_id, input.metric_key);
      const { items, ...next } = page(all, input.max_results, input.page_token, 25_000);
      return { metrics: items, ...next };
    },
  ),
  route(
    'GET',
    'metrics/get-history-bulk',
    { run_id: texts, metric_key: text, max_results: optional(integer) },
    (ws, input) => ({
      metrics: bulk(ws, input.run_id, input.metric_key).slice(0, input.max_results ?? 25_000),
    }),
  ),
  route(
    'GET',
    'metrics/get-history-bulk-interval',
    {
      run_ids: texts,
      metric_key: text,
      start_step: optional(integer),
      end_step: optional(integer),
      max_results: optional(integer),
    },
    (ws, { run_ids, metric_key, start_step = -Infinity, end_step = Infinity, max_results }) => ({
      metrics: bulk(ws, run_ids, metric_key)
        .filter(({ step }) => step >= start_step && step <= end_step)
        .slice(0, max_results ?? 2500),
    }),
  ),
];

export const runRoutes: readonly Route[] = [...lifecycle, ...logging, ...history];
