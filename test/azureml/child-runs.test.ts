import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  downloadAsset,
  getJob,
  jobLogTail,
  jobMetrics,
  jobModel,
  prepareJob,
  putJob,
  workingRun,
} from '../../src/azureml/index.js';
import type { AzureMl, PreparedJob } from '../../src/azureml/index.js';
import { file, project, setUp, startAzure } from './support/workspace.js';
import type { TestAzure } from './support/workspace.js';

let azure: TestAzure;
let ml: AzureMl;
beforeAll(async () => {
  azure = await startAzure();
  ml = azure.connect('dev');
  await setUp(ml);
});
afterAll(() => azure.stop());

const options = { displayName: 'train', experiment: 'tests', tags: {}, properties: {} };

/** Prepares and runs a job to its end. */
async function run(name: string): Promise<{ readonly job: string; readonly prepared: PreparedJob }> {
  const prepared = await prepareJob(ml, project, file(name), options);
  const job = `${name}-${prepared.requestHash.slice(0, 10)}`;
  await putJob(ml, job, prepared.body);
  for (;;) {
    const found = await getJob(ml, job);
    if (found?.final === true) {
      expect(found.status, found.error ?? (await jobLogTail(ml, job, 20))).toBe('Completed');
      return { job, prepared };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function modelText(job: string): Promise<string> {
  const model = await jobModel(ml, job, 'outputs.model');
  expect(model?.type).toBe('custom_model');
  const dir = await mkdtemp(join(tmpdir(), 'model-'));
  await downloadAsset(ml, model?.path ?? '', dir);
  return readFile(join(dir, 'model.txt'), 'utf8');
}

describe('jobs that make other runs', () => {
  it('measures the step of a pipeline that metrics_from names, and finds the pipeline’s model', async () => {
    const { job, prepared } = await run('pipeline');
    expect(prepared.data).toEqual({ rows: 'rows:1' });
    const evaluate = await workingRun(ml, job, 'jobs.evaluate');
    expect(evaluate).not.toBe(job);
    expect(await jobMetrics(ml, evaluate)).toEqual({ accuracy: 0.4 });
    expect(await modelText(job)).toBe('40');
    await expect(workingRun(ml, job, 'jobs.nothing')).rejects.toThrow(
      /has no step nothing; its steps are: .*evaluate/,
    );
  });

  it('measures the best trial of a sweep, and takes its model', async () => {
    const { job } = await run('sweep');
    const best = await workingRun(ml, job);
    expect(best).not.toBe(job);
    expect(await jobMetrics(ml, best)).toEqual({ accuracy: 0.3 });
    expect(await modelText(best)).toBe('3');
  });

  it('prepares the same pipeline to the same hash, whatever the workspace calls its code', async () => {
    const [first, second] = [
      await prepareJob(ml, project, file('pipeline'), options),
      await prepareJob(azure.connect('dev'), project, file('pipeline'), { ...options, displayName: 'x' }),
    ];
    expect(second.requestHash).toBe(first.requestHash);
    const other = await prepareJob(
      ml,
      project,
      file('pipeline', { 'jobs.evaluate.command': 'python score.py ${{inputs.model}} again' }),
      options,
    );
    expect(other.requestHash).not.toBe(first.requestHash);
    expect(other.codeHash).toBe(first.codeHash);
  });
});
