import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AzureError,
  cancelJob,
  downloadAsset,
  ensureModelCopy,
  findModel,
  getJob,
  jobDataOutputs,
  jobLogTail,
  jobMetrics,
  jobModel,
  listModels,
  prepareJob,
  putJob,
  readRecord,
  registerModel,
  SpecError,
  writeRecord,
} from '../../src/azureml/index.js';
import type { AzureMl, JobView } from '../../src/azureml/index.js';
import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const options = {
  displayName: 'train',
  experiment: 'tests',
  tags: { commit: 'c1' },
  properties: { by: 'test' },
};

async function finished(name: string): Promise<JobView> {
  for (;;) {
    const job = await getJob(ml, name);
    if (job?.final === true) return job;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('jobs', () => {
  it('prepares the same work to the same hash, whoever asks and however it is called', async () => {
    const first = await prepareJob(ml, project, file('train'), options);
    const second = await prepareJob(azure.connect('dev'), project, file('train'), {
      ...options,
      displayName: 'again',
      tags: {},
    });
    const other = await prepareJob(ml, project, file('train', { 'inputs.strength': 0.5 }), options);
    expect(second.requestHash).toBe(first.requestHash);
    expect(other.requestHash).not.toBe(first.requestHash);
    expect(first.data).toEqual({ rows: 'rows:1' });
    expect(first.body['properties']).toMatchObject({
      tags: { origin: 'file', commit: 'c1' },
      inputs: { strength: { value: '1.0', jobInputType: 'literal' } },
    });
    const codes = (await azure.requests()).filter(
      ({ method, path }) => method === 'PUT' && path.includes('/codes/'),
    );
    expect(codes.length).toBe(1);
  });

  it('links a job to its commit, which makes it no other work', async () => {
    const git = { url: 'https://github.com/acme/models', branch: 'main', commit: 'c1', dirty: false };
    const [linked, plain] = await Promise.all([
      prepareJob(ml, project, file('train'), { ...options, git }),
      prepareJob(ml, project, file('train'), options),
    ]);
    expect(linked.requestHash).toBe(plain.requestHash);
    expect(linked.body['properties']).toMatchObject({
      properties: {
        'mlflow.source.git.repoURL': 'https://github.com/acme/models',
        'mlflow.source.git.branch': 'main',
        'mlflow.source.git.commit': 'c1',
        'azureml.git.dirty': 'False',
        by: 'test',
      },
    });
  });

  it('sends nothing of a job with mistakes, wherever they are', async () => {
    const before = (await azure.requests()).length;
    for (const set of [
      { 'inputs.strenght': 1, command: '${{inputs.nowhere}}' },
      { code: '../..' },
      { comand: 'x' },
    ]) {
      await expect(prepareJob(ml, project, file('train', set), options)).rejects.toThrow(SpecError);
    }
    expect((await azure.requests()).length).toBe(before);
  });

  it('submits once, runs, and tells metrics, log and model; the model is registered once', async () => {
    const { body, requestHash } = await prepareJob(ml, project, file('train'), options);
    const name = `train-${requestHash.slice(0, 12)}`;
    expect(await putJob(ml, name, body)).toBe('created');
    expect(await putJob(azure.connect('dev'), name, body)).toBe('exists');
    const job = await finished(name);
    expect(job, await jobLogTail(ml, name, 40)).toMatchObject({
      status: 'Completed',
      tags: { commit: 'c1' },
    });
    expect(job.seconds).toBeGreaterThan(0);
    expect((await jobMetrics(ml, name))['accuracy']).toBeGreaterThan(0.9);
    expect(await jobLogTail(ml, name, 1)).toBe('trained on 40 rows');
    expect(await jobDataOutputs(ml, name)).toEqual({});
    expect(await jobModel(ml, name, 'nothing/here')).toBeUndefined();

    const found = await jobModel(ml, name, 'model');
    if (found === undefined) throw new Error('no model');
    expect(found).toMatchObject({
      type: 'mlflow_model',
      path: `azureml://jobs/${name}/outputs/artifacts/paths/model/`,
    });
    expect(Object.keys(found.flavors ?? {})).toContain('sklearn');
    const made = { name: 'sorting', version: '1', ...found, job: name, tags: { commit: 'c1' } };
    const registered = await registerModel(ml, made);
    expect(await registerModel(ml, made)).toEqual(registered);
    await expect(
      registerModel(ml, { ...made, path: 'azureml://jobs/other/outputs/artifacts/paths/model/' }),
    ).rejects.toMatchObject({
      code: 'ModelVersionConflict',
      status: 409,
    });
    expect((await listModels(ml, 'sorting')).map(({ version }) => version)).toEqual(['1']);

    const dir = await mkdtemp(join(tmpdir(), 'download-'));
    await downloadAsset(ml, registered.id, dir);
    expect(await readdir(dir)).toContain('MLmodel');
    await expectCopy(found.hash);
  });

  async function expectCopy(hash: string): Promise<void> {
    const prod = azure.connect('prod');
    await setUp(prod, []);
    const ref = { name: 'sorting', version: '1', workspace: 'dev' };
    const copied = await ensureModelCopy(ml, prod, ref);
    expect(copied).toMatchObject({
      type: 'mlflow_model',
      tags: { commit: 'c1' },
      properties: { 'mlops.hash': hash },
    });
    const before = (await azure.requests()).length;
    expect(await ensureModelCopy(ml, azure.connect('prod'), ref)).toEqual(copied);
    const later = (await azure.requests()).slice(before);
    expect(later.filter(({ method }) => method === 'PUT')).toEqual([]);
    const dir = await mkdtemp(join(tmpdir(), 'download-'));
    await downloadAsset(prod, copied.id, dir);
    expect(await readFile(join(dir, 'MLmodel'), 'utf8')).toContain('sklearn');
    expect(await ensureModelCopy(ml, ml, ref)).toEqual(await findModel(ml, 'sorting', '1'));
  }

  it('cancels a running job, and leaves one that has ended', async () => {
    const { body } = await prepareJob(
      ml,
      project,
      file('train', { command: 'sleep 600', inputs: {} }),
      options,
    );
    await putJob(ml, 'sleeper', body);
    await cancelJob(ml, 'sleeper');
    expect((await finished('sleeper')).status).toBe('Canceled');
    await cancelJob(ml, 'sleeper');
    await cancelJob(ml, 'no-such-job');
    expect(await getJob(ml, 'no-such-job')).toBeUndefined();
  });
});

describe('errors', () => {
  it('carry code, innermost reason and the wait that Azure asks for', async () => {
    await azure.fault(
      { method: 'GET', path: '/jobs/throttled' },
      { status: 429, code: 'TooManyRequests', message: 'slow down', headers: { 'retry-after': '7' } },
      20,
    );
    const error = await getJob(ml, 'throttled').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AzureError);
    expect(error).toMatchObject({
      code: 'TooManyRequests',
      status: 429,
      message: 'slow down',
      retryAfterMs: 7000,
      operation: 'GET jobs/throttled',
    });
  });

  it('name what is missing', async () => {
    const wanted = file('train', { 'inputs.rows.path': 'azureml:nowhere@latest' });
    await expect(prepareJob(ml, project, wanted, options)).rejects.toMatchObject({
      status: 404,
      target: 'nowhere',
    });
  });
});

describe('records', () => {
  it('are read as they were written, and absent ones are undefined', async () => {
    await writeRecord(ml, 'mlops/p/c/evidence.json', { digest: 'abc' });
    expect(JSON.parse((await readRecord(ml, 'mlops/p/c/evidence.json')) ?? '')).toEqual({ digest: 'abc' });
    expect(await readRecord(ml, 'mlops/p/c/none.json')).toBeUndefined();
  });
});
