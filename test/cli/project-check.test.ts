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
