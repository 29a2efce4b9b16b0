import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { AzureError, type AzureMl, collectedFolder, downloadAsset, isCollected } from '../azureml/index.js';
import { nothingCollected, nothingCompared } from '../domain/drift.js';
import { type Measured, resultFile } from '../domain/monitoring.js';
import type { MonitorPlan } from '../domain/project.js';
import type { LookAnalysis, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { submitGenerated } from './generated-job.js';
import { beating } from './heartbeat.js';
import { type JobData, writeLookJob } from './monitoring-job/project.js';
import { baselineOf, labelsOf, type Watched } from './monitoring-look.js';
import { monitorOf, openProject } from './projects.js';
import { jobFailure } from './submitting.js';
import type { Workspaces } from './workspaces.js';

/** Looks that an Azure ML job measures next to the data. */
export function monitoringJobActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'submitAnalysis'> {
  return {
    submitAnalysis: ({ environment, endpoint, workspace, atMs, lookId, attempt, ...at }) =>
      beating(async () => {
        const open = await openProject(deps, at);
        const plan = monitorOf(open, environment);
        const { job } = plan;
        if (job === undefined)
          throw ApplicationFailure.nonRetryable(
            `the monitor of ${environment} has no \`engine: azureml\` any more`,
            'SpecInvalid',
          );
        const [ml, training] = [workspaces.client(workspace), workspaces.client(open.project.workspace)];
        const window = { fromMs: atMs - plan.windowMs, toMs: atMs };
        if (!(await isCollected(ml, { endpoint, collection: 'model_inputs', ...window }))) return null;
        const labels = await labelsOf(training, plan);
        const look = {
          ...{ plan, job, window, collected: collectedFolder(endpoint) },
          baseline: seenFrom(ml, training, await baselineOf(training, plan)),
          ...(labels !== undefined && { labels: seenFrom(ml, training, labels) }),
        };
        const generated = { purpose: 'look', write: (dir: string) => writeLookJob(look, dir) };
        const named = { candidate: `monitor-${endpoint}`, lifecycleId: lookId, attempt };
        const request = { ...at, ...named, trigger: 'push', pins: {} } as const;
        const submitted = await submitGenerated(deps, workspaces, open, generated, request, workspace);
        const { queueMs, runMs } = job;
        const setting = `environments.${environment}.monitor.job.limits`;
        return { ...submitted, limits: { queueMs, runMs, setting } };
      }),
  };
}

/** Data of the workspace that trains, as a job in the one that serves names it: by its address where they differ. */
function seenFrom(
  serving: AzureMl,
  training: AzureMl,
  { type, name, version, uri }: { type: string; name: string; version: string; uri: string },
): JobData {
  if (serving.id === training.id) return { type, path: `azureml:${name}:${version}` };
  const { subscription, resourceGroup, name: workspace } = training.target;
  const own = `azureml://subscriptions/${subscription}/resourcegroups/${resourceGroup}/workspaces/${workspace}/`;
  return { type, path: uri.replace(/^azureml:\/\/(?=datastores\/)/, own) };
}

/** What the job measured. A look that could not be measured is told as missing data, never as a pass. */
export async function measuredThere(
  ml: AzureMl,
  { minRows }: MonitorPlan,
  { window }: Watched,
  analysis: LookAnalysis | null,
  dir: string,
): Promise<Measured> {
  const missing = (message: string): Measured => ({ drift: nothingCompared({ window, minRows }, message) });
  if (analysis === null) return missing(nothingCollected);
  if ('problem' in analysis) return missing(`it could not be measured: ${analysis.problem}`);
  const { job, link } = analysis.submitted;
  if (analysis.end.status !== 'Completed') return missing(`${jobFailure(job, analysis.end)}; ${link}`);
  const text = await resultOf(ml, job, join(dir, 'result'));
  if (text === undefined) return missing(`job ${job} ended well and left no ${resultFile}; ${link}`);
  const { readMeasured } = await import('../monitoring/index.js');
  try {
    return readMeasured(text);
  } catch {
    return missing(`job ${job} ended well, and its ${resultFile} is not what a look measures; ${link}`);
  }
}

async function resultOf(ml: AzureMl, job: string, dir: string): Promise<string | undefined> {
  try {
    const path = `azureml://jobs/${job}/outputs/result/paths/${resultFile}`;
    return await readFile(await downloadAsset(ml, path, dir), 'utf8');
  } catch (error) {
    if (error instanceof AzureError && error.status === 404) return undefined;
    throw error;
  }
}
