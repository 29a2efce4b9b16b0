import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { getJob, type JobView, jobLogTail, lookAtOperation } from '../azureml/index.js';
import { formatMs } from '../domain/text.js';
import { nextLookMs, type Timing } from '../domain/timing.js';
import type { JobEnd, JobLimits, LookActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { notYet } from './errors.js';
import type { Workspaces } from './workspaces.js';

const logLines = 20;
const waiting = new Set(['NotStarted', 'Queued', 'Starting', 'Provisioning', 'Preparing', 'Unknown']);

/** Looks at what Azure does by itself. An activity that throws `NotYet` holds no slot while it waits. */
export function lookActivities(deps: Dependencies, workspaces: Workspaces): LookActivities {
  return {
    async lookAtJob({ workspace, job, queueMs, runMs, timing, setting = 'train.limits' }) {
      const ml = workspaces.client(workspace);
      const view = await getJob(ml, job);
      if (view === undefined)
        throw ApplicationFailure.nonRetryable(`job ${job} is gone from ${workspace}`, 'JobFailed');
      if (view.final) return await endOf(ml, view);
      refuseOverdue(view, { queueMs, runMs, setting });
      throw notYet(`${job} is ${view.status}`, nextLookMs(elapsedMs(), timing));
    },

    async lookAtOperation({ workspace, operation, timing }) {
      const state = await lookAtOperation(workspaces.client(workspace), operation);
      if (state.state === 'failed') throw state.error;
      if (state.state === 'running')
        throw notYet(`${operation.resource} is under way`, pause(state.retryAfterMs, timing));
    },
  };
}

function pause(asked: number | undefined, timing: Timing): number {
  return Math.max(asked ?? 0, nextLookMs(elapsedMs(), timing));
}

function elapsedMs(): number {
  return Date.now() - activityInfo().scheduledTimestampMs;
}

async function endOf(ml: Parameters<typeof jobLogTail>[0], view: JobView): Promise<JobEnd> {
  const status = view.status === 'Completed' || view.status === 'Canceled' ? view.status : 'Failed';
  const seconds = view.seconds ?? 0;
  if (status === 'Completed') return { status, seconds };
  const log = await jobLogTail(ml, view.name, logLines);
  return { status, seconds, log, ...(view.error !== undefined && { error: view.error }) };
}

/** Queueing and running have limits of their own: a full cluster must not eat the time that training needs. */
function refuseOverdue(view: JobView, { queueMs, runMs, setting }: Required<JobLimits>): void {
  const queued = waiting.has(view.status) || view.startedAt === undefined;
  const sinceMs = queued ? elapsedMs() : Date.now() - (view.startedAt ?? Date.now());
  const limitMs = queued ? queueMs : runMs;
  if (sinceMs <= limitMs) return;
  throw ApplicationFailure.nonRetryable(
    `${view.name} ${queued ? 'waited' : 'ran'} for more than ${formatMs(limitMs)} (${setting}.${queued ? 'queue' : 'run'} in mlops.yaml); it was cancelled`,
    queued ? 'QueueTimeout' : 'RunTimeout',
  );
}
