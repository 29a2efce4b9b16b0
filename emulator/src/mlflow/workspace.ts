import type { FastifyRequest } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { keyOf, workspaceId } from '../ids.js';
import { getResource } from '../resources.js';
import { isTls } from '../server.js';
import type { Collection } from '../store.js';
import { notFound } from './errors.js';
import type { Experiment, LoggedModel, Metric, Run } from './records.js';

/** One workspace's part of the tracking data; keys below it begin with `key` and a bar. */
export interface Workspace {
  readonly ctx: EmulatorContext;
  /** ARM id as it is stored. */
  readonly id: string;
  readonly key: string;
  /** `HOST:PORT` where Microsoft's plug-in asks over TLS: it takes artifacts at `azureml://` addresses only. */
  readonly plugin?: string;
}

export function workspaceAt(ctx: EmulatorContext, id: string): Workspace {
  const stored = getResource(ctx.store, id);
  if (stored === undefined) throw notFound(`Workspace ${id}`);
  return { ctx, id: stored.id, key: keyOf(stored.id) };
}

/** The workspace that a request's path names. */
export function workspaceOf(ctx: EmulatorContext, params: Record<string, string>): Workspace {
  const { subscription = '', group = '', workspace = '' } = params;
  return workspaceAt(ctx, workspaceId(subscription, group, workspace));
}

/** The same, as whoever asks has to be answered. */
export function askedWorkspace(ctx: EmulatorContext, request: FastifyRequest): Workspace {
  const found = workspaceOf(ctx, request.params as Record<string, string>);
  const isPlugin = request.headers['user-agent']?.includes('azureml-mlflow/') === true;
  const { host } = request.headers;
  return isPlugin && host !== undefined && isTls(request) ? { ...found, plugin: host } : found;
}

/** A collection seen through one workspace: keys are ids inside the workspace. */
export interface Table<T> {
  get(id: string): T | undefined;
  put(id: string, value: T): void;
  remove(id: string): boolean;
  all(idPrefix?: string): T[];
}

function table<T>(ws: Workspace, name: string): Table<T> {
  const collection: Collection<T> = ws.ctx.store.collection<T>(name);
  const key = (id: string) => `${ws.key}|${id}`;
  return {
    get: (id) => collection.get(key(id)),
    put: (id, value) => {
      collection.put(key(id), value);
    },
    remove: (id) => collection.remove(key(id)),
    all: (idPrefix = '') => collection.list(key(idPrefix)).map(({ value }) => value),
  };
}

export const experimentsOf = (ws: Workspace): Table<Experiment> => table(ws, 'mlflow.experiments');
export const runsOf = (ws: Workspace): Table<Run> => table(ws, 'mlflow.runs');
export const loggedModelsOf = (ws: Workspace): Table<LoggedModel> => table(ws, 'mlflow.loggedModels');
/** One entry a request that logged metrics, so that long histories are appended to, not rewritten. */
export const metricChunksOf = (ws: Workspace): Table<Metric[]> => table(ws, 'mlflow.metrics');
