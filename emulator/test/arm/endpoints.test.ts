import { afterAll, beforeAll, expect, it } from 'vitest';
import { GROUP, W, makeWorkspace, mlClient, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
const E = `${W}/onlineEndpoints`;
const body = (properties: Record<string, unknown> = {}) => ({
  location: 'westeurope',
  properties: { authMode: 'Key', ...properties },
});
const deployment = (properties: Record<string, unknown> = {}, capacity = 1) => ({
  location: 'westeurope',
  sku: { name: 'Default', capacity },
  properties: {
    endpointComputeType: 'Managed',
    instanceType: 'Standard_DS3_v2',
    model: `${W}/models/m/versions/1`,
    ...properties,
  },
});

beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
  await test.arm('PUT', `${W}/models/m/versions/1`, {
    properties: { modelUri: 'azureml://datastores/workspaceblobstore/paths/none' },
  });
});
afterAll(() => test.stop());

it('makes an endpoint as Azure does: 201, an operation to poll, keys and a scoring address', async () => {
  const put = await test.arm('PUT', `${E}/first`, body());
  expect(put.status).toBe(201);
  expect(put.body.properties['provisioningState']).toBe('Creating');
  expect(put.headers.get('x-ms-async-operation-timeout')).toMatch(/^PT/);
  expect(put.headers.get('azure-asyncoperation')).toMatch(
    /locations\/westeurope\/mfeOperationsStatus\/oeidp:[\w-]+:[\w-]+\?api-version=2024-04-01$/,
  );
  expect((await test.settle(put)).body['status']).toBe('Succeeded');
  const client = mlClient(test.url);
  const made = await client.onlineEndpoints.get(GROUP, 'ws1', 'first');
  expect(made.properties.provisioningState).toBe('Succeeded');
  expect(made.properties.scoringUri).toMatch(/\/first\/score$/);
  const keys = await client.onlineEndpoints.listKeys(GROUP, 'ws1', 'first');
  expect(keys.primaryKey).not.toBe(keys.secondaryKey);
  await client.onlineEndpoints.beginRegenerateKeysAndWait(GROUP, 'ws1', 'first', { keyType: 'Primary' });
  const renewed = await client.onlineEndpoints.listKeys(GROUP, 'ws1', 'first');
  expect(renewed.secondaryKey).toBe(keys.secondaryKey);
  expect(renewed.primaryKey).not.toBe(keys.primaryKey);
});

it("lets Microsoft's client delete by Location", async () => {
  await test.settle(await test.arm('PUT', `${E}/passing`, body()));
  await test.control('POST', '/faults', { match: { operation: 'endpoint.delete' }, answer: 'hang' });
  const removal = await test.arm('DELETE', `${E}/passing`);
  expect(removal.status).toBe(202);
  expect(removal.headers.get('retry-after')).toBe('1');
  const conflict = await test.arm('PUT', `${E}/passing`, body());
  expect([conflict.status, conflict.body['error']]).toMatchObject([
    409,
    { message: expect.stringContaining('Deleting provisioning state') as string },
  ]);
  await test.control('DELETE', '/faults');
  await test.settle(removal);
  await mlClient(test.url).onlineEndpoints.beginDeleteAndWait(GROUP, 'ws1', 'passing', {
    updateIntervalInMs: 20,
  });
  expect((await test.arm('GET', `${E}/passing`)).status).toBe(404);
});

it.each([
  ['a name that is too short', 'ab', body(), /at least 3/],
  ['a name that ends with a dash', 'abc-', body(), /must match/],
  ['an unknown auth mode', 'abc', body({ authMode: 'Magic' }), /Key, AMLToken, AADToken/],
  ['traffic that does not sum to 100', 'abc', body({ traffic: { blue: 50 } }), /0 or 100, found 50/],
  [
    'traffic for what does not exist',
    'abc',
    body({ traffic: { blue: 100 } }),
    /'blue', which does not exist/,
  ],
  ['traffic of a wrong type', 'abc', body({ traffic: { blue: '100' } }), /whole number/],
])('refuses %s', async (_, name, endpoint, message) => {
  const answer = await test.arm('PUT', `${E}/${name}`, endpoint);
  expect([answer.status, answer.body['error']]).toMatchObject([
    400,
    { code: 'UserError', message: expect.stringMatching(message) as string },
  ]);
});

it("takes an endpoint's name once a region", async () => {
  const other = W.replace(/ws1$/, 'ws2');
  await test.settle(await test.arm('PUT', other, { location: 'westeurope', properties: {} }));
  await test.settle(await test.arm('PUT', `${E}/taken`, body()));
  const answer = await test.arm('PUT', `${other}/onlineEndpoints/taken`, body());
  expect([answer.status, answer.body['error']]).toMatchObject([
    409,
    { message: expect.stringContaining('already an endpoint with this name') as string },
  ]);
});

it('refuses a deployment over the quota, and takes it when the quota has grown', async () => {
  await test.settle(await test.arm('PUT', `${E}/quota`, body()));
  await test.control('POST', '/quota', { instanceType: 'Standard_DS3_v2', cores: 7 });
  const refused = await test.arm('PUT', `${E}/quota/deployments/blue`, deployment({}, 2));
  expect([refused.status, refused.body['error']]).toMatchObject([
    400,
    { code: 'OutOfQuota', message: expect.stringContaining('0/7') as string },
  ]);
  expect((await test.arm('GET', `${E}/quota/deployments/blue`)).status).toBe(404);
  await test.control('POST', '/quota', { instanceType: 'Standard_DS3_v2', cores: 8 });
  expect((await test.arm('PUT', `${E}/quota/deployments/blue`, deployment({}, 2))).status).toBe(201);
  await test.control('POST', '/quota', { instanceType: 'Standard_DS3_v2' });
});

it('ends a deployment that cannot start as Failed, with the reason in the operation', async () => {
  await test.settle(await test.arm('PUT', `${E}/broken`, body()));
  await test.control('POST', '/faults', {
    match: { operation: 'deployment.start' },
    answer: { status: 400, code: 'ResourceNotReady', message: 'probe failed' },
  });
  const put = await test.arm('PUT', `${E}/broken/deployments/blue`, deployment());
  expect(put.headers.get('azure-asyncoperation')).toContain('odidp:');
  const ended = await test.settle(put);
  expect(ended.body).toMatchObject({
    status: 'Failed',
    error: { code: 'ResourceNotReady', message: 'probe failed' },
  });
  const { body: failed } = await test.arm('GET', `${E}/broken/deployments/blue`);
  expect(failed.properties['provisioningState']).toBe('Failed');
  const traffic = await test.arm('PUT', `${E}/broken`, body({ traffic: { blue: 100 } }));
  expect(traffic.status).toBe(400);
  await test.settle(await test.arm('DELETE', `${E}/broken/deployments/blue`));
  expect((await test.arm('GET', `${E}/broken/deployments/blue`)).status).toBe(404);
});

it.each([
  ['a model that is not registered', deployment({ model: `${W}/models/none/versions/1` }), /models\/none/],
  ['no instance type', deployment({ instanceType: undefined }), /instanceType/],
  ['no instances', deployment({}, 0), /capacity/],
  [
    'target utilisation on managed compute',
    deployment({ scaleSettings: { scaleType: 'TargetUtilization' } }),
    /DefaultScaleSettings only/,
  ],
])('refuses a deployment with %s', async (_, put, message) => {
  await test.settle(await test.arm('PUT', `${E}/strict`, body()));
  const answer = await test.arm('PUT', `${E}/strict/deployments/blue`, put);
  expect([answer.status, answer.body['error']]).toMatchObject([
    400,
    { message: expect.stringMatching(message) as string },
  ]);
});

it('goes on with an operation that a restart interrupted, under the same address', async () => {
  const slow = await startTestEmulator({ lroDelayMs: 1500 });
  try {
    await makeWorkspace(slow);
    const put = await slow.arm('PUT', `${E}/durable`, body());
    await slow.restart();
    expect((await slow.arm('GET', `${E}/durable`)).body.properties['provisioningState']).toBe('Creating');
    expect((await slow.settle(put)).body['status']).toBe('Succeeded');
    expect((await slow.arm('GET', `${E}/durable`)).body.properties['provisioningState']).toBe('Succeeded');
  } finally {
    await slow.stop();
  }
});
