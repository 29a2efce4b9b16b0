import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { BlobLocation } from '../runner/uris.js';
import { ARTIFACT_DATASTORE, artifactLocation, containerOf } from '../runner/uris.js';
import { replaceBlobs } from '../runner/transfer.js';
import { notFound } from './errors.js';
import { getExperiment } from './experiments.js';
import { pluginAddress } from './plugin-addresses.js';
import { pairs } from './records.js';
import type { LoggedModel } from './records.js';
import { integer, keyValues, optional, route, text, texts } from './routes.js';
import type { Route } from './routes.js';
import { filterBy, orderBy, page } from './search.js';
import type { Field } from './search.js';
import { loggedModelsOf } from './workspace.js';
import type { Workspace } from './workspace.js';

/** A logged model (MLflow 3) by its id; throws RESOURCE_DOES_NOT_EXIST. */
export function getLoggedModel(ws: Workspace, id: string): LoggedModel {
  const model = loggedModelsOf(ws).get(id);
  if (model === undefined) throw notFound(`Logged model with ID '${id}'`);
  return model;
}

/** Where the files of a logged model lie: apart from any run, since one run may log many under the same name. */
export function loggedModelLocation(ws: Workspace, id: string): BlobLocation {
  return { container: containerOf(ws.ctx, ws.id, ARTIFACT_DATASTORE), prefix: `LoggedModels/${id}` };
}

/**
 * Azure ML shows a logged model as a folder of the run's artifacts, and so do MLflow 2 and
 * `azureml://jobs/{job}/outputs/artifacts/paths/{name}`: the last model of a name takes the folder.
 */
async function showInRun(ws: Workspace, { model_id, source_run_id, name }: LoggedModel): Promise<void> {
  if (source_run_id === undefined || source_run_id === '') return;
  const run = artifactLocation(ws.ctx, ws.id, source_run_id);
  await replaceBlobs(ws.ctx, loggedModelLocation(ws, model_id), { ...run, prefix: `${run.prefix}/${name}` });
}

/** Root of a logged model's files, as whoever asks can read it. */
export function loggedModelUri(ws: Workspace, { model_id, experiment_id }: LoggedModel): string {
  if (ws.plugin === undefined) return `mlflow-artifacts:/${loggedModelLocation(ws, model_id).prefix}`;
  return pluginAddress(ws, getExperiment(ws, experiment_id).name, model_id);
}

function format(ws: Workspace, model: LoggedModel) {
  const { params, metrics, tags, ...info } = model;
  return {
    info: {
      ...info,
      artifact_uri: loggedModelUri(ws, model),
      tags: pairs(tags),
    },
    data: { params: pairs(params), metrics },
  };
}

function change(
  ws: Workspace,
  id: string,
  fields: (model: LoggedModel) => Partial<LoggedModel>,
): LoggedModel {
  const model = getLoggedModel(ws, id);
  const changed = { ...model, ...fields(model), last_updated_timestamp_ms: Date.now() };
  loggedModelsOf(ws).put(id, changed);
  return changed;
}

function lookup(model: LoggedModel, { kind, key }: Field): string | number | undefined {
  if (kind === 'params') return model.params[key];
  if (kind === 'tags') return model.tags[key];
  if (kind === 'metrics') {
    const found = model.metrics.findLast((metric) => metric.key === key);
    return found === undefined ? undefined : Number(found.value);
  }
  const {
    name,
    model_id,
    status,
    model_type,
    source_run_id,
    creation_timestamp_ms,
    last_updated_timestamp_ms,
  } = model;
  const times = {
    creation_timestamp: creation_timestamp_ms,
    last_updated_timestamp: last_updated_timestamp_ms,
  };
  const fields: Record<string, string | number | undefined> = {
    name,
    model_id,
    status,
    model_type,
    source_run_id,
    ...times,
  };
  return fields[key];
}

const byId = { model_id: text };
const orderClauses = z
  .array(z.object({ field_name: text, ascending: optional(z.boolean()) }))
  .nullish()
  .transform((clauses) =>
    (clauses ?? []).map(
      ({ field_name, ascending }) => `${field_name} ${ascending === false ? 'DESC' : 'ASC'}`,
    ),
  );

export const loggedModelRoutes: readonly Route[] = [
  route(
    'POST',
    'logged-models',
    {
      experiment_id: text,
      name: optional(text),
      model_type: optional(text),
      source_run_id: optional(text),
      params: keyValues,
      tags: keyValues,
    },
    (ws, input) => {
      const now = Date.now();
      const model: LoggedModel = {
        model_id: `m-${randomBytes(16).toString('hex')}`,
        experiment_id: getExperiment(ws, input.experiment_id).experiment_id,
        name: input.name ?? `model-${randomBytes(4).toString('hex')}`,
        status: 'LOGGED_MODEL_PENDING',
        model_type: input.model_type,
        source_run_id: input.source_run_id,
        creation_timestamp_ms: now,
        last_updated_timestamp_ms: now,
        params: input.params,
        tags: input.tags,
        metrics: [],
      };
      loggedModelsOf(ws).put(model.model_id, model);
      return { model: format(ws, model) };
    },
  ),
  route(
    'POST',
    'logged-models/search',
    {
      experiment_ids: texts,
      filter: optional(text),
      max_results: optional(integer),
      order_by: orderClauses,
      page_token: optional(text),
    },
    (ws, input) => {
      const experiments = new Set(input.experiment_ids.map((id) => getExperiment(ws, id).experiment_id));
      const visible = loggedModelsOf(ws)
        .all()
        .filter(({ experiment_id }) => experiments.has(experiment_id));
      const order = [...input.order_by, 'attributes.creation_timestamp DESC'];
      const found = orderBy(filterBy(visible, input.filter, lookup), order, lookup);
      const { items, ...next } = page(found, input.max_results, input.page_token, 100);
      return { models: items.map((model) => format(ws, model)), ...next };
    },
  ),
  route('GET', 'logged-models/:model_id', byId, (ws, { model_id }) => ({
    model: format(ws, getLoggedModel(ws, model_id)),
  })),
  route('PATCH', 'logged-models/:model_id', { ...byId, status: text }, async (ws, { model_id, status }) => {
    if (status === 'LOGGED_MODEL_READY') await showInRun(ws, getLoggedModel(ws, model_id));
    return {
      model: format(
        ws,
        change(ws, model_id, () => ({ status })),
      ),
    };
  }),
  route('DELETE', 'logged-models/:model_id', byId, (ws, { model_id }) => {
    getLoggedModel(ws, model_id);
    loggedModelsOf(ws).remove(model_id);
  }),
  route('PATCH', 'logged-models/:model_id/tags', { ...byId, tags: keyValues }, (ws, input) => ({
    model: format(
      ws,
      change(ws, input.model_id, ({ tags }) => ({ tags: { ...tags, ...input.tags } })),
    ),
  })),
  route(
    'DELETE',
    'logged-models/:model_id/tags/:tag_key',
    { ...byId, tag_key: text },
    (ws, { model_id, tag_key }) => {
      change(ws, model_id, ({ tags }) => ({
        tags: Object.fromEntries(Object.entries(tags).filter(([key]) => key !== tag_key)),
      }));
    },
  ),
  route('POST', 'logged-models/:model_id/params', { ...byId, params: keyValues }, (ws, input) => {
    change(ws, input.model_id, ({ params }) => ({ params: { ...params, ...input.params } }));
  }),
];
