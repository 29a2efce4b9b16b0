import { z } from 'zod';
import { keyOf } from '../ids.js';
import { getResource, putResource, resourcesOf } from '../resources.js';
import type { StoredResource } from '../resources.js';
import { registerVersion } from '../runner/assets.js';
import { ARTIFACT_DATASTORE, resolveUri } from '../runner/uris.js';
import { childrenOf } from '../arm/listing.js';
import { artifactUri } from './artifacts.js';
import { invalid, notFound } from './errors.js';
import { getLoggedModel, loggedModelLocation } from './logged-models.js';
import { formatVersion, modelNameOf, runIdOf, versionsOf } from './model-version-format.js';
import { pluginAddress } from './plugin-addresses.js';
import { getModel, saveProperties, searchedTag, tagsOf } from './registered-models.js';
import { integer, keyValues, optional, route, text, texts } from './routes.js';
import type { Route } from './routes.js';
import { filterBy, orderBy, page } from './search.js';
import type { Field } from './search.js';
import type { Workspace } from './workspace.js';

function getVersion(ws: Workspace, name: string, version: string): StoredResource {
  const found = getResource(ws.ctx.store, `${getModel(ws, name).id}/versions/${version}`);
  if (found === undefined) throw notFound(`Model Version (name=${name}, version=${version})`);
  return found;
}

function loggedIdOf(source: string, modelId: string | undefined): string | undefined {
  return /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1] ?? modelId;
}

/** The run that logged a model is that of its versions, as MLflow's own registry has it. */
function sourceRunOf(ws: Workspace, source: string, modelId: string | undefined): string | undefined {
  const logged = loggedIdOf(source, modelId);
  const run = logged === undefined ? undefined : getLoggedModel(ws, logged).source_run_id;
  return run === '' ? undefined : run;
}

/** MLflow's ways to name a model's files, as the URI that Azure ML stores with the version. */
function modelUriOf(ws: Workspace, source: string, modelId: string | undefined): string {
  const logged = loggedIdOf(source, modelId);
  if (logged !== undefined) {
    const { name, source_run_id } = getLoggedModel(ws, logged);
    if (source_run_id !== undefined && source_run_id !== '') return jobUri(source_run_id, name);
    return `azureml://datastores/${ARTIFACT_DATASTORE}/paths/${loggedModelLocation(ws, logged).prefix}`;
  }
  const inRun = /^(?:runs:\/|mlflow-artifacts:\/+ExperimentRun\/dcid\.)([^/]+)\/?(.*)$/.exec(source);
  if (inRun?.[1] !== undefined) return jobUri(inRun[1], inRun[2] ?? '');
  if (source.startsWith('azureml:')) return source;
  throw invalid(
    `Invalid model version source: '${source}'. Expected models:/m-…, runs:/RUN/PATH, mlflow-artifacts:/… or azureml://….`,
  );
}

function jobUri(job: string, path: string): string {
  return `azureml://jobs/${job}/outputs/artifacts/paths/${path.replace(/\/+$/, '')}`;
}

function lookup(version: StoredResource, { kind, key }: Field): string | number | undefined {
  if (kind === 'tags') return searchedTag(version, key);
  if (kind !== 'attributes') throw invalid(`Model versions have no ${kind}.`);
  if (key === 'name') return modelNameOf(version);
  if (key === 'version' || key === 'version_number') return Number(version.name);
  if (key === 'run_id') return runIdOf(version);
  if (key === 'source_path') return String(version.properties['modelUri']);
  if (key === 'last_updated_timestamp') return Date.parse(version.systemData.lastModifiedAt);
  return key === 'creation_timestamp' ? Date.parse(version.systemData.createdAt) : undefined;
}

const byVersion = { name: text, version: text };
const STAGES = ['None', 'Staging', 'Production', 'Archived'];

function archiveStage(ws: Workspace, name: string, stage: string): void {
  for (const version of versionsOf(ws, getModel(ws, name)))
    if (version._stage === stage) putResource(ws.ctx.store, { ...version, _stage: 'Archived' });
}

export const modelVersionRoutes: readonly Route[] = [
  route(
    'POST',
    'model-versions/create',
    {
      name: text,
      source: text,
      run_id: optional(text),
      tags: keyValues,
      description: optional(text),
      model_id: optional(text),
    },
    (ws, input) => {
      getModel(ws, input.name);
      const modelUri = modelUriOf(ws, input.source, input.model_id);
      const runId = input.run_id ?? sourceRunOf(ws, input.source, input.model_id);
      const job = runId === undefined ? undefined : getResource(ws.ctx.store, `${ws.id}/jobs/${runId}`);
      const properties = {
        modelType: 'mlflow_model',
        modelUri,
        flavors: {},
        tags: input.tags,
        description: input.description ?? null,
        ...(job === undefined ? {} : { jobName: job.name }),
      };
      const version = registerVersion(ws.ctx, ws.id, 'models', { name: input.name, properties });
      const internal = { _runId: runId, _modelId: input.model_id };
      putResource(ws.ctx.store, { ...version, ...internal });
      return { model_version: formatVersion(ws, { ...version, ...internal }) };
    },
  ),
  route('GET', 'model-versions/get', byVersion, (ws, { name, version }) => ({
    model_version: formatVersion(ws, getVersion(ws, name, version)),
  })),
  route('PATCH', 'model-versions/update', { ...byVersion, description: optional(text) }, (ws, input) => {
    const before = getVersion(ws, input.name, input.version);
    return {
      model_version: formatVersion(ws, saveProperties(ws, before, { description: input.description ?? '' })),
    };
  }),
  route('DELETE', 'model-versions/delete', byVersion, (ws, { name, version }) => {
    resourcesOf(ws.ctx.store).remove(keyOf(getVersion(ws, name, version).id));
  }),
  route(
    'GET',
    'model-versions/search',
    { filter: optional(text), max_results: optional(integer), order_by: texts, page_token: optional(text) },
    (ws, input) => {
      const all = childrenOf(ws.ctx.store, `${ws.id}/models`).flatMap((model) => versionsOf(ws, model));
      const order = [...input.order_by, 'last_updated_timestamp DESC', 'name', 'version DESC'];
      const found = orderBy(filterBy(all, input.filter, lookup), order, lookup);
      const { items, ...next } = page(found, input.max_results, input.page_token, 10_000);
      return { model_versions: items.map((version) => formatVersion(ws, version)), ...next };
    },
  ),
  route('GET', 'model-versions/get-download-uri', byVersion, (ws, { name, version }) => {
    const { properties } = getVersion(ws, name, version);
    if (ws.plugin !== undefined) return { artifact_uri: pluginAddress(ws, 'models', `${name}:${version}`) };
    return { artifact_uri: artifactUri(ws, resolveUri(ws.ctx, ws.id, String(properties['modelUri']))) };
  }),
  route(
    'POST',
    'model-versions/transition-stage',
    { ...byVersion, stage: text, archive_existing_versions: optional(z.boolean()) },
    (ws, { name, version, stage, archive_existing_versions }) => {
      const wanted = STAGES.find((known) => known.toLowerCase() === stage.toLowerCase());
      if (wanted === undefined)
        throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(', ')}.`);
      if (archive_existing_versions === true) archiveStage(ws, name, wanted);
      const staged = { ...getVersion(ws, name, version), _stage: wanted };
      putResource(ws.ctx.store, staged);
      return { model_version: formatVersion(ws, staged) };
    },
  ),
  route(
    'POST',
    'model-versions/set-tag',
    { ...byVersion, key: text, value: text },
    (ws, { name, version, key, value }) => {
      const found = getVersion(ws, name, version);
      saveProperties(ws, found, { tags: { ...tagsOf(found), [key]: value } });
    },
  ),
  route('DELETE', 'model-versions/delete-tag', { ...byVersion, key: text }, (ws, { name, version, key }) => {
    const found = getVersion(ws, name, version);
    saveProperties(ws, found, {
      tags: Object.fromEntries(Object.entries(tagsOf(found)).filter(([tag]) => tag !== key)),
    });
  }),
];
