import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerArm } from '../../src/arm/index.js';
import { NOT_EMULATED } from '../../src/arm/not-emulated.js';
import { W, makeWorkspace, mlClient, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';
import { startServices } from '../support/services.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/emulator.md', import.meta.url)), 'utf8');
const [told = '', after = ''] = page.split('## Not emulated');
const missing = after.split('\n## ')[0] ?? '';
const codes = (text: string) => [...text.matchAll(/`([\w.]+(?:\/\w+)*)`/g)].map(([, code = '']) => code);
const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('| `'));
const OURS = 'Microsoft.MachineLearningServices/';

let test: TestEmulator;
beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
});
afterAll(() => test.stop());

it('docs/emulator.md has a row for each resource type that is routed, and for no other', async () => {
  const none = () => Promise.resolve();
  let types: readonly string[] = [];
  const services = await startServices([
    (app, ctx) => {
      const runner = { submit: () => undefined, cancel: none };
      const deployments = { deploy: none, remove: none, logs: () => Promise.resolve('') };
      ({ types } = registerArm(app, ctx, runner, deployments));
    },
  ]);
  await services.stop();
  const own = types.filter((type) => type.startsWith(OURS)).map((type) => type.slice(OURS.length));
  const named = rows(told.split('## Resource Manager')[1] ?? '').flatMap((row) =>
    codes(row.split('|')[1] ?? ''),
  );
  expect(named.sort()).toEqual(own.sort());
  const neighbours = types.filter(
    (type) => !type.startsWith(OURS) && type !== 'Microsoft.Resources/deployments/operations',
  );
  expect(codes(told)).toEqual(expect.arrayContaining(neighbours));
});

it('docs/emulator.md names after what each type is answered: operations of the REST reference, or recorded requests', () => {
  const sources = rows(told.split('## Resource Manager')[1] ?? '').map((row) => row.split('|')[4] ?? '');
  expect(sources.length).toBeGreaterThan(20);
  const known = Object.keys(mlClient('http://127.0.0.1:9'));
  for (const source of sources) {
    const links = [
      ...source.matchAll(/\[([\w-]+)\]\(https:\/\/learn\.microsoft\.com\/rest\/api\/azureml\/([\w-]+)\)/g),
    ];
    expect(links.length > 0 || /requests of azure-ai-ml/.test(source), source).toBe(true);
    for (const [, text = '', group = ''] of links) {
      const camel = group.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const name = camel === 'compute' ? 'computeOperations' : camel;
      // The JavaScript client that is tested has no registries and no networks.
      const checked = /^(registr|managed-network)/.test(group) || known.includes(name);
      expect([text, group, checked]).toEqual([group, group, true]);
    }
  }
});

it('docs/emulator.md lists what is answered with 501', () => {
  const listed = rows(missing).map((row) => codes(row)[0]);
  expect(listed.sort()).toEqual(Object.keys(NOT_EMULATED).sort());
});

it.each([
  [501, 'GET', '/serverlessEndpoints', /Marketplace models/],
  [501, 'PUT', '/featuresets/f/versions/1', /Feature stores/],
  [501, 'POST', '/models/m/versions/1/package', /Images are not built/],
  [404, 'GET', '/teapots', /could not be found/],
  [405, 'PATCH', '/schedules/s', /not supported/],
])('answers %i to %s %s', async (status, method, path, message) => {
  const answer = await test.arm(method, `${W}${path}`, method === 'GET' ? undefined : {});
  expect([answer.status, answer.body['error']]).toMatchObject([
    status,
    { message: expect.stringMatching(message) as string },
  ]);
});
