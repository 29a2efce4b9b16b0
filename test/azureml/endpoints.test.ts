import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  beginDeleteDeployment,
  beginDeleteEndpoint,
  beginPutDeployment,
  beginPutEndpoint,
  beginPutTraffic,
  deploymentLogs,
  downloadCollected,
  ensureDiagnostics,
  getDeployment,
  getEndpoint,
  getJob,
  jobModel,
  listDeployments,
  lookAtOperation,
  prepareDeployment,
  prepareEndpoint,
  prepareJob,
  putJob,
  registerModel,
  requestStats,
  score,
  waitForOperation,
} from '../../src/azureml/index.js';
import type { AzureMl, ModelView, OperationHandle } from '../../src/azureml/index.js';
import { file, project, setUp, startAzure } from './support/workspace.js';
import type { TestAzure } from './support/workspace.js';

let azure: TestAzure;
let ml: AzureMl;
let model: ModelView;
const pace = { pauseMs: 100 };
const rows = JSON.stringify({ input_data: { columns: ['a', 'b'], index: [0], data: [[39, 4]] } });

beforeAll(async () => {
  azure = await startAzure();
  ml = azure.connect('dev');
  await setUp(ml);
  model = await trainedModel();
});
afterAll(() => azure.stop());

async function trainedModel(): Promise<ModelView> {
  const about = { displayName: 'train', experiment: 'tests', tags: {}, properties: {} };
  const { body } = await prepareJob(ml, project, file('train'), about);
  await putJob(ml, 'train', body);
  while ((await getJob(ml, 'train'))?.final !== true)
    await new Promise((resolve) => setTimeout(resolve, 200));
  const found = await jobModel(ml, 'train', 'model');
  if (found === undefined) throw new Error('the test job left no model');
  return registerModel(ml, { name: 'sorting', version: '1', ...found, tags: {} });
}

const options = () => ({ endpoint: 'sorting', model, tags: { release: 'r1' } });

async function serve(weight: number): Promise<string> {
  const ref = file('deployment', { 'environment_variables.WEIGHT': String(weight) });
  const { name, body } = await prepareDeployment(ml, project, ref, options());
  await waitForOperation(ml, await beginPutDeployment(ml, 'sorting', name, body), pace);
  return name;
}

it('carries a model to an endpoint, shifts traffic and nothing else, and reads what was asked of it', async () => {
  const endpoint = await prepareEndpoint(ml, project, file('endpoint'));
  await waitForOperation(ml, await beginPutEndpoint(ml, endpoint.name, endpoint.body), pace);
  const first = await prepareDeployment(ml, project, file('deployment'), options());
  expect(first).toMatchObject({ instanceType: 'Standard_DS3_v2', instanceCount: 1 });
  expect(first.name).toMatch(/^d-[0-9a-f]{10}$/);
  const again = await prepareDeployment(azure.connect('dev'), project, file('deployment'), {
    ...options(),
    tags: {},
  });
  expect(again.name).toBe(first.name);

  // Another worker, which knows only the handle as JSON, sees the operation through.
  const handle = JSON.stringify(await beginPutDeployment(ml, 'sorting', first.name, first.body));
  const other = azure.connect('dev');
  await waitForOperation(other, JSON.parse(handle) as OperationHandle, pace);
  expect(await lookAtOperation(other, JSON.parse(handle) as OperationHandle)).toEqual({ state: 'succeeded' });
  const made = await getDeployment(ml, 'sorting', first.name);
  // ARM ids are compared without case.
  expect(made?.model?.toLowerCase()).toBe(model.id.toLowerCase());
  expect(made).toMatchObject({
    provisioningState: 'Succeeded',
    instanceCount: 1,
    tags: { release: 'r1' },
  });

  await ensureDiagnostics(ml, `${ml.id}/onlineEndpoints/sorting`);
  await ensureDiagnostics(ml, `${ml.id}/onlineEndpoints/sorting`);
  expect(await score(ml, 'sorting', rows, { timeoutMs: 20_000 })).toMatchObject({ status: 404 });
  const tested = await score(ml, 'sorting', rows, { deployment: first.name, timeoutMs: 20_000 });
  expect(tested).toMatchObject({ status: 200, body: '[1]' });

  const second = await serve(2);
  expect(second).not.toBe(first.name);
  await shift({ [first.name]: 100 }, {}, { [first.name]: 100 });
  await shift({ [first.name]: 100 }, { [second]: 10 }, { [first.name]: 100 }, { [second]: 10 });
  await shift({ [first.name]: 90, [second]: 10 }, {}, { [first.name]: 90, [second]: 10 });
  expect(await beginPutTraffic(ml, 'sorting', { [second]: 10, [first.name]: 90 }, {})).toBeUndefined();
  await shift({ [second]: 100, [first.name]: 0 }, {}, { [second]: 100 });

  const from = Date.now() - 60_000;
  for (let asked = 0; asked < 3; asked += 1) {
    expect((await score(ml, 'sorting', rows, { timeoutMs: 20_000 })).status).toBe(200);
  }
  await score(ml, 'sorting', '{"input_data": "nonsense"}', { deployment: second, timeoutMs: 20_000 });
  const stats = await requestStats(ml, {
    endpoint: 'sorting',
    deployment: second,
    fromMs: from,
    toMs: Date.now() + 1000,
  });
  expect(stats.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(stats.filter(({ status }) => status >= 400)).toHaveLength(1);
  expect(stats.every(({ at, durationMs }) => at >= from && durationMs >= 0)).toBe(true);
  expect((await listDeployments(ml, 'sorting')).map(({ name }) => name).sort()).toEqual(
    [first.name, second].sort(),
  );
  expect(await deploymentLogs(ml, 'sorting', second, 20)).not.toBe('');

  const window = {
    endpoint: 'sorting',
    collection: 'model_inputs',
    fromMs: from - 3_600_000,
    toMs: Date.now() + 3_600_000,
  };
  await expect.poll(async () => (await collected(window)).length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(
    await downloadCollected(
      ml,
      { ...window, fromMs: 0, toMs: 3_600_000 },
      await mkdtemp(join(tmpdir(), 'none-')),
    ),
  ).toEqual([]);

  await expect(remove(second)).rejects.toMatchObject({ status: expect.any(Number) as number });
  await remove(first.name);
  expect(await remove(first.name)).toBeUndefined();
  await waitForOperation(ml, await beginDeleteEndpoint(ml, 'sorting'), pace);
  expect(await getEndpoint(ml, 'sorting')).toBeUndefined();
  expect(await listDeployments(ml, 'sorting')).toEqual([]);
});

async function shift(
  traffic: Record<string, number>,
  mirror: Record<string, number>,
  wanted: Record<string, number>,
  mirrored: Record<string, number> = {},
): Promise<void> {
  const before = await getEndpoint(ml, 'sorting');
  await waitForOperation(ml, await beginPutTraffic(ml, 'sorting', traffic, mirror), pace);
  const after = await getEndpoint(ml, 'sorting');
  expect(after).toMatchObject({ traffic: wanted, mirrorTraffic: mirrored });
  const rest = (view: typeof before) => {
    const { properties, identity, location, tags, kind } = view?.raw as Record<string, object>;
    const { principalId, type } = identity as Record<string, unknown>;
    return { location, tags, kind, principalId, type, ...properties, traffic: null, mirrorTraffic: null };
  };
  expect(rest(after)).toEqual(rest(before));
}

async function remove(name: string): Promise<OperationHandle | undefined> {
  const handle = await beginDeleteDeployment(ml, 'sorting', name);
  await waitForOperation(ml, handle, pace);
  return handle;
}

async function collected(window: Parameters<typeof downloadCollected>[1]): Promise<unknown[]> {
  const paths = await downloadCollected(ml, window, await mkdtemp(join(tmpdir(), 'collected-')));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return texts.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line) as unknown);
}

it('tells the whole reason of a deployment that failed', async () => {
  const endpoint = await prepareEndpoint(ml, project, file('endpoint', { name: 'failing' }));
  await waitForOperation(ml, await beginPutEndpoint(ml, 'failing', endpoint.body), pace);
  await azure.fault(
    { operation: 'deployment.start' },
    { status: 400, code: 'OutOfQuota', message: 'Not enough quota for Standard_DS3_v2.' },
  );
  const { name, body } = await prepareDeployment(ml, project, file('deployment'), {
    ...options(),
    endpoint: 'failing',
  });
  const handle = await beginPutDeployment(ml, 'failing', name, body);
  const error: unknown = await waitForOperation(ml, handle, pace).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'AzureError', message: 'Not enough quota for Standard_DS3_v2.' });
  expect((error as { codes: string[] }).codes).toContain('OutOfQuota');
});
