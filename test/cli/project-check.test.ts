import { expect, test } from 'vitest';
import { folderOf, runHere } from './support.js';

const cluster = 'name: cpu\ntype: amlcompute\n';
const job = (compute: string) => `command: echo\nenvironment: azureml:e:1\ncompute: azureml:${compute}\n`;

async function validated(files: Readonly<Record<string, string>>, ...options: readonly string[]) {
  return await runHere(['validate', ...options], { cwd: await folderOf(files) });
}

test('a compute that setup does not make is told before it is missed, with the name that was meant', async () => {
  const files = {
    'mlops.yaml': 'setup: [cpu.yml]\ntrain: train.yml\n',
    'cpu.yml': cluster,
    'train.yml': job('cpus'),
  };
  const told = await validated(files);
  expect(told.code).toBe(0);
  expect(told.out).toContain('no file of setup makes this compute');
  expect(told.out).toContain('did you mean cpu?');
  expect((await validated(files, '--strict')).code).toBe(2);
});

test('nothing is said of a compute that setup makes, nor where no file makes any', async () => {
  const made = {
    'mlops.yaml': 'setup: [cpu.yml]\ntrain: train.yml\n',
    'cpu.yml': cluster,
    'train.yml': job('cpu'),
  };
  expect((await validated(made)).out).toContain('no mistake');
  const elsewhere = { 'mlops.yaml': 'train: train.yml\n', 'train.yml': job('theirs') };
  expect((await validated(elsewhere)).out).toContain('no mistake');
});

const training = 'train: train.yml\nenvironments:\n  nightly:\n    endpoint: e.yml\n    deployment: d.yml\n';
const schema = (kind: string) => `$schema: https://azuremlschemas.azureedge.net/latest/${kind}.schema.json\n`;
const model = 'model: azureml:m:1\nname: d\nendpoint_name: e\n';
const serving = {
  'train.yml': job('theirs'),
  'e.yml': `${schema('batchEndpoint')}name: nightly\n`,
  'd.yml': `${schema('modelBatchDeployment')}type: model\n${model}compute: azureml:cpu\n`,
  'sample/a.csv': 'x\n1\n',
};

test('files of a batch endpoint need an input to be tested by, and files of an online one are told from them', async () => {
  const tested = { ...serving, 'mlops.yaml': `${training}    test: {input: sample}\n` };
  expect((await validated(tested)).out).toContain('no mistake');
  const untested = await validated({ ...serving, 'mlops.yaml': training });
  expect(untested.code).toBe(2);
  expect(untested.out).toContain(
    'e.yml  is a batch endpoint, and the environment that names it says nothing',
  );
  expect(untested.out).toContain('d.yml  is a batch deployment');
  const online = await validated({
    ...tested,
    'e.yml': `${schema('managedOnlineEndpoint')}name: nightly\nauth_mode: key\n`,
  });
  expect(online.out).toContain(
    'e.yml  is an online endpoint, and the environment that names it is tested by',
  );
});

test('a pipeline component takes no model, so there is nothing to release', async () => {
  const told = await validated({
    ...serving,
    'mlops.yaml': `${training}    test: {input: sample}\n`,
    'd.yml': `${schema('pipelineComponentBatchDeployment')}type: pipeline\nname: d\nendpoint_name: e\ncomponent: azureml:c:1\n`,
  });
  expect(told.code).toBe(2);
  expect(told.out).toContain('a batch deployment of a pipeline component, which takes no model');
});
