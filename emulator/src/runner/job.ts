import type { EmulatorContext } from '../context.js';
import { workspaceIdOf } from '../ids.js';
import { getResource, putResource } from '../resources.js';
import type { StoredResource } from '../resources.js';
import type { Distribution } from './distribution.js';

export interface JobInput {
  readonly jobInputType: string;
  readonly value?: string | null;
  readonly uri?: string | null;
  readonly mode?: string | null;
}

export interface JobOutput {
  readonly jobOutputType: string;
  readonly uri?: string | null;
  readonly mode?: string | null;
  /** When both are given the output is registered under this name once the job completes. */
  readonly assetName?: string | null;
  readonly assetVersion?: string | null;
}

/** Properties of a command job as ARM stores them; only what the runner reads. Other kinds share some of them. */
export interface CommandJob {
  readonly jobType: string;
  readonly status: string;
  readonly command: string;
  readonly codeId?: string | null;
  readonly environmentId?: string | null;
  readonly computeId?: string | null;
  readonly displayName?: string | null;
  readonly experimentName?: string | null;
  readonly inputs?: Readonly<Record<string, JobInput>> | null;
  readonly outputs?: Readonly<Record<string, JobOutput>> | null;
  readonly environmentVariables?: Readonly<Record<string, string>> | null;
  readonly distribution?: Distribution | null;
  readonly resources?: { readonly instanceCount?: number | null } | null;
  readonly limits?: { readonly timeout?: string | null } | null;
}

export type JobStatus =
  | 'NotStarted'
  | 'Queued'
  | 'Preparing'
  | 'Running'
  | 'Finalizing'
  | 'CancelRequested'
  | 'Completed'
  | 'Failed'
  | 'Canceled';

const FINAL: readonly string[] = ['Completed', 'Failed', 'Canceled'];

/** Why a job did not complete: what GET shows as `properties.error`. */
export interface JobError {
  readonly code: string;
  readonly message: string;
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string;
  readonly properties: CommandJob;
  readonly resource: StoredResource;
}

/** The stored job; undefined when it was deleted. */
export function readJob(ctx: EmulatorContext, jobId: string): Job | undefined {
  const resource = getResource(ctx.store, jobId);
  if (resource === undefined) return undefined;
  const { id, name } = resource;
  const properties = resource.properties as unknown as CommandJob;
  return { id, name, workspaceId: workspaceIdOf(id) ?? '', properties, resource };
}

export function isFinal(status: string): boolean {
  return FINAL.includes(status);
}

/** Moves a job on, unless it has ended. Start and end times are kept for run history and MLflow. */
export function setStatus(ctx: EmulatorContext, jobId: string, status: JobStatus, error?: JobError): void {
  changeJob(ctx, jobId, (job) => {
    if (isFinal(String(job.properties['status']))) return;
    const now = new Date().toISOString();
    job.properties = { ...job.properties, status, ...(error === undefined ? {} : { error }) };
    job._timeline = [...timelineOf(job), { status, at: now }];
    if (status === 'Running') job._startTime = now;
    if (isFinal(status)) job._endTime = endTime(ctx, job._startTime, now);
    ctx.log(`job ${job.name}: ${status}${error === undefined ? '' : ` (${error.code})`}`);
  });
}

/** A status that a job came to, and when (ISO 8601). */
export interface Moment {
  readonly status: string;
  readonly at: string;
}

/** The statuses that a job has had since it was taken over, in order. */
export function timelineOf(job: StoredResource): readonly Moment[] {
  return (job._timeline ?? []) as Moment[];
}

/** When it ended by the clock of jobs, which may be ordered to go faster. */
function endTime(ctx: EmulatorContext, started: unknown, now: string): string {
  const { clock = 1 } = ctx.faults.conditions;
  if (typeof started !== 'string' || clock === 1) return now;
  const began = Date.parse(started);
  return new Date(began + (Date.parse(now) - began) * clock).toISOString();
}

/** Reads, changes and writes a job's resource in one step. */
export function changeJob(ctx: EmulatorContext, jobId: string, change: (job: StoredResource) => void): void {
  ctx.store.transaction(() => {
    const job = getResource(ctx.store, jobId);
    if (job === undefined) return;
    change(job);
    putResource(ctx.store, job);
  });
}

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds; undefined when it is none or zero. */
export function durationMs(iso: string | null | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(iso ?? '');
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part || 0));
  const total = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return total > 0 ? total : undefined;
}
