import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createBuckets } from '../../src/control/token-bucket.js';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
const data = (name: string) => `${W}/data/${name}/versions/1`;
const body = {
  properties: { dataType: 'uri_file', dataUri: 'azureml://datastores/workspaceblobstore/paths/a' },
};

beforeAll(async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'faults-')), 'faults.yml');
  await writeFile(
    file,
    'faults: [{match: {path: /data/first/}, answer: {failure: InternalServerError}}]\nconditions: {clock: 60}\n',
  );
  test = await startTestEmulator({ faults: file });
  await makeWorkspace(test);
});
afterEach(async () => {
  await test.control('PUT', '/conditions', {});
  await test.control('DELETE', '/faults');
});
afterAll(() => test.stop());

it('begin with what a file says, and refuse a file with all its mistakes', async () => {
  expect((await test.control('GET', '/conditions')).body).toEqual({ clock: 60 });
  const struck = await test.arm('PUT', data('first'), body);
  expect([struck.status, struck.body['error']]).toMatchObject([400, { code: 'InternalServerError' }]);
  expect((await test.arm('PUT', data('first'), body)).status).toBe(201);
  const file = join(await mkdtemp(join(tmpdir(), 'faults-')), 'bad.json');
  await writeFile(file, '{"faults": [{"answer": "hangup"}], "conditions": {"clok": 2}}');
  const bad = startTestEmulator({ faults: file });
  await expect(bad).rejects.toThrow(/bad\.json[\s\S]*clok[\s\S]*match/);
});

it('lose an answer after the work was done, and cut one in half', async () => {
  await test.control('POST', '/faults', { match: { path: '/data/lost' }, answer: 'lost' });
  await expect(test.arm('PUT', data('lost'), body)).rejects.toThrow(/fetch failed/);
  expect((await test.arm('GET', data('lost'))).status).toBe(200);
  await test.control('POST', '/faults', { match: { path: '/data/lost' }, answer: 'cut' });
  await expect(test.arm('GET', data('lost'))).rejects.toThrow();
  expect((await test.arm('GET', data('lost'))).status).toBe(200);
});

it('let an operation hang until faults are cleared, or fail as Azure does', async () => {
  const compute = {
    location: 'westeurope',
    properties: { computeType: 'AmlCompute', properties: { vmSize: 'STANDARD_DS3_V2' } },
  };
  await test.control('POST', '/faults', { match: { operation: 'compute.put' }, answer: 'hang' });
  const begun = await test.arm('PUT', `${W}/computes/hangs`, compute);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await test.arm('GET', `${W}/computes/hangs`)).body.properties['provisioningState']).toBe(
    'Creating',
  );
  await test.control('DELETE', '/faults');
  expect((await test.settle(begun)).body['status']).toBe('Succeeded');
  await test.control('POST', '/faults', {
    match: { operation: 'compute.put' },
    answer: { failure: 'OutOfCapacity' },
  });
  const failed = await test.settle(await test.arm('PUT', `${W}/computes/scarce`, compute));
  expect(failed.body).toMatchObject({ status: 'Failed', error: { code: 'OutOfCapacity' } });
});

it('hide what is new for a while', async () => {
  await test.control('PUT', '/conditions', { missingMs: 500 });
  expect((await test.arm('PUT', data('new'), body)).status).toBe(201);
  const hidden = await test.arm('GET', data('new'));
  expect([hidden.status, hidden.body['error']]).toMatchObject([404, { code: 'ResourceNotFound' }]);
  for (let status = 404; status !== 200;) status = (await test.arm('GET', data('new'))).status;
});

it('throttle by subscription as Resource Manager does', async () => {
  await test.control('PUT', '/conditions', { throttle: { reads: { size: 2, perSecond: 0.5 } } });
  const answers = [];
  for (let at = 0; at < 3; at += 1) answers.push(await test.arm('GET', `${W}/computes`));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[0]?.headers.get('x-ms-ratelimit-remaining-subscription-reads')).toBe('1');
  expect(answers[2]?.headers.get('retry-after')).toBe('2');
  expect(answers[2]?.body['error']).toMatchObject({ code: 'SubscriptionRequestsThrottled' });
  expect((await test.arm('PUT', data('written'), body)).status).toBe(201);
});

it('fill buckets evenly', () => {
  let now = 0;
  const buckets = createBuckets(() => now);
  const size = { size: 2, perSecond: 1 };
  expect([
    buckets.take('a', size),
    buckets.take('a', size),
    buckets.take('a', size),
    buckets.take('b', size),
  ]).toMatchObject([
    { remaining: 1, waitSeconds: 0 },
    { remaining: 0, waitSeconds: 0 },
    { waitSeconds: 1 },
    { waitSeconds: 0 },
  ]);
  now = 1000;
  expect(buckets.take('a', size).waitSeconds).toBe(0);
  expect(buckets.take('a', size).waitSeconds).toBe(1);
});

it('find requests in the log by method, path and status', async () => {
  await test.arm('GET', `${W}/data/none/versions/9`);
  const { body: found } = await test.control('GET', '/requests?method=get&path=/none/&status=4xx');
  expect(found.value.map(({ path, status }) => [path, status])).toEqual([[`${W}/data/none/versions/9`, 404]]);
});

it('hold everybody to what a role grants, and list it as Resource Manager does', async () => {
  const listing = `${W}/providers/Microsoft.Authorization/permissions`;
  const everything = { actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [] };
  expect((await test.arm('GET', listing)).body).toEqual({ value: [everything] });
  const denied = 'microsoft.machinelearningservices/workspaces/*/write';
  await test.control('PUT', '/conditions', { permissions: { notActions: [denied] } });
  expect((await test.arm('GET', listing)).body).toMatchObject({ value: [{ notActions: [denied] }] });
  const refused = await test.arm('PUT', data('denied'), body);
  expect(refused.status).toBe(403);
  expect(refused.body['error']).toMatchObject({
    code: 'AuthorizationFailed',
    message: expect.stringContaining(
      "'Microsoft.MachineLearningServices/workspaces/data/versions/write' over scope",
    ) as string,
  });
  expect((await test.arm('GET', `${W}/data`)).status).toBe(200);
  await test.control('PUT', '/conditions', {
    permissions: { actions: ['Microsoft.MachineLearningServices/workspaces/read'] },
  });
  expect((await test.arm('GET', W)).status).toBe(200);
  expect((await test.arm('POST', `${W}/jobs/none/cancel`)).status).toBe(403);
});
