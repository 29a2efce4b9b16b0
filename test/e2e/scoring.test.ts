import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBlob } from '../../src/azureml/index.js';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { workspaceOf } from '../../tools/local/workspace.js';
import { edit, Stack } from '../support/stack.js';
import { type Tiny, tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;
let project: Tiny;

beforeAll(async () => {
  stack = await Stack.start(tinyEntries('scored'));
  project = await tiny(stack, 'scored');
  const evaluate = '{ job: azureml/evaluate.yml, confidence: 0.95 }';
  await edit(project.dir, 'mlops.yaml', [
    'gate: accuracy >= 0.8',
    `gate: { metric: accuracy, min_improvement: -0.02, evaluate: ${evaluate} }`,
  ]);
});
afterAll(() => stack.stop());

async function lifecycle(message: string): Promise<LifecycleStatus> {
  const id = await stack.start({ ...project, message });
  await stack.until(id, 'it asks or ends', ({ approval, verdict }) => (approval ?? verdict) !== undefined);
  if ((await stack.status(id)).approval !== undefined) await stack.approve(id);
  return await stack.ended(id);
}

test('the first model has nothing to be compared with', async () => {
  const first = await lifecycle('Train a first model');
  expect(first.verdict).toBe('released');
  expect(first.gate?.best).toBe('middle');
  const data = first.candidates.map((one) => (one.kind === 'finished' ? one.evaluation?.data : undefined));
  expect(data).toEqual([{ data: 'scored-train:1' }, { data: 'scored-train:1' }]);
});

test('with new data, champion and challenger are scored on the same rows', async () => {
  await edit(project.dir, 'azureml/prepare.yml', ['rows: 200', 'rows: 900']);
  await edit(project.dir, 'azureml/train.yml', ['threshold: 5', 'threshold: 5.01']);
  const second = await lifecycle('Train with more data');
  expect(second.verdict).toBe('released');
  const reasons = second.gate?.verdicts.find(({ candidate }) => candidate === 'middle')?.reasons ?? [];
  expect(reasons[0]).toMatch(
    /^accuracy 0\.9\d+ .* the champion scored:[0-9a-f]+ \(0\.9\d+\).*, required -0\.02 ✓$/,
  );
  expect(reasons[1]).toMatch(
    /^accuracy gains \S+ to \S+ over the champion at 95 % confidence \(paired bootstrap, 900 rows\), at least -0\.02 required ✓$/,
  );
  const other = second.gate?.verdicts.find(({ candidate }) => candidate === 'low');
  expect(other?.passed).toBe(false);
  const report = await readBlob(await workspaceOf(stack.machine.addresses, 'dev'), second.report ?? '');
  expect(report).toContain('paired bootstrap, 900 rows');
  expect(report).toContain('evaluate.data');
});

test('a job that scores no model is a mistake before anything runs', async () => {
  await edit(
    project.dir,
    'azureml/evaluate.yml',
    ['  model: {', '  modell: {'],
    ['{{inputs.model}}', '{{inputs.modell}}'],
  );
  const { verdict, why } = await lifecycle('Forget the model');
  expect(verdict).toBe('failed');
  expect(why).toContain('no input `model`');
});
