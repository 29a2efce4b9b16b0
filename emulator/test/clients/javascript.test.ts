import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientVariables } from '../../src/setup/variables.js';
import { GROUP, SUBSCRIPTION, W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

const script = fileURLToPath(new URL('javascript/client.mjs', import.meta.url));
let test: TestEmulator;

beforeAll(async () => {
  test = await startTestEmulator({ httpsPort: 0, lroDelayMs: 1500 });
  await makeWorkspace(test);
});
afterAll(() => test.stop());

/** Runs one step in a process of its own, which has nothing but the printed variables and trusts the printed authority. */
async function client<T>(step: string, given = ''): Promise<T> {
  const { url, httpsUrl = '', caPath = '' } = test.emulator;
  const env = { PATH: process.env['PATH'], ...clientVariables({ url, httpsUrl, caPath }) };
  const args = [script, step, httpsUrl, SUBSCRIPTION, GROUP, given];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 90_000 });
  return JSON.parse(stdout) as T;
}

it('deploys a template by arm-resources and finds its workspace by arm-machinelearning', async () => {
  expect(await client('template', 'from-template')).toMatchObject({
    group: GROUP,
    outputs: { made: { value: 'from-template' } },
    location: 'westeurope',
  });
});

it('keeps assets and answers what is missing as Azure does', async () => {
  expect(await client('assets')).toMatchObject({
    versions: ['1'],
    missing: { status: 404, code: 'UserError', message: expect.stringContaining('js') as string },
  });
});

it('stores blobs by the key of the default datastore', async () => {
  const answer = await client('blob', test.emulator.blobUrl);
  expect(answer).toEqual({ names: ['from/javascript.txt'], text: 'hello' });
});

it('goes on with an operation after client and emulator have both been restarted, without a second PUT', async () => {
  const puts = async () => {
    const { body } = await test.control('GET', '/requests?method=PUT&path=onlineEndpoints/resumed');
    return body.value.length;
  };
  const { state, isDone } = await client<{ state: string; isDone: boolean }>('begin');
  expect(isDone).toBe(false);
  expect(await puts()).toBe(1);
  await test.restart();
  expect(await client('resume', state)).toEqual({ name: 'resumed', state: 'Succeeded' });
  expect((await test.arm('GET', `${W}/onlineEndpoints/resumed`)).body.properties['provisioningState']).toBe(
    'Succeeded',
  );
  expect(await puts()).toBe(0);
});

it('tells why an operation failed', async () => {
  await test.control('POST', '/faults', {
    match: { operation: 'endpoint.put' },
    answer: { failure: 'OutOfCapacity' },
  });
  const { message } = await client<{ message: string }>('fail');
  expect(message).toMatch(/^The long-running operation has failed\. OutOfCapacity\./);
});
