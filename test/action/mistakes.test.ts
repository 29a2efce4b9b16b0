import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { afterEach, expect, test } from 'vitest';
import { checkout, runAction } from '../support/action.js';

const folders: string[] = [];
const keep = async (folder: Promise<string>): Promise<string> => {
  folders.push(await folder);
  return folder;
};
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

const step = { event: 'workflow_dispatch', payload: { repository: { default_branch: 'main' } } };

test('wrong inputs are told all at once, with what is allowed', async () => {
  const workspace = await keep(checkout({ 'mlops.yaml': 'train: t.yml\n' }));
  const inputs = {
    operation: 'begin',
    command: 'start',
    reach: 'moon',
    timing: '{"lookFirst": 1}',
    signal: 'promote',
  };
  const { code, log } = await runAction({ ...step, workspace, inputs });
  expect(code).toBe(1);
  expect(log).toContain('operation: found "begin"; allowed: auto, start, signal, approve-comment, status');
  expect(log).toContain('command: there is no such input; allowed: operation, temporal-address');
  expect(log).toContain('reach: found "moon"; allowed: plan, train, production');
  expect(log).toContain('timing: lookFirst cannot be used; allowed: lookFirstMs');
  expect(log).toContain('signal: found "promote"; allowed: retry, cancel, rollback');
  expect(log).toContain('workflow-id: needed with signal');
});

test('an empty workspace asks for the checkout step', async () => {
  const workspace = await keep(mkdtemp(join(tmpdir(), 'mlops-empty-')));
  const { code, log } = await runAction({ ...step, workspace });
  expect(code).toBe(1);
  expect(log).toContain('actions/checkout');
});

test('mistakes in several project files are told together with file and line, and nothing starts', async () => {
  const workspace = await keep(
    checkout({
      'a/mlops.yaml': 'train: t.yml\non: {main: prod}\n',
      'b/mlops.yaml': 'name: a b\ntrain: [\n',
      'c/mlops.yaml': 'train: t.yml\nname: twin\n',
      'd/mlops.yaml': 'train: t.yml\nname: twin\n',
    }),
  );
  const { code, log } = await runAction({ ...step, workspace });
  expect(code).toBe(1);
  expect(log).toContain('a/mlops.yaml:2: on: a map');
  expect(log).toMatch(/b\/mlops\.yaml:\d: /);
  expect(log).toContain('d/mlops.yaml: the name twin is taken by the project in c');
});

test('an unreachable server is named with the settings to change, and the key stays secret', async () => {
  const workspace = await keep(checkout({ 'mlops.yaml': 'train: t.yml\n' }));
  const address = `127.0.0.1:${await getPort()}`;
  const { code, log } = await runAction({
    ...step,
    workspace,
    inputs: { 'temporal-address': address, 'temporal-namespace': 'prod' },
    env: { TEMPORAL_API_KEY: 'very-secret', TEMPORAL_TLS: 'false' },
  });
  expect(code).toBe(1);
  expect(log).toContain(`Temporal at ${address} (namespace prod) cannot be used`);
  expect(log).toContain('temporal-address');
  expect(log).not.toContain('very-secret');
});

test('no address at all says where to put one', async () => {
  const workspace = await keep(checkout({ 'mlops.yaml': 'train: t.yml\n' }));
  const { code, log } = await runAction({ ...step, workspace });
  expect(code).toBe(1);
  expect(log).toContain('No Temporal address: set the input `temporal-address`');
});
