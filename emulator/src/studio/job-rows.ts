import { keyOf, nameOf, workspaceIdOf } from '../ids.js';
import type { Run } from '../mlflow/records.js';
import type { StoredResource } from '../resources.js';

/** What lists, counts and searches need of a job: small, so that ten thousand are kept in memory. */
export interface JobRow {
  readonly key: string;
  readonly workspaceKey: string;
  readonly name: string;
  readonly displayName: string;
  readonly experiment: string;
  /** `Command`, `Sweep`, `Pipeline`, …; `MLflow` for a run that was tracked without a job. */
  readonly type: string;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly started: number | undefined;
  readonly ended: number | undefined;
  /** Name of the job that made this one. */
  readonly parent: string | undefined;
  readonly compute: string;
  readonly nodes: number;
  readonly batchDeployment: string | undefined;
  readonly archived: boolean;
  /** All that is searched, in lower case. */
  readonly text: string;
}

const time = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : undefined);
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export function rowOfJob(job: StoredResource): JobRow {
  const { properties } = job;
  const { resources, tags } = properties as {
    resources?: { instanceCount?: number } | null;
    tags?: Record<string, unknown> | null;
  };
  const displayName = text(properties['displayName']) ?? job.name;
  const experiment = text(properties['experimentName']) ?? 'Default';
  const compute = nameOf(text(properties['computeId']) ?? 'serverless');
  return {
    key: keyOf(job.id),
    workspaceKey: keyOf(workspaceIdOf(job.id) ?? ''),
    name: job.name,
    displayName,
    experiment,
    type: text(properties['jobType']) ?? 'Command',
    status: text(properties['status']) ?? 'NotStarted',
    created: Date.parse(job.systemData.createdAt),
    started: time(job._startTime),
    ended: time(job._endTime),
    parent: text(job._parent),
    compute,
    nodes: resources?.instanceCount ?? 1,
    batchDeployment: text(job['_batchDeployment']),
    archived: properties['isArchived'] === true,
    text: [job.name, displayName, experiment, compute, ...tagText(tags ?? {})].join('\n').toLowerCase(),
  };
}

function tagText(tags: Record<string, unknown>): string[] {
  return Object.entries(tags).map(([name, value]) => `${name}=${String(value)}`);
}

const STATUS_OF_RUN: Readonly<Record<Run['status'], string>> = {
  RUNNING: 'Running',
  SCHEDULED: 'Queued',
  FINISHED: 'Completed',
  FAILED: 'Failed',
  KILLED: 'Canceled',
};

/** A run that a client tracks from wherever it runs. */
export function rowOfRun(workspaceKey: string, run: Run, experiment: string): JobRow {
  return {
    key: `${workspaceKey}/jobs/${run.run_id}`.toLowerCase(),
    workspaceKey,
    name: run.run_id,
    displayName: run.run_name,
    experiment,
    type: 'MLflow',
    status: STATUS_OF_RUN[run.status],
    created: run.start_time,
    started: run.start_time,
    ended: run.end_time,
    parent: text(run.tags['mlflow.parentRunId']),
    compute: 'elsewhere',
    nodes: 0,
    batchDeployment: undefined,
    archived: run.lifecycle_stage === 'deleted',
    text: [run.run_id, run.run_name, experiment, ...tagText(run.tags)].join('\n').toLowerCase(),
  };
}

export const FINAL_STATUSES: readonly string[] = ['Completed', 'Failed', 'Canceled'];
export const BUSY_STATUSES: readonly string[] = ['Preparing', 'Running', 'Finalizing', 'CancelRequested'];
export const WAITING_STATUSES: readonly string[] = ['NotStarted', 'Queued'];
