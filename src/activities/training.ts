import { join } from 'node:path';
import {
  type AzureMl,
  cancelJob,
  dataVersion,
  downloadAsset,
  getJob,
  type JobModel,
  jobDataOutputs,
  jobMetrics,
  jobModel,
  workingRun,
} from '../azureml/index.js';
import type { Candidate } from '../domain/project.js';
import type { WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { beating } from './heartbeat.js';
import { type OpenProject, openProject } from './projects.js';
import { jobFailure, submit } from './submitting.js';
import { withTemporaryFolder } from './temporary-folder.js';
import type { Workspaces } from './workspaces.js';

type TrainingActivities = Pick<
  WorkspaceActivities,
  | 'submitJob'
  | 'submitPrepare'
  | 'jobDataOutputs'
  | 'validateData'
  | 'jobRunningMs'
  | 'cancelJob'
  | 'evaluateCandidate'
>;

export function trainingActivities(deps: Dependencies, workspaces: Workspaces): TrainingActivities {
  return {
    submitJob: (input) =>
      beating(async () => {
        const open = await openProject(deps, input);
        const { job } = candidateOf(open, input.candidate);
        return await submit(deps, workspaces, open, job, input);
      }),

    submitPrepare: (input) =>
      beating(async () => {
        const open = await openProject(deps, input);
        const { prepare } = open.project.data;
        if (prepare === undefined) throw new Error('the project has no data preparation');
        return await submit(deps, workspaces, open, prepare, { ...input, candidate: 'prepare' });
      }),

    async jobDataOutputs({ workspace, job }) {
      const outputs = await jobDataOutputs(workspaces.client(workspace), job);
      return Object.fromEntries(Object.values(outputs).map(({ name, version }) => [name, version]));
    },

    validateData: (input) => beating(() => validate(deps, workspaces, input)),

    async jobRunningMs({ workspace, job }) {
      const view = await getJob(workspaces.client(workspace), job);
      if (view?.startedAt === undefined || view.final) return null;
      return Date.now() - view.startedAt;
    },

    async cancelJob({ workspace, job }) {
      await cancelJob(workspaces.client(workspace), job);
    },

    async evaluateCandidate({ candidate, submitted, end, ...at }) {
      const { job, link } = submitted;
      if (end.status !== 'Completed') {
        return {
          kind: 'failed',
          candidate,
          job,
          reason: jobFailure(job, end),
          link,
          ...(end.log !== undefined && { log: end.log }),
        };
      }
      const open = await openProject(deps, at);
      const ml = workspaces.client(submitted.workspace);
      const { model: output, metricsFrom } = candidateOf(open, candidate);
      const run = await workingRun(ml, job, metricsFrom);
      const [metrics, model] = await Promise.all([jobMetrics(ml, run), modelOf(ml, job, run, output)]);
      return {
        kind: 'finished',
        candidate,
        job,
        reused: submitted.state === 'reused',
        metrics,
        ...(model !== undefined && { model: { type: model.type, path: model.path } }),
        codeHash: submitted.codeHash,
        data: submitted.data,
        seconds: end.seconds,
        link,
      };
    },
  };
}

/** The model that a job left behind, or else the run that did its work: the best trial, the step that is measured. */
export async function modelOf(
  ml: AzureMl,
  job: string,
  run: string,
  output: string,
): Promise<JobModel | undefined> {
  const own = await jobModel(ml, job, output);
  return own !== undefined || run === job ? own : jobModel(ml, run, output);
}

export function candidateOf({ project }: OpenProject, name: string): Candidate {
  const candidate = project.candidates.find((known) => known.name === name);
  if (candidate !== undefined) return candidate;
  throw new NotAllowed([{ code: 'CandidateUnknown', message: `candidate ${name} is not in mlops.yaml` }]);
}

async function validate(
  deps: Dependencies,
  workspaces: Workspaces,
  { pins, ...at }: Parameters<TrainingActivities['validateData']>[0],
): Promise<{ ok: boolean; findings: string[] }> {
  const { project } = await openProject(deps, at);
  const rules = project.data.validate;
  if (rules === undefined) return { ok: true, findings: [] };
  const ml = workspaces.client(project.workspace);
  return await withTemporaryFolder('data', async (dir) => {
    const names = Object.keys(pins);
    const files = await Promise.all(
      names.map(async (name) => {
        const data = await dataVersion(ml, name, pins[name] ?? 'latest');
        if (data === undefined) throw new Error(`data asset ${name}:${pins[name] ?? 'latest'} is gone`);
        return await downloadAsset(ml, data.uri, join(dir, name));
      }),
    );
    const { validateData } = await import('../monitoring/index.js');
    const { ok, findings } = await validateData(files, rules);
    return { ok, findings: [...findings] };
  });
}
