import type { Json } from '../../types.js';
import { anything, choose, text } from '../fields.js';
import type { Assets, Loaded, Place, Problem } from '../kind.js';
import { pipelineJob } from '../kinds/pipeline-job.js';
import { problemsOf } from '../mistakes.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';
import { scheduleAction } from './action.js';

type CreateJob = string | Readonly<Record<string, unknown>>;

/** `create_job:` a pipeline's file, a job that was submitted before, or either with changes. */
export const createJob = scheduleAction<CreateJob>({
  key: 'create_job',
  schema: choose<CreateJob>((value) => (typeof value === 'string' ? text : anything)),
  async check(value, place) {
    const { job, changes } = partsOf(value);
    if (job === undefined) {
      return [{ path: ['create_job', 'job'], message: 'missing; name a job file or azureml:<job>' }];
    }
    if (parseReference(job) !== undefined) return checkType(changes);
    const missing = await checkPath(place, fileOf(job), ['create_job'], 'file');
    if (missing.length > 0) return missing;
    const { loaded, mistakes } = await place.open(fileOf(job), 'job', setsOf(changes));
    if (loaded === undefined) {
      return [{ path: ['create_job'], message: 'the job holds mistakes', mistakes }];
    }
    if (loaded.kind.name === 'pipelineJob') return [];
    const message = `a schedule runs pipelines only; ${job} is a ${loaded.kind.name}`;
    return [{ path: ['create_job'], message, fix: 'put the job into a pipeline of one node' }];
  },
  async toRest(value, place, assets) {
    const { job = '', changes } = partsOf(value);
    const reference = parseReference(job);
    const jobDefinition =
      reference === undefined
        ? await definition(place, fileOf(job), changes, assets)
        : await remote(job, changes, place, assets);
    return { jobDefinition, actionType: 'CreateJob' };
  },
});

function partsOf(value: CreateJob): { readonly job?: string; readonly changes?: Json } {
  if (typeof value === 'string') return { job: value };
  const { job, ...changes } = value;
  return { ...(typeof job === 'string' ? { job } : {}), changes };
}

function fileOf(job: string): string {
  return job.replace(/^file:/, '');
}

function checkType(changes: Json | undefined): Problem[] {
  if (changes === undefined) return [];
  if (String(changes['type']).toLowerCase() === 'pipeline') {
    const result = pipelineJob.schema.safeParse(changes);
    if (result.success) return [];
    return problemsOf(result.error, changes).map((problem) => ({
      ...problem,
      path: ['create_job', ...problem.path],
    }));
  }
  const message = 'changes of a job in Azure need its type, and a schedule runs pipelines only';
  return [{ path: ['create_job', 'type'], message, fix: 'write type: pipeline' }];
}

/** Changes as overrides of the job's file, leaf by leaf: what they do not name stays. */
function setsOf(changes: Json | undefined): Record<string, unknown> {
  const leaves = (value: unknown, path: string): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) =>
          leaves(item, `${path === '' ? '' : `${path}.`}${key.replaceAll('.', '\\.')}`),
        )
      : [[path, value]];
  return Object.fromEntries(changes === undefined ? [] : leaves(changes, ''));
}

async function definition(
  place: Place,
  file: string,
  changes: Json | undefined,
  assets: Assets,
): Promise<Json> {
  const { loaded } = await place.open(file, 'job', setsOf(changes));
  if (loaded === undefined) throw new Error(`${file} holds mistakes`);
  return unnamed(loaded, assets);
}

/** Each run gets a name and an experiment of its own unless the file says otherwise. */
async function unnamed(
  { kind, value, place }: Pick<Loaded, 'kind' | 'value' | 'place'>,
  assets: Assets,
): Promise<Json> {
  const { body } = await kind.toRest(value, place, assets);
  const said = value as { display_name?: string; experiment_name?: string };
  const dropped = [
    ...(said.display_name === undefined ? ['displayName'] : []),
    ...(said.experiment_name === undefined ? ['experimentName'] : []),
  ];
  const entries = Object.entries(body['properties'] as Json);
  return Object.fromEntries(entries.filter(([key]) => !dropped.includes(key)));
}

/** A job that was submitted before; with changes, a pipeline that holds them alone. */
async function remote(job: string, changes: Json | undefined, place: Place, assets: Assets): Promise<Json> {
  const sourceJobId = job.replace(/^azureml:/i, '');
  if (changes === undefined) {
    return { experimentName: '', isArchived: false, jobType: 'Pipeline', sourceJobId };
  }
  const value = pipelineJob.schema.parse(changes);
  return { ...(await unnamed({ kind: pipelineJob, value, place }, assets)), sourceJobId };
}
