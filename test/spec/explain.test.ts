import { expect, test } from 'vitest';
import { explainProject } from '../../src/spec/index.js';
import { everyKey } from './fixtures.js';

const explained = new Map(
  explainProject(everyKey, { file: 'a/mlops.yaml', defaultName: 'demo' }).map(({ path, value, origin }) => [
    path,
    { value, origin },
  ]),
);

test.each([
  ['gate.metric', 'AUC', 'a/mlops.yaml:12'],
  ['train.candidates.logistic.job', 'azureml/train.yml', 'a/mlops.yaml:9'],
  ['train.candidates.logistic.model', 'model', 'default'],
  ['environments.staging.keep', '2h', 'a/mlops.yaml:19'],
  ['environments.staging.approval', 'none', 'default'],
  ['environments.production.test.max_p95', '200ms', 'extends staging'],
  ['environments.production.deployment.set.instance_count', 3, 'a/mlops.yaml:24'],
  ['environments.production.approval.verify', ['github', 'principal'], 'default'],
  ['environments.production.rollout.steps[1].traffic', '10%', 'a/mlops.yaml:27'],
  ['environments.production.monitor.thresholds.categorical', 0.1, 'default'],
])('%s', (path, value, origin) => {
  expect(explained.get(path)).toEqual({ value, origin });
});

test('defaults that depend on the default branch are named', () => {
  const on = explainProject('train: t.yml\n').filter(({ path }) => path.startsWith('on.'));
  expect(on).toEqual([
    { path: 'on.pull_request', value: 'plan', origin: 'default' },
    { path: 'on.<default branch>', value: 'production', origin: 'default' },
  ]);
});

test('a file with mistakes explains nothing', () => {
  expect(explainProject('trian: t.yml\n')).toEqual([]);
});
