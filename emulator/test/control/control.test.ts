import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;

beforeAll(async () => {
  test = await startTestEmulator({ httpsPort: 0 });
  await makeWorkspace(test);
});
afterAll(() => test.stop());

it('logs every request with its status and the body of a PUT, without secrets', async () => {
  const before = await test.control('GET', '/requests');
  const last = before.body.value.at(-1)?.['seq'];
  await test.arm('PUT', `${W}/datastores/mine`, {
    properties: {
      datastoreType: 'AzureBlob',
      accountName: 'a',
      containerName: 'mine',
      credentials: {
        credentialsType: 'AccountKey',
        secrets: { secretsType: 'AccountKey', key: 'very-secret' },
      },
    },
  });
  await test.arm('GET', `${W}/datastores/mine`);
  const { body } = await test.control('GET', `/requests?since=${String(last)}`);
  expect(body.value.map(({ method, path, status }) => [method, path, status])).toEqual([
    ['PUT', `${W}/datastores/mine`, 201],
    ['GET', `${W}/datastores/mine`, 200],
  ]);
  expect(body.value[0]).toMatchObject({ body: { properties: { containerName: 'mine' } } });
  expect(JSON.stringify(body)).not.toContain('very-secret');
});

it('makes named requests fail as often as asked, with headers', async () => {
  const answer = {
    status: 429,
    code: 'TooManyRequests',
    message: 'slow down',
    headers: { 'Retry-After': '7' },
  };
  await test.control('POST', '/faults', { match: { method: 'GET', path: '/datastores/' }, times: 2, answer });
  for (let strike = 0; strike < 2; strike += 1) {
    const struck = await test.arm('GET', `${W}/datastores/workspaceblobstore`);
    expect([struck.status, struck.headers.get('retry-after'), struck.body['error']]).toEqual([
      429,
      '7',
      { code: 'TooManyRequests', message: 'slow down' },
    ]);
  }
  expect((await test.arm('GET', `${W}/datastores/workspaceblobstore`)).status).toBe(200);
  expect((await test.control('GET', '/faults')).body.value).toEqual([]);
});

it('hangs up when asked', async () => {
  await test.control('POST', '/faults', { match: { path: '/computes' }, answer: 'hangup' });
  await expect(test.arm('GET', `${W}/computes`)).rejects.toThrow(/fetch failed/);
  expect((await test.arm('GET', `${W}/computes`)).status).toBe(200);
});

it('forgets faults on DELETE', async () => {
  await test.control('POST', '/faults', {
    match: { path: '.' },
    times: 100,
    answer: { status: 500, code: 'X' },
  });
  expect((await test.control('DELETE', '/faults')).status).toBe(204);
  expect((await test.arm('GET', W)).status).toBe(200);
});

it.each([
  ['/faults', { match: {}, answer: 'hangup' }, /path or operation/],
  ['/faults', { match: { path: 'x' }, answer: 'explode' }, /answer/],
  ['/quota', { cores: 1 }, /instanceType/],
])('refuses a broken order to %s', async (path, order, message) => {
  const { status, body } = await test.control('POST', path, order);
  expect([status, body['error']]).toMatchObject([
    400,
    { code: 'InvalidRequestContent', message: expect.stringMatching(message) as string },
  ]);
});

it('tells clients about the cloud, and gives them tokens they can read', async () => {
  const [cloud] = (await (await fetch(`${test.url}/metadata/endpoints?api-version=2019-05-01`)).json()) as {
    resourceManager: string;
  }[];
  expect(cloud?.resourceManager).toBe(test.url);
  const resource = 'https://ml.azure.com';
  const given = (await (
    await fetch(`${test.url}/msi/token?api-version=2019-08-01&resource=${resource}`)
  ).json()) as { access_token: string };
  const claims = JSON.parse(Buffer.from(given.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    aud: string;
  };
  expect(claims.aud).toBe(resource);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'https://management.azure.com/.default',
  });
  const byPassword = await fetch(`${test.url}/some-tenant/oauth2/v2.0/token`, { method: 'POST', body: form });
  expect(await byPassword.json()).toMatchObject({ token_type: 'Bearer' });
});

it('serves the same over https with an authority of its own', async () => {
  const { httpsUrl = '', caPath = '' } = test.emulator;
  const { request } = await import('node:https');
  const ca = await readFile(caPath, 'utf8');
  const location = await new Promise<string | undefined>((resolve, reject) => {
    const url = `${httpsUrl}${W}/onlineEndpoints/tls?api-version=2024-04-01`;
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
    request(url, { method: 'PUT', ca, headers }, (answer) => {
      answer.resume();
      resolve(answer.headers['azure-asyncoperation'] as string | undefined);
    })
      .on('error', reject)
      .end(JSON.stringify({ location: 'westeurope', properties: { authMode: 'Key' } }));
  });
  expect(location).toMatch(new RegExp(`^${httpsUrl}/`));
});
