import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import { durationMs, setStatus } from './job.js';
import type { Job, JobError } from './job.js';

/** Why a job is being ended before its time. */
export type Interruption = 'canceled' | 'timeout' | 'stopped';

export function toJobError(error: unknown): JobError {
  if (error instanceof AzureError) return { code: error.code, message: error.message };
  return { code: 'InternalServerError', message: error instanceof Error ? error.message : String(error) };
}

/** What an interrupted job ends as; a stop of the emulator is told by `recover` at its next start. */
export function finish(
  ctx: EmulatorContext,
  job: Job,
  signal: AbortSignal,
  error: JobError | undefined,
): void {
  const why = signal.aborted ? (signal.reason as Interruption) : undefined;
  if (why === 'stopped') return;
  if (why === 'canceled') setStatus(ctx, job.id, 'Canceled');
  else if (why === 'timeout') setStatus(ctx, job.id, 'Canceled', timedOut(job));
  else if (error !== undefined) setStatus(ctx, job.id, 'Failed', error);
  else setStatus(ctx, job.id, 'Completed');
}

function timedOut(job: Job): JobError {
  const limit = job.properties.limits?.timeout ?? '';
  return { code: 'JobTimedOut', message: `The job ran longer than its limit of ${limit} and was canceled.` };
}

/** Aborts `control` when the job's own limit of time is over; returns what ends the watch. */
export function watchLimit(ctx: EmulatorContext, job: Job, control: AbortController): () => void {
  const limit = durationMs(job.properties.limits?.timeout);
  if (limit === undefined) return () => undefined;
  const timer = setTimeout(
    () => {
      control.abort('timeout');
    },
    limit / (ctx.faults.conditions.clock ?? 1),
  );
  return () => {
    clearTimeout(timer);
  };
}
