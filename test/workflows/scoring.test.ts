import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../support/fake-activities.js';
import { push, resultOf, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import {
  candidate,
  championOfOld,
  evaluatingGate,
  production,
  project,
  staging,
} from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

function stageOf(activities: NonNullable<Scenario['activities']> = {}): Stage {
  return lab.stage({
    project: project({ gate: evaluatingGate, environments: [staging] }),
    activities: (ok) => ({
      championOf: () => Promise.resolve(championOfOld),
      ...(typeof activities === 'function' ? activities(ok) : activities),
    }),
  });
}

describe.concurrent('scoring on the same data', () => {
  test('judges champion and candidates by what the evaluation measured of each', async () => {
    const stage = stageOf();
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    const scored = stage.fakes.of('submitEvaluation').map(({ candidate, model }) => [candidate, model]);
    expect(Object.fromEntries(scored)).toEqual({
      'evaluate-champion': { name: 'diabetes', version: 'old' },
      'evaluate-boosted': { type: 'mlflow_model', path: 'outputs/model' },
      'evaluate-logistic': { type: 'mlflow_model', path: 'outputs/model' },
    });
    expect(status.gate?.verdicts[0]?.reasons).toEqual([
      'AUC 0.86 beats the champion diabetes:old (0.82) by 0.04, required 0 ✓',
      'AUC gains 0.01 to 0.07 over the champion at 95 % confidence (paired bootstrap, 1000 rows), at least 0 required ✓',
    ]);
    expect(status.candidates[0]).toMatchObject({
      metrics: { AUC: 0.86, accuracy: 0.8 },
      data: { train: 'diabetes-train:1', 'evaluate.test': 'diabetes-test:1' },
    });
    expect(stage.fakes.of('registerModel')[0]?.toRegister.metrics['AUC']).toBe(0.86);
  });

  test('a candidate that cannot be scored fails, the other goes on', async () => {
    const stage = stageOf((ok) => ({
      readEvaluation: (input) =>
        input.submitted.job.includes('boosted')
          ? Promise.resolve({ problem: 'job evaluate-boosted-0 failed: KeyError' })
          : ok.readEvaluation(input),
    }));
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(status.models).toMatchObject([{ candidate: 'logistic' }]);
    expect(status.gate?.verdicts[0]?.reasons[0]).toContain(
      'it could not be scored: job evaluate-boosted-0 failed: KeyError',
    );
  });

  test('a champion that is not where models are scored stops the release', async () => {
    const stage = stageOf((ok) => ({
      submitEvaluation: (input) =>
        input.candidate === 'evaluate-champion'
          ? Promise.reject(failure('NotFound', 'model diabetes:old is not registered in workspace dev'))
          : ok.submitEvaluation(input),
    }));
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('gate_failed');
    expect(status.why).toContain('could not be scored beside it: model diabetes:old is not registered');
  });

  test('the first release has nothing to be compared with', async () => {
    const stage = stageOf({ championOf: () => Promise.resolve(null) });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(stage.fakes.of('submitEvaluation').map(({ candidate }) => candidate)).toHaveLength(2);
    expect(stage.fakes.of('measureGain')).toEqual([]);
  });

  test('a cancelled lifecycle cancels the jobs that score', async () => {
    const stage = stageOf((ok) => ({
      lookAtJob: (input) =>
        input.job.startsWith('evaluate') ? Promise.reject(failure('NotYet', 'it runs')) : ok.lookAtJob(input),
    }));
    const handle = await push(stage);
    const looked = (): Set<string> =>
      new Set(stage.fakes.of('lookAtJob').flatMap(({ job }) => (job.startsWith('evaluate') ? [job] : [])));
    await until('looks at every evaluation', () => (looked().size === 3 ? true : undefined));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(new Set(stage.fakes.of('cancelJob').map(({ job }) => job)).size).toBe(3);
  });
});

const change = { breaks: ['output probability is gone'], notes: [] };

function callersStage(contract: 'compatible' | 'breaking', environments = [staging, production]): Stage {
  return lab.stage({
    project: project({ candidates: [candidate('boosted')], contract, environments }),
    activities: {
      championOf: () => Promise.resolve({ ...championOfOld, metrics: { AUC: 0.7 } }),
      compareSignatures: () => Promise.resolve({ boosted: change }),
    },
  });
}

describe.concurrent('a model that breaks callers of the champion', () => {
  test('fails the gate', async () => {
    const stage = callersStage('compatible');
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('gate_failed');
    expect(status.why).toContain('output probability is gone');
    expect(status.why).toContain('contract: breaking');
    expect(stage.fakes.of('compareSignatures')[0]).toMatchObject({
      candidates: [{ candidate: 'boosted', path: 'outputs/model' }],
      champion: { name: 'diabetes', version: 'old' },
    });
    expect(stage.fakes.of('registerModel')).toEqual([]);
  });

  test('passes where the project says so, and is registered with what it breaks', async () => {
    const stage = callersStage('breaking');
    const handle = await push(stage);
    const asked = await until('it asks', async () => {
      const { approval } = await statusOf(handle);
      return approval;
    });
    expect(asked.environment).toBe('production');
    expect(stage.fakes.of('registerModel')[0]?.toRegister.contract).toEqual(change);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
  });

  test('does not pass where nobody would be asked', async () => {
    const status = await resultOf(await push(callersStage('breaking', [staging])));
    expect(status.verdict).toBe('gate_failed');
    expect(status.why).toContain('needs people who approve it');
  });
});

describe.concurrent('a model package', () => {
  const checked = { name: 'diabetes', which: 'all', check: {} } as const;
  const stageWith = (activities: NonNullable<Scenario['activities']> = {}): Stage =>
    lab.stage({ project: project({ register: checked, environments: [staging] }), activities });
  const failsFor = (candidate: string) =>
    ((ok) => ({
      readPackageCheck: (input) =>
        input.submitted.job.includes(candidate)
          ? Promise.resolve({ problem: "ModuleNotFoundError: No module named 'lightgbm'" })
          : ok.readPackageCheck(input),
    })) satisfies NonNullable<Scenario['activities']>;

  test('is loaded and scored before it is registered', async () => {
    const stage = stageWith();
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(
      stage.fakes
        .of('submitPackageCheck')
        .map(({ candidate }) => candidate)
        .sort(),
    ).toEqual(['boosted', 'logistic']);
    expect(stage.fakes.of('registerModel')[0]?.toRegister.package).toMatchObject({ packages: 12, rows: 3 });
    expect(status.notes).toContain(
      'boosted: its package loads in a clean environment (Python 3.11.9, 12 packages) and answers its sample of 3 rows',
    );
    const order = stage.fakes.calls.map(({ name }) => name);
    expect(order.indexOf('registerModel')).toBeGreaterThan(order.lastIndexOf('readPackageCheck'));
  });

  test('that does not load is not registered, and ends the lifecycle where it was the best', async () => {
    const stage = stageWith(failsFor('boosted'));
    const handle = await push(stage);
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'PackageInvalid' } });
    expect(stage.fakes.of('registerModel')).toEqual([]);
    expect((await statusOf(handle)).why).toContain("No module named 'lightgbm'");
  });

  test('of another candidate is left out', async () => {
    const stage = stageWith(failsFor('logistic'));
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(status.models.map(({ candidate }) => candidate)).toEqual(['boosted']);
    expect(status.notes.join('\n')).toContain('logistic: its package does not load and score');
  });

  test('is not waited for when a newer commit comes', async () => {
    const stage = stageWith((ok) => ({
      lookAtJob: (input) =>
        input.job.startsWith('package') ? Promise.reject(failure('NotYet', 'it runs')) : ok.lookAtJob(input),
    }));
    const handle = await push(stage);
    await until('the check is looked at', () =>
      stage.fakes.of('lookAtJob').some(({ job }) => job.startsWith('package')) ? true : undefined,
    );
    await handle.signal('superseded', { by: 'mlops/newer', commit: '2'.repeat(40) });
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect(
      stage.fakes
        .of('cancelJob')
        .map(({ job }) => job)
        .sort(),
    ).toEqual(['package-boosted-0', 'package-logistic-0']);
    expect(stage.fakes.of('registerModel')).toEqual([]);
  });
});
