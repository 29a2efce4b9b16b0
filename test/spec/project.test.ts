import { describe, expect, test } from 'vitest';
import { everyKey, read, withEnvironment } from './fixtures.js';

describe('the smallest file', () => {
  const { project, on, paths } = read('train: azureml/train.yml\ngate: AUC >= 0.75\n');

  test('trains, gates and registers, and touches no endpoint', () => {
    expect(project).toEqual({
      name: 'demo',
      path: '.',
      workspace: 'dev',
      setup: [],
      data: {},
      candidates: [{ name: 'train', job: { file: 'azureml/train.yml', set: {} }, model: 'model' }],
      limits: { queueMs: 12 * 3_600_000, runMs: 72 * 3_600_000, parallel: 4 },
      concurrency: { newer: 'replace', spareMs: 3_600_000 },
      gate: {
        metric: 'AUC',
        goal: 'maximize',
        require: { AUC: { op: '>=', value: 0.75 } },
        minImprovement: 0,
      },
      register: { name: 'demo', which: 'best', check: {} },
      contract: 'compatible',
      environments: [],
    });
    expect({ on, paths }).toEqual({ on: undefined, paths: ['.'] });
  });
});

describe('the file with every key', () => {
  const { project, on, paths, warnings } = read(everyKey, 'models/a/mlops.yaml');
  const [staging, production] = project.environments;

  test('warns of nothing', () => {
    expect(warnings).toEqual([]);
  });

  test('keeps the order of environments and of rules', () => {
    expect(project.environments.map(({ name }) => name)).toEqual(['staging', 'production']);
    expect(on).toEqual({ pull_request: 'plan', 'feature/**': 'train', main: 'production' });
  });

  test('resolves what starts it from the repository’s root', () => {
    expect([project.path, paths]).toEqual(['models/a', ['models/a', 'models/shared']]);
  });

  test('reads candidates and the setup’s files with their overrides', () => {
    expect(project.candidates[1]).toEqual({
      name: 'boosted',
      job: { file: 'azureml/train.yml', set: { 'inputs.kind': 'boosted' } },
      metricsFrom: 'jobs.evaluate',
      model: 'outputs.model',
    });
    expect(project.setup[1]).toEqual({ file: 'azureml/data.yml', set: { version: 3 } });
  });

  test.each([
    ['keep', { newer: 'keep', spareMs: 3_600_000 }],
    ['{spare: 3h}', { newer: 'replace', spareMs: 3 * 3_600_000 }],
  ])('reads concurrency: %s', (text, concurrency) => {
    expect(read(`train: t.yml\nconcurrency: ${text}\n`).project.concurrency).toEqual(concurrency);
  });

  test('turns percentages into shares and durations into milliseconds', () => {
    expect(project.data.validate).toEqual({
      rows: { op: '>=', value: 1000 },
      nulls: { BMI: { op: '<', value: 0.01 } },
    });
    expect(production?.rollout).toEqual({
      steps: [
        { kind: 'mirror', percent: 10, forMs: 600_000 },
        { kind: 'traffic', percent: 10, forMs: 600_000 },
        { kind: 'traffic', percent: 50, forMs: 1_800_000 },
      ],
      abort: { errorRate: { op: '>', value: 0.01 }, p95: { op: '>', value: 500 } },
      compare: { minRequests: 50, extendMs: 3_600_000, alpha: 0.01, slower: 0.1 },
      keepPreviousMs: 24 * 3_600_000,
      window: 'Mon-Thu 09:00-16:00 Europe/Berlin',
    });
    expect(production?.monitor).toMatchObject({
      numericalThreshold: 0.2,
      categoricalThreshold: 0.1,
      minRows: 50,
      retraining: { cooldownMs: 24 * 3_600_000, max: 2, windowMs: 30 * 24 * 3_600_000, maxFruitless: 3 },
    });
  });

  test('reads where a monitor measures', () => {
    const monitorOf = (text: string): unknown =>
      read(
        `train: t.yml\nenvironments: {live: {endpoint: e.yml, deployment: d.yml, monitor: {baseline: "azureml:a:1"${text}}}}\n`,
      ).project.environments[0]?.monitor;
    expect(monitorOf(', engine: worker')).not.toHaveProperty('job');
    expect(monitorOf(', engine: azureml')).toMatchObject({
      job: { queueMs: 6 * 3_600_000, runMs: 6 * 3_600_000 },
    });
    expect(
      monitorOf(
        ', engine: azureml, job: {compute: "azureml:cpu", environment: "azureml:node@latest", limits: {run: 1h}}',
      ),
    ).toMatchObject({
      job: {
        compute: 'azureml:cpu',
        environment: 'azureml:node@latest',
        queueMs: 6 * 3_600_000,
        runMs: 3_600_000,
      },
    });
  });

  test('an environment extends another and hands its overrides to the file they name', () => {
    expect(staging?.keepMs).toBe(2 * 3_600_000);
    expect(production).toMatchObject({
      workspace: 'prod',
      keepMs: 'always',
      test: { requests: 'azureml/requests.json', maxP95Ms: 200 },
      endpoint: { file: 'azureml/endpoint.yml', set: {} },
      deployment: { file: 'azureml/deployment.yml', set: { instance_count: 3 } },
    });
  });
});

describe('safe defaults', () => {
  const { project } = read(`train: train.yml
environments:
  staging: {workspace: dev, endpoint: e.yml, deployment: d.yml}
  production: {workspace: prod, endpoint: e.yml, deployment: d.yml}
`);
  const [staging, production] = project.environments;

  test('people and a canary guard the last environment only', () => {
    expect(staging).not.toHaveProperty('approval');
    expect(staging?.rollout.steps).toEqual([]);
    expect(production?.approval).toEqual({
      approvers: [],
      required: 1,
      expiresMs: 72 * 3_600_000,
      verify: ['github', 'principal'],
      allowAuthors: false,
      assumed: ['approvers', 'required', 'expires', 'verify'],
    });
    expect(production?.rollout).toEqual({
      steps: [
        { kind: 'traffic', percent: 10, forMs: 600_000 },
        { kind: 'traffic', percent: 50, forMs: 1_800_000 },
      ],
      abort: { errorRate: { op: '>', value: 0.01 } },
      compare: { minRequests: 50, extendMs: 3_600_000, alpha: 0.01, slower: 0.1 },
      keepPreviousMs: 24 * 3_600_000,
    });
  });

  test('a rollout says how it is compared and what else it measures', () => {
    const { environments } = read(
      withEnvironment(
        'rollout: {compare: {min_requests: 9, slower: 25%}, steps: [{traffic: {champion: 90, challenger: 10}, for: 1m}], abort: {predictions: "> 0.2"}, metrics: {cpu: {prometheus: "cpu{d={deployment}}", abort: "> 90"}, rows: {azure_monitor: "T | count", abort: "> 5"}}}',
      ),
    ).project;
    expect(environments[0]?.rollout).toMatchObject({
      compare: { minRequests: 9, extendMs: 3_600_000, alpha: 0.01, slower: 0.25 },
      steps: [{ kind: 'traffic', percent: 10, forMs: 60_000 }],
      abort: { predictions: { op: '>', value: 0.2 } },
      metrics: [
        { name: 'cpu', source: 'prometheus', query: 'cpu{d={deployment}}', abort: { op: '>', value: 90 } },
        { name: 'rows', source: 'azure_monitor', query: 'T | count', abort: { op: '>', value: 5 } },
      ],
    });
    const alone = read(withEnvironment('rollout: {compare: none}')).project.environments[0];
    expect(alone?.rollout).not.toHaveProperty('compare');
  });

  test('an input makes a batch endpoint, whose default is switched at once', () => {
    const [only] = read(withEnvironment('test: {input: "azureml:parcels@latest", rows: ">= 10"}')).project
      .environments;
    expect(only).toMatchObject({
      batch: {
        input: 'azureml:parcels@latest',
        rows: { op: '>=', value: 10 },
        require: {},
        queueMs: 12 * 3_600_000,
        runMs: 72 * 3_600_000,
      },
      rollout: { steps: [], abort: {}, keepPreviousMs: 24 * 3_600_000 },
      approval: { required: 1 },
    });
    expect(only).not.toHaveProperty('test');
    expect(only?.rollout).not.toHaveProperty('compare');
  });

  test('deployments of earlier environments go after two hours', () => {
    expect([staging?.keepMs, production?.keepMs]).toEqual([2 * 3_600_000, 'always']);
  });

  test('an approval with one setting keeps the other defaults', () => {
    const [only] = read(withEnvironment('approval: {verify: [none]}')).project.environments;
    expect(only?.approval).toMatchObject({
      required: 1,
      verify: ['none'],
      assumed: ['approvers', 'required', 'expires'],
    });
  });

  test('an approval can be turned off in words only', () => {
    expect(read(withEnvironment('approval: none')).project.environments[0]).not.toHaveProperty('approval');
  });
});

test.each([
  ['loss < 0.3', { metric: 'loss', goal: 'minimize', require: { loss: { op: '<', value: 0.3 } } }],
  [
    'f1 score >= 80%',
    { metric: 'f1 score', goal: 'maximize', require: { 'f1 score': { op: '>=', value: 0.8 } } },
  ],
  ['{metric: rmse, require: {rmse: "<= 2.5"}}', { metric: 'rmse', goal: 'minimize' }],
  ['{metric: AUC}', { metric: 'AUC', goal: 'maximize', require: {} }],
])('gate: %s', (text, gate) => {
  expect(read(`train: train.yml\ngate: ${text}\n`).project.gate).toMatchObject(gate);
});

test('environments extend each other over several steps, the nearest winning', () => {
  const { project } = read(`train: train.yml
environments:
  a: {workspace: w1, endpoint: e.yml, deployment: d.yml, rollout: {keep_previous: 1h, abort: {p95: "> 1s"}}, set: {deployment.x: 1}}
  b: {extends: a, workspace: w2, rollout: {abort: {p50: "> 2s"}}, set: {deployment.y: 2}}
  c: {extends: b, workspace: w3, keep: always, rollout: {keep_previous: 3h}, set: {deployment.x: 9, endpoint.name: c}}
`);
  expect(project.environments[2]).toMatchObject({
    workspace: 'w3',
    endpoint: { file: 'e.yml', set: { name: 'c' } },
    deployment: { file: 'd.yml', set: { x: 9, y: 2 } },
    rollout: { keepPreviousMs: 3 * 3_600_000, abort: { p95: { value: 1000 }, p50: { value: 2000 } } },
  });
});
