import { createHash } from 'node:crypto';
import {
  type AzureMl,
  batchData,
  batchLogTail,
  batchMetrics,
  batchOutput,
  getJob,
  identityOfData,
  invokeBatch,
  type JobView,
  studioLink,
} from '../azureml/index.js';
import type { Evidence } from '../domain/approval.js';
import { formatNumber, meets } from '../domain/text.js';
import type { BatchTestResult } from '../domain/health.js';
import type { BatchTest, Condition } from '../domain/project.js';
import type { Release } from '../domain/release.js';
import type { BatchTestJob, JobEnd, WorkspaceActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { placeOf } from './deployment-plan.js';
import { beating } from './heartbeat.js';
import { environmentOf, type OpenProject, openProject } from './projects.js';
import { jobFailure } from './submitting.js';
import type { Workspaces } from './workspaces.js';

const logLines = 20;

/** A new deployment of a batch endpoint scores its test's input by a job, before it becomes the default. */
export function batchTestActivities(
  deps: Dependencies,
  workspaces: Workspaces,
): Pick<WorkspaceActivities, 'submitBatchTest' | 'judgeBatchTest'> {
  return {
    submitBatchTest: ({ release, deployment, attempt }) =>
      beating(async () => {
        const open = await openProject(deps, release);
        const test = testOf(open, release);
        const { ml, endpoint } = placeOf(workspaces, open, release);
        const name = named(await testName(open, endpoint, deployment, test), attempt);
        const limits = { queueMs: test.queueMs, runMs: test.runMs, setting: 'test.limits' };
        const common = { workspace: ml.target.alias, codeHash: '', data: { input: test.input }, limits };
        const found = await getJob(ml, name);
        if (found !== undefined)
          return { ...common, job: name, state: stateOf(found), link: found.studioUrl };
        const job = await invokeBatch(ml, {
          ...{ endpoint, deployment, name },
          experiment: open.project.name,
          data: await batchData(ml, open.files, test),
        });
        return { ...common, job, state: 'created', link: studioLink(ml, `runs/${job}`) };
      }),

    judgeBatchTest: ({ release, job, end }) =>
      beating(async () => {
        const open = await openProject(deps, release);
        return await judge(placeOf(workspaces, open, release).ml, testOf(open, release), job, end);
      }),
  };
}

/** The finished test of a release's deployment as evidence; undefined where none has finished. */
export async function trialOf(
  workspaces: Workspaces,
  open: OpenProject,
  release: Release,
  deployment: string,
): Promise<Evidence['trial']> {
  const { batch } = environmentOf(open, release.environment);
  if (batch === undefined) return undefined;
  const { ml, endpoint } = placeOf(workspaces, open, release);
  const base = await testName(open, endpoint, deployment, batch);
  for (let attempt = 0; ; attempt += 1) {
    const job = named(base, attempt);
    const found = await getJob(ml, job);
    if (found === undefined) return undefined;
    if (found.status === 'Completed') return { job, rows: (await batchOutput(ml, job)).rows };
  }
}

function testOf(open: OpenProject, { environment }: Release): BatchTest {
  const { batch } = environmentOf(open, environment);
  if (batch !== undefined) return batch;
  throw new Error(`environment ${environment} has no batch endpoint`);
}

/**
 * A test is the same while deployment, input as it is written and contents of the project's files are: a later
 * version of the data asset does not void what approvers were shown.
 */
async function testName(
  { files }: OpenProject,
  endpoint: string,
  deployment: string,
  { input, type }: BatchTest,
): Promise<string> {
  const data = await identityOfData(files, input);
  const hash = createHash('sha256')
    .update(JSON.stringify([endpoint, deployment, data, type ?? '']))
    .digest('hex');
  return `${endpoint}-${deployment}-test-${hash.slice(0, 8)}`;
}

function named(base: string, attempt: number): string {
  return attempt === 0 ? base : `${base}-${attempt}`;
}

/** The endpoint has one writer, so a job of that name which still runs is its own. */
function stateOf({ status, final }: JobView): BatchTestJob['state'] {
  if (!final) return 'created';
  return status === 'Completed' ? 'reused' : 'spent';
}

async function judge(ml: AzureMl, test: BatchTest, job: string, end: JobEnd): Promise<BatchTestResult> {
  if (end.status !== 'Completed') {
    const reason = `${jobFailure(job, end)} (${studioLink(ml, `runs/${job}`)})`;
    return { passed: false, rows: 0, reasons: await withLog(ml, job, [reason]), summary: reason };
  }
  const output = await batchOutput(ml, job);
  const metrics = Object.keys(test.require).length === 0 ? {} : await batchMetrics(ml, job);
  const reasons = [
    ...output.unreadable.map((why) => `the output of job ${job} cannot be read: ${why}`),
    ...(meets(output.rows, test.rows)
      ? []
      : [
          `job ${job} wrote ${output.rows} rows (files: ${output.files.join(', ') || 'none'}), required are ${boundText(test.rows)}`,
        ]),
    ...Object.entries(test.require).flatMap(([metric, bound]) => unmet(job, metrics, metric, bound)),
  ];
  const logged = Object.keys(test.require).map((name) => `, ${name} ${formatNumber(metrics[name] ?? NaN)}`);
  return {
    passed: reasons.length === 0,
    rows: output.rows,
    reasons: await withLog(ml, job, reasons),
    summary: `${output.rows} rows scored by job ${job}${logged.join('')}${output.sample === undefined ? '' : `, the first: ${output.sample}`}`,
  };
}

/** A job may end well although its script failed on every item: `error_threshold` is -1 unless the file sets it. */
async function withLog(ml: AzureMl, job: string, reasons: readonly string[]): Promise<readonly string[]> {
  const log = reasons.length === 0 ? '' : await batchLogTail(ml, job, logLines);
  return log === '' ? reasons : [...reasons, `last lines of its log:\n${log}`];
}

function unmet(
  job: string,
  metrics: Readonly<Record<string, number>>,
  metric: string,
  bound: Condition,
): string[] {
  const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (value === undefined) {
    const logged = Object.keys(metrics).join(', ') || 'none';
    return [`job ${job} and its steps logged no ${metric}; logged: ${logged}`];
  }
  return meets(value, bound) ? [] : [`${metric} ${formatNumber(value)} is not ${boundText(bound)}`];
}

function boundText({ op, value }: Condition): string {
  return `${op} ${formatNumber(value)}`;
}
