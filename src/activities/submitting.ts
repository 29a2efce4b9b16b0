import { createHash } from 'node:crypto';
import { getJob, type AzureMl, type GitState, type JobView, prepareJob, putJob } from '../azureml/index.js';
import type { FileRef } from '../domain/project.js';
import type { SourceRef, Trigger } from '../domain/source.js';
import { lifecycleTag, outputsTag, workTags } from '../domain/tags.js';
import type { GitHub } from '../github/index.js';
import type { JobEnd, SubmitRequest, SubmittedJob } from './contract.js';
import type { Dependencies } from './dependencies.js';
import type { OpenProject } from './projects.js';
import type { Workspaces } from './workspaces.js';

/** Submits a job under the name of its work; work that was done before is found. */
export async function submit(
  deps: Dependencies,
  workspaces: Workspaces,
  { project, files }: OpenProject,
  ref: FileRef,
  request: SubmitRequest,
  workspace = project.workspace,
): Promise<SubmittedJob> {
  const ml = workspaces.client(workspace);
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
    workspace,
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

export function jobFailure(job: string, { status, error }: JobEnd): string {
  return `job ${job} ${status === 'Failed' ? 'failed' : 'was cancelled'}${error === undefined ? '' : `: ${error}`}`;
}
