import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
let home: string;
beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
  const answer = await fetch(`${test.url}/runs/x?wsid=${W}`, { redirect: 'manual' });
  home = (answer.headers.get('location') ?? '').replace('/jobs/x', '');
});
afterAll(() => test.stop());

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** As a browser would ask that was led here under another name. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request(`${test.url}${path}`, { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil', '10.0.0.7'])(
  'does not answer under the name %s',
  async (host) => {
    for (const path of ['/studio', '/studio/-/live', '/studio/-/assets/studio.js', '/runs/x'])
      expect(await ask(path, { host })).toMatchObject({ status: 403 });
  },
);

it.each(['localhost', '127.0.0.1:80', '127.0.0.2', '[::1]:9', 'azureml.localhost'])(
  'answers under the name %s',
  async (host) => {
    expect(await ask('/studio', { host })).toMatchObject({ status: 200 });
  },
);

it('lets no other site cancel a job', async () => {
  const own = new URL(test.url).host;
  const cancel = `${home}/jobs/none/cancel`;
  for (const headers of [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    {},
  ])
    expect(await ask(cancel, { host: own, ...headers }, 'POST')).toMatchObject({ status: 403 });
  // From the page itself it gets as far as the job, which does not exist.
  const answer = await ask(cancel, { host: own, origin: test.url }, 'POST');
  expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('none')]);
});

it('forbids in every page what it does not need', async () => {
  const { headers } = await ask(home);
  expect(headers['content-security-policy']).toMatch(
    /default-src 'none'; script-src 'self' 'sha256-[\w+/=]+'; style-src 'self'/,
  );
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
});

it.each([
  '/studio/a',
  '/studio/a/b/c',
  '/studio/%E0%A4%A',
  '/studio/-/assets/passwd',
  '/studio/-/assets/__proto__',
  'HOME/jobs/none',
  'HOME/jobs/none/more',
  'HOME/models/none',
  'HOME/models/none/1',
  'HOME/endpoints/none',
  'HOME/endpoints/none/log/blue',
  'HOME/batch/none',
  'HOME/schedules/none',
  'HOME/teapots',
  'HOME/constructor',
  'HOME/jobs/none/files/a.txt',
])('answers 404 to %s', async (path) => {
  expect((await ask(path.replace('HOME', home))).status).toBeGreaterThanOrEqual(400);
  expect((await ask(path.replace('HOME', home))).status).toBeLessThan(500);
});

it('says on a page what is not there, and where to look', async () => {
  const { status, text } = await ask(`${home}/jobs/none`);
  expect(status).toBe(404);
  expect(text).toContain('Nothing is here');
  expect(text).toContain(`href="${home}/jobs"`);
});

it('leaves no folder by a path', async () => {
  for (const path of ['..%2f..%2fstate.lmdb', '%2e%2e/x', 'a/..%2f..%2fx'])
    expect((await ask(`${home}/jobs/j/files/${path}`)).status).toBeGreaterThanOrEqual(400);
});

it('is not among the calls, and no fault strikes it', async () => {
  await test.control('POST', '/faults', {
    match: { path: '/studio' },
    answer: { status: 503, code: 'X', message: 'x' },
  });
  expect(await ask('/studio')).toMatchObject({ status: 200 });
  const { body } = await test.control('GET', '/requests?path=/studio');
  expect(body.value).toEqual([]);
  // The data service's own addresses begin as studio's do.
  const resolve = `/data/v1.0${W}/dataversion/batchGetResolvedUris`;
  await fetch(`${test.url}${resolve}`, { method: 'POST' });
  const { body: calls } = await test.control('GET', '/requests?path=/data/v1.0');
  expect(calls.value).toHaveLength(1);
  await test.control('DELETE', '/faults');
});

it('leads from the address that a job tells to its page', async () => {
  const environmentId = `${W}/environments/plain/versions/1`;
  await test.arm('PUT', environmentId, { properties: { image: 'python' } });
  await test.arm('PUT', `${W}/jobs/told`, {
    properties: { jobType: 'Command', command: 'true', environmentId },
  });
  const { body } = await test.arm('GET', `${W}/jobs/told`);
  const { Studio } = body.properties['services'] as { Studio: { endpoint: string } };
  const answer = await fetch(Studio.endpoint);
  expect([answer.status, new URL(answer.url).pathname]).toEqual([200, `${home}/jobs/told`]);
});

it('shows a run that was tracked without a job', async () => {
  const tracking = `${test.url}/mlflow/v2.0${W}/api/2.0/mlflow`;
  const post = async (path: string, body: object) =>
    (await (
      await fetch(`${tracking}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json()) as { run: { info: { run_id: string } } };
  const { run } = await post('runs/create', { run_name: 'from a notebook' });
  await post('runs/log-metric', {
    run_id: run.info.run_id,
    key: 'rmse',
    value: 'NaN',
    timestamp: 1,
    step: 0,
  });
  expect((await ask(`${home}/jobs`)).text).toContain('from a notebook');
  const page = await ask(`${home}/jobs/${run.info.run_id}`);
  expect([page.status, page.text]).toEqual([200, expect.stringMatching(/rmse.*no number/s)]);
});
