import { randomUUID } from 'node:crypto';
import { invalid, MlflowError, notFound } from './errors.js';
import { pairs } from './records.js';
import type { Experiment } from './records.js';
import { integer, keyValues, optional, route, text, texts } from './routes.js';
import type { Route } from './routes.js';
import { filterBy, orderBy, page } from './search.js';
import type { Field } from './search.js';
import { experimentsOf } from './workspace.js';
import type { Workspace } from './workspace.js';

/** Azure ML's name for jobs that name no experiment; MLflow's clients ask for it as id 0. */
export const DEFAULT_EXPERIMENT = 'Default';

/** The experiment of that name, made when there is none. */
export function ensureExperiment(ws: Workspace, name: string): Experiment {
  return findByName(ws, name) ?? createExperiment(ws, name, {});
}

/** An experiment by id; throws RESOURCE_DOES_NOT_EXIST. */
export function getExperiment(ws: Workspace, id: string): Experiment {
  if (id === '0' || id === '') return ensureExperiment(ws, DEFAULT_EXPERIMENT);
  const found = experimentsOf(ws).get(id);
  if (found === undefined) throw notFound(`Experiment with id=${id}`);
  return found;
}

function findByName(ws: Workspace, name: string): Experiment | undefined {
  return experimentsOf(ws)
    .all()
    .find((experiment) => experiment.name === name);
}

function createExperiment(ws: Workspace, name: string, tags: Record<string, string>): Experiment {
  const experiment_id = randomUUID();
  const now = Date.now();
  const experiment: Experiment = {
    experiment_id,
    name,
    artifact_location: 'mlflow-artifacts:/ExperimentRun',
    lifecycle_stage: 'active',
    creation_time: now,
    last_update_time: now,
    tags,
  };
  experimentsOf(ws).put(experiment_id, experiment);
  return experiment;
}

function change(ws: Workspace, id: string, fields: (experiment: Experiment) => Partial<Experiment>): void {
  const experiment = getExperiment(ws, id);
  const changed = { ...experiment, ...fields(experiment), last_update_time: Date.now() };
  experimentsOf(ws).put(experiment.experiment_id, changed);
}

function format(experiment: Experiment) {
  return { ...experiment, tags: pairs(experiment.tags) };
}

function lookup(experiment: Experiment, { kind, key }: Field): string | number | undefined {
  if (kind === 'tags') return experiment.tags[key];
  if (kind !== 'attributes') throw invalid(`Experiments have no ${kind}.`);
  const fields: Record<string, string | number> = {
    name: experiment.name,
    experiment_id: experiment.experiment_id,
    creation_time: experiment.creation_time,
    last_update_time: experiment.last_update_time,
  };
  return fields[key];
}

/** ACTIVE_ONLY is the default of every search. */
export function isInView(stage: string, view: string | number | undefined): boolean {
  if (view === 'ALL' || view === 3) return true;
  return view === 'DELETED_ONLY' || view === 2 ? stage === 'deleted' : stage === 'active';
}

const searchFields = {
  max_results: optional(integer),
  page_token: optional(text),
  filter: optional(text),
  order_by: texts,
  view_type: optional(text),
};

interface SearchInput {
  max_results: number | undefined;
  page_token: string | undefined;
  filter: string | undefined;
  order_by: string[];
  view_type: string | undefined;
}

function search(ws: Workspace, input: SearchInput) {
  const visible = experimentsOf(ws)
    .all()
    .filter(({ lifecycle_stage }) => isInView(lifecycle_stage, input.view_type));
  const order = [...input.order_by, 'attributes.creation_time DESC'];
  const found = orderBy(filterBy(visible, input.filter, lookup), order, lookup);
  const { items, ...next } = page(found, input.max_results, input.page_token);
  return { experiments: items.map(format), ...next };
}

const byId = { experiment_id: text };

export const experimentRoutes: readonly Route[] = [
  route('POST', 'experiments/create', { name: text, tags: keyValues }, (ws, { name, tags }) => {
    if (name === '') throw invalid("Invalid experiment name: ''.");
    if (findByName(ws, name) !== undefined)
      throw new MlflowError('RESOURCE_ALREADY_EXISTS', `Experiment '${name}' already exists.`);
    return { experiment_id: createExperiment(ws, name, tags).experiment_id };
  }),
  route('GET', 'experiments/get', byId, (ws, { experiment_id }) => ({
    experiment: format(getExperiment(ws, experiment_id)),
  })),
  route('GET', 'experiments/get-by-name', { experiment_name: text }, (ws, { experiment_name }) => {
    const found = findByName(ws, experiment_name);
    if (found === undefined) throw notFound(`Experiment '${experiment_name}'`);
    return { experiment: format(found) };
  }),
  route('POST', 'experiments/search', searchFields, search),
  route('GET', 'experiments/search', searchFields, search),
  route('POST', 'experiments/update', { ...byId, new_name: text }, (ws, { experiment_id, new_name }) => {
    change(ws, experiment_id, () => ({ name: new_name }));
  }),
  route('POST', 'experiments/delete', byId, (ws, { experiment_id }) => {
    change(ws, experiment_id, () => ({ lifecycle_stage: 'deleted' }));
  }),
  route('POST', 'experiments/restore', byId, (ws, { experiment_id }) => {
    change(ws, experiment_id, () => ({ lifecycle_stage: 'active' }));
  }),
  route('POST', 'experiments/set-experiment-tag', { ...byId, key: text, value: text }, (ws, input) => {
    change(ws, input.experiment_id, ({ tags }) => ({ tags: { ...tags, [input.key]: input.value } }));
  }),
  route('POST', 'experiments/delete-experiment-tag', { ...byId, key: text }, (ws, input) => {
    change(ws, input.experiment_id, ({ tags }) => ({
      tags: Object.fromEntries(Object.entries(tags).filter(([key]) => key !== input.key)),
    }));
  }),
];
