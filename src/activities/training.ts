import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type AzureMl,
  cancelJob,
  dataVersion,
  downloadAsset,
  getJob,
  type GitState,
  type JobModel,
  type JobView,
  jobDataOutputs,
  jobMetrics,
  jobModel,
  prepareJob,
  putJob,
  workingRun,
} from '../azureml/index.js';
import type { Candidate, FileRef } from '../domain/project.js';
import type { SourceRef, Trigger } from '../domain/source.js';
import type { GitHub } from '../github/index.js';
import type { JobEnd, SubmitRequest, SubmittedJob, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { beating } from './heartbeat.js';
import { type OpenProject, openProject } from './projects.js';
import { lifecycleTag, outputsTag, workTags } from '../domain/tags.js';
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

export function jobFailure(job: string, { status, error }: JobEnd): string {
  return `job ${job} ${status === 'Failed' ? 'failed' : 'was cancelled'}${error === undefined ? '' : `: ${error}`}`;
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

/** Submits a job under the name of its work; work that was done before is found. */
export async function submit(
  deps: Dependencies,
  workspaces: Workspaces,
  { project, files }: OpenProject,
  ref: FileRef,
  request: SubmitRequest,
): Promise<SubmittedJob> {
  const ml = workspaces.client(project.workspace);
  const prepared = await prepareJob(ml, files, ref, {
    displayName: `${project.name} ${request.candidate} ${request.source.commit.slice(0, 7)}`,
    experiment: project.name,
    tags: workTags(request),
    properties: { [lifecycleTag]: request.lifecycleId },
    ...gitOf(deps.github, request.source),
    pins: request.pins,
  });
  const name = jobName(project.name, request, prepared.requestHash);
  const { state, view } = await putOnce(ml, name, prepared.body, request.lifecycleId);
  return {
    job: name,
    workspace: project.workspace,
    state,
    codeHash: prepared.codeHash,
    data: prepared.data,
    link: view.studioUrl,
  };
}

/** The commit as Studio links it; an uncommitted tree has none. */
function gitOf({ webUrl }: GitHub, { directory, repository, ref, commit }: SourceRef): { git?: GitState } {
  if (directory !== undefined) return {};
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  return {
    git: {
      url: `${webUrl}/${repository}`,
      ...(branch !== undefined && { branch }),
      commit,
      dirty: false,
    },
  };
}

/**
 * Equal work has an equal name, so that submitting twice finds the first. A retraining is new work by its trigger,
 * a name whose job failed is spent in Azure and the next attempt takes another.
 */
function jobName(
  project: string,
  { candidate, trigger, attempt }: SubmitRequest,
  requestHash: string,
): string {
  const hash = createHash('sha256')
    .update(`${requestHash}\n${occasion(trigger)}`)
    .digest('hex')
    .slice(0, 10);
  const name = `${project}-${candidate}`.slice(0, 200);
  return attempt === 0 ? `${name}-${hash}` : `${name}-${hash}-${attempt}`;
}

function occasion(trigger: Trigger): string {
  return trigger.startsWith('retrain/') ? trigger : '';
}

async function putOnce(
  ml: AzureMl,
  name: string,
  body: Parameters<typeof putJob>[2],
  lifecycleId: string,
): Promise<{ state: SubmittedJob['state']; view: JobView }> {
  const found = await getJob(ml, name);
  const put = found === undefined ? await putJob(ml, name, body) : 'exists';
  const view = found ?? (await getJob(ml, name));
  if (view === undefined) throw new Error(`job ${name} was accepted and cannot be found`);
  if (outputsTag in view.tags) return { state: 'spent', view };
  const mine = put === 'created' || view.properties[lifecycleTag] === lifecycleId;
  if (view.status === 'Completed' && !mine) return { state: 'reused', view };
  if (mine) return { state: 'created', view };
  return { state: view.final ? 'spent' : 'attached', view };
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
