import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../src/runner/index.js';
import { W, startHarness } from './harness.js';
import type { Harness } from './harness.js';
import { LOGGER, PLAIN, childrenOf, putPlainEnvironment } from './jobs-lab.js';

const bandit = `
import os, sys, time
from log import log
x, better = float(sys.argv[1]), sys.argv[2]
while x == 1 and not os.path.exists(better): time.sleep(0.05)
for step in range(2): log(x, step)
if x == 1: time.sleep(600)
open(better, "w").close()
`;
const code = {
  'bandit.py': bandit,
  'log.py': LOGGER,
  'once.py': 'import sys\nfrom log import log\nlog(float(sys.argv[1]))\n',
};

describe('sweeps', () => {
  let emulator: Harness;
  let codeId: string;
  beforeAll(async () => {
    emulator = await startHarness();
    putPlainEnvironment(emulator);
    emulator.put('/codes/trial/versions/1', { codeUri: await emulator.putFiles('code/trial', code) });
    codeId = `${W}/codes/trial/versions/1`;
  });
  afterAll(() => emulator.stop());

  const sweep = (
    name: string,
    properties: Record<string, unknown>,
    command = 'python once.py ${{search_space.x}}',
  ) =>
    emulator.submit(name, {
      jobType: 'Sweep',
      samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
      objective: { goal: 'maximize', primaryMetric: 'score' },
      trial: { command, environmentId: PLAIN, codeId },
      ...properties,
    });

  it('run a grid as child jobs and name the best one, with its outputs', async () => {
    await sweep(
      'grid',
      {
        searchSpace: { x: ['choice', [[1, 3, 2]]], word: ['choice', [['a', 'b']]] },
        outputs: { model: { jobOutputType: 'uri_folder' } },
        inputs: { extra: { jobInputType: 'literal', value: 'seen' } },
        limits: { maxConcurrentTrials: 2 },
      },
      'python once.py ${{search_space.x}} && echo ${{search_space.x}} ${{search_space.word}} ${{inputs.extra}} > ${{outputs.model}}/out.txt',
    );
    const job = await emulator.until('grid');
    expect(job).toMatchObject({ status: 'Completed', properties: { score: '3' } });
    const best = (job['properties'] as { best_child_run_id: string }).best_child_run_id;
    const children = childrenOf(emulator, 'grid');
    expect(Object.keys(children)).toHaveLength(6);
    expect(children[best]).toMatchObject({ status: 'Completed', jobType: 'Command' });
    const { blob } = emulator.ctx;
    const copied = blob.service
      .getContainerClient('workspaceblobstore')
      .getBlobClient('azureml/grid/model/out.txt');
    expect((await copied.downloadToBuffer()).toString()).toMatch(/^3 [ab] seen/);
    const { body } = await emulator.mlflow('GET', `runs/get?run_id=${best}`);
    expect(JSON.stringify(body)).toContain('{"key":"mlflow.parentRunId","value":"grid"}');
  });

  it('choose alike for the same seed, within every distribution', async () => {
    const searchSpace = {
      x: ['uniform', [0.5, 1]],
      q: ['quniform', [0, 10, 2]],
      l: ['loguniform', [-3, -1]],
      n: ['normal', [100, 1]],
      qn: ['qlognormal', [1, 0.1, 1]],
      r: ['randint', [4]],
      c: ['choice', [['a', true]]],
    };
    const drawn = [];
    for (const name of ['first', 'second']) {
      await sweep(name, {
        searchSpace,
        samplingAlgorithm: { samplingAlgorithmType: 'Random', seed: 7 },
        limits: { maxTotalTrials: 4, maxConcurrentTrials: 4 },
      });
      expect((await emulator.until(name)).status).toBe('Completed');
      drawn.push(
        Object.values(childrenOf(emulator, name)).map(({ tags }) => tags as { hyperparameters: string }),
      );
    }
    expect(drawn[0]).toEqual(drawn[1]);
    const values = (drawn[0] ?? []).map(
      ({ hyperparameters }) => JSON.parse(hyperparameters) as Record<string, number>,
    );
    expect(new Set(values.map(({ x }) => x)).size).toBe(4);
    for (const { x = 0, q = 0, l = 0, n = 0, qn = 0, r = 0, c } of values) {
      expect(x).toBeGreaterThanOrEqual(0.5);
      expect([0, 2, 4, 6, 8, 10]).toContain(q);
      expect(Math.log(l)).toBeGreaterThanOrEqual(-3);
      expect(Math.abs(n - 100)).toBeLessThan(10);
      expect(Number.isInteger(qn)).toBe(true);
      expect([0, 1, 2, 3]).toContain(r);
      expect(['a', true]).toContain(c);
    }
  });

  it('choose by what earlier trials came to: Bayesian', async () => {
    await sweep('bayes', {
      searchSpace: { x: ['uniform', [0, 1]], k: ['choice', [[1, 2]]], q: ['quniform', [0.1, 1, 0.4]] },
      samplingAlgorithm: { samplingAlgorithmType: 'Bayesian', seed: 1 },
      limits: { maxTotalTrials: 8, maxConcurrentTrials: 2 },
    });
    expect(await emulator.until('bayes')).toMatchObject({ status: 'Completed' });
    expect(Object.keys(childrenOf(emulator, 'bayes'))).toHaveLength(8);
  });

  it('end trials early, and say so', async () => {
    // A trial is held against those that have logged as often: the worse one logs when the better one has.
    const better = join(await mkdtemp(join(tmpdir(), 'bandit-')), 'logged');
    await sweep(
      'bandit',
      {
        searchSpace: { x: ['choice', [[10, 1]]] },
        limits: { maxConcurrentTrials: 2 },
        earlyTermination: {
          policyType: 'Bandit',
          slackFactor: 0.1,
          slackAmount: 0,
          evaluationInterval: 1,
          delayEvaluation: 2,
        },
      },
      `python bandit.py \${{search_space.x}} ${better}`,
    );
    const job = await emulator.until('bandit');
    expect(job).toMatchObject({ status: 'Completed', properties: { best_child_run_id: 'bandit_0' } });
    expect(childrenOf(emulator, 'bandit')).toMatchObject({
      bandit_0: { status: 'Completed' },
      bandit_1: { status: 'Canceled' },
    });
    expect(await emulator.artifact('bandit', 'azureml-logs/hyperdrive.txt')).toContain(
      'bandit_1: ended by the Bandit policy',
    );
  });

  it('are canceled with their trials', async () => {
    await sweep(
      'stopped',
      { searchSpace: { x: ['choice', [[1, 2, 3]]] } },
      'sleep 600; echo ${{search_space.x}}',
    );
    while (childrenOf(emulator, 'stopped')['stopped_1']?.status !== 'Running')
      await new Promise((r) => setTimeout(r, 50));
    await emulator.runner.cancel(`${W}/jobs/stopped`);
    expect(emulator.job('stopped').status).toBe('Canceled');
    for (const { status } of Object.values(childrenOf(emulator, 'stopped'))) expect(status).toBe('Canceled');
  });

  it('fail when no trial logs the metric, with the reason of one that failed', async () => {
    await sweep(
      'bad',
      { searchSpace: { x: ['choice', [[1]]] } },
      'echo no such column; exit 3; echo ${{search_space.x}}',
    );
    const { status, error } = await emulator.until('bad');
    expect(status).toBe('Failed');
    expect(error?.message).toMatch(/logged the metric 'score'.*no such column/s);
  });

  it('go on after a restart with the trials that had ended', async () => {
    const space = { searchSpace: { x: ['choice', [[1, 2]]] } };
    await sweep('before', { ...space, limits: { maxConcurrentTrials: 1, maxTotalTrials: 1 } });
    await emulator.until('before');
    const done = childrenOf(emulator, 'before')['before_0'];
    emulator.put('/jobs/again_0', { ...done });
    const id = `${W}/jobs/again_0`.toLowerCase();
    const stored = emulator.ctx.store.collection<Record<string, unknown>>('resources');
    stored.put(id, { ...stored.get(id), _parent: 'again', _root: 'again' });
    emulator.put('/jobs/again', {
      ...emulator.job('before'),
      ...space,
      limits: {},
      status: 'Running',
      properties: {},
    });
    const next = createRunner(emulator.ctx);
    next.recover();
    expect(await emulator.until('again')).toMatchObject({
      status: 'Completed',
      properties: { best_child_run_id: 'again_1' },
    });
    await next.stop();
  });
});
