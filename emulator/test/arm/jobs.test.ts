import { afterAll, beforeAll, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;

beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
  await test.arm('PUT', `${W}/environments/e/versions/1`, {
    properties: { image: 'python:3', condaFile: 'dependencies: [pip]' },
  });
});
afterAll(() => test.stop());

const job = (properties: Record<string, unknown> = {}) => ({
  properties: {
    jobType: 'Command',
    command: 'true',
    environmentId: `${W}/environments/e/versions/1`,
    ...properties,
  },
});

it('submits a name once: the same body again is the same job, and may change its tags', async () => {
  const first = await test.arm(
    'PUT',
    `${W}/jobs/once`,
    job({ limits: { jobLimitsType: 'Command', timeout: 'PT1H' } }),
  );
  expect(first.status).toBe(201);
  expect(first.body.properties).toMatchObject({
    experimentName: 'Default',
    services: { Studio: { jobServiceType: 'Studio' } },
  });
  const again = await test.arm(
    'PUT',
    `${W}/jobs/once`,
    job({ limits: { jobLimitsType: 'Command', timeout: 'PT1H' }, tags: { a: 'b' } }),
  );
  expect(again.status).toBe(200);
  expect(again.body.properties['tags']).toEqual({ a: 'b' });
  const roundTrip = await test.arm('PUT', `${W}/jobs/once`, { properties: again.body.properties });
  expect(roundTrip.status).toBe(200);
});

it('refuses another command under the same name', async () => {
  await test.arm('PUT', `${W}/jobs/spent`, job());
  const answer = await test.arm('PUT', `${W}/jobs/spent`, job({ command: 'false' }));
  expect([answer.status, answer.body['error']]).toMatchObject([
    400,
    {
      code: 'UserError',
      message: expect.stringContaining('already exists') as string,
      details: [{ code: 'JobPropertyImmutable', target: 'command' }],
    },
  ]);
});

it.each([
  ['no command', { command: undefined }, /command field is required/],
  [
    'an environment that does not exist',
    { environmentId: `${W}/environments/none/versions/1` },
    /environments/,
  ],
  ['code that does not exist', { codeId: `${W}/codes/none/versions/1` }, /codes/],
  ['a compute that does not exist', { computeId: `${W}/computes/none` }, /Unknown compute target 'none'/],
  ['a type that does not exist', { jobType: 'Cooking' }, /Cooking/],
  ['an input without its uri', { inputs: { x: { jobInputType: 'uri_file' } } }, /needs the field uri/],
  ['a timeout that is no duration', { limits: { timeout: '1h' } }, /ISO 8601/],
])('refuses %s', async (_, properties, message) => {
  const answer = await test.arm('PUT', `${W}/jobs/bad`, job(properties));
  expect([answer.status, answer.body['error']]).toMatchObject([
    400,
    { code: 'UserError', message: expect.stringMatching(message) as string },
  ]);
  expect((await test.arm('GET', `${W}/jobs/bad`)).status).toBe(404);
});

it('lists by type and by tag', async () => {
  await test.arm('PUT', `${W}/jobs/tagged`, job({ tags: { commit: 'c1' } }));
  const found = await test.arm('GET', `${W}/jobs?tag=commit=c1&jobType=Command`);
  expect(found.body.value.map(({ name }) => name)).toEqual(['tagged']);
  expect((await test.arm('GET', `${W}/jobs?tag=commit&jobType=Sweep`)).body.value).toEqual([]);
  await test.arm('PUT', `${W}/jobs/tagged`, job({ tags: { commit: 'c1' }, isArchived: true }));
  expect((await test.arm('GET', `${W}/jobs?tag=commit`)).body.value).toEqual([]);
  expect((await test.arm('GET', `${W}/jobs?tag=commit&listViewType=ArchivedOnly`)).body.value).toHaveLength(
    1,
  );
});

it('cancels with 202 and a Location that ends when the job has', async () => {
  await test.arm('PUT', `${W}/jobs/long`, job({ command: 'sleep 600' }));
  const cancel = await test.arm('POST', `${W}/jobs/long/cancel`);
  expect(cancel.status).toBe(202);
  expect((await test.settle(cancel)).status).toBe(200);
  expect((await test.arm('GET', `${W}/jobs/long`)).body.properties['status']).toBe('Canceled');
  expect((await test.arm('POST', `${W}/jobs/long/cancel`)).status).toBe(200);
});
