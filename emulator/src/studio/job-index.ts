import { setImmediate as breathe } from 'node:timers/promises';
import type { Change } from '../changes.js';
import type { EmulatorContext } from '../context.js';
import { keyOf } from '../ids.js';
import type { Experiment, Run } from '../mlflow/records.js';
import { RESOURCES, resourcesOf } from '../resources.js';
import { rowOfJob, rowOfRun } from './job-rows.js';
import type { JobRow } from './job-rows.js';

/** Rows of all jobs and runs, kept up with the store from the first question on. */
export interface JobIndex {
  /** Jobs of a workspace and runs that were tracked without one, newest first. */
  jobs(workspaceId: string): Promise<readonly JobRow[]>;
}

const JOB = /\/workspaces\/[^/]+\/jobs\/[^/]+$/;
const RUNS = 'mlflow.runs';
/** So many values are read at once: other requests are answered in between. */
const AT_ONCE = 100;

export function createJobIndex(ctx: EmulatorContext): JobIndex {
  const rows = new Map<string, Map<string, JobRow>>();
  const sorted = new Map<string, readonly JobRow[]>();
  const dirty = new Set<string>();
  let built: Promise<void> | undefined;

  function note({ collection, key }: Change): void {
    if (collection === RUNS || (collection === RESOURCES && JOB.test(key)))
      dirty.add(`${collection}\n${key}`);
  }

  function put(workspaceKey: string, key: string, row: JobRow | undefined): void {
    const all = rows.get(workspaceKey) ?? new Map<string, JobRow>();
    rows.set(workspaceKey, all);
    sorted.delete(workspaceKey);
    if (row === undefined) all.delete(key);
    else all.set(key, row);
  }

  function readJob(key: string): void {
    const job = resourcesOf(ctx.store).get(key);
    put(key.slice(0, key.lastIndexOf('/jobs/')), key, job && rowOfJob(job));
  }

  /** A run that belongs to a job is shown as that job. */
  function readRun(entry: string): void {
    const [workspaceKey = '', id = ''] = entry.split('|');
    const key = `${workspaceKey}/jobs/${id}`.toLowerCase();
    if (resourcesOf(ctx.store).get(key) !== undefined) return;
    const run = ctx.store.collection<Run>(RUNS).get(entry);
    const experiments = ctx.store.collection<Experiment>('mlflow.experiments');
    const experiment = run && experiments.get(`${workspaceKey}|${run.experiment_id}`)?.name;
    put(workspaceKey, key, run && rowOfRun(workspaceKey, run, experiment ?? 'Default'));
  }

  function read(entry: string): void {
    const [collection, key = ''] = entry.split('\n');
    if (collection === RUNS) readRun(key);
    else readJob(key);
  }

  async function build(): Promise<void> {
    ctx.store.changes.watch(note);
    const jobs = resourcesOf(ctx.store).keys('/subscriptions/');
    for (const key of jobs) note({ collection: RESOURCES, key });
    for (const key of ctx.store.collection(RUNS).keys()) note({ collection: RUNS, key });
    await refresh();
  }

  async function refresh(): Promise<void> {
    let done = 0;
    for (const entry of dirty) {
      dirty.delete(entry);
      read(entry);
      done += 1;
      if (done % AT_ONCE === 0) await breathe();
    }
  }

  return {
    async jobs(workspaceId) {
      built ??= build();
      await built;
      await refresh();
      const key = keyOf(workspaceId);
      const known = sorted.get(key);
      if (known !== undefined) return known;
      const fresh = [...(rows.get(key)?.values() ?? [])].sort((left, right) => right.created - left.created);
      sorted.set(key, fresh);
      return fresh;
    },
  };
}
