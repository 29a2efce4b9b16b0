import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CandidateResult } from '../../src/domain/evaluation.js';
import type { SubmittedJob } from '../../src/activities/contract.js';
import { failure, finished } from '../support/fake-activities.js';
import { phaseOf, push, resultOf, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import { candidate, project } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** Ends with the registration. */
function stageOf(
  activities: NonNullable<Scenario['activities']>,
  more: Parameters<typeof project>[0] = {},
): Stage {
  return lab.stage({ activities, project: project({ environments: [], ...more }) });
}

function failed(name: string): CandidateResult {
  return { kind: 'failed', candidate: name, reason: 'KeyError: Diabetic', log: 'Traceback …' };
}

describe.concurrent('model development', () => {
  test('goes on with the candidates that finished when one fails', async () => {
    const stage = stageOf({
      evaluateCandidate: ({ candidate: name, submitted }) =>
        Promise.resolve(name === 'boosted' ? failed(name) : finished(name, submitted.job)),
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('registered');
    expect(status.models).toMatchObject([{ candidate: 'logistic' }]);
    expect(status.why).toContain('Candidate boosted failed: KeyError: Diabetic');
  });

  test('ends at the gate with every reason when all fail', async () => {
    const stage = stageOf({ evaluateCandidate: ({ candidate: name }) => Promise.resolve(failed(name)) });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('gate_failed');
    expect(status.gate?.summary).toContain('boosted: its job failed: KeyError: Diabetic');
    expect(status.gate?.summary).toContain('logistic: its job failed: KeyError: Diabetic');
    expect(phaseOf(status, 'train').state).toBe('failed');
    expect(stage.fakes.of('registerModel')).toEqual([]);
  });

  test('ends at the gate, in numbers, when no candidate is good enough', async () => {
    const stage = stageOf({
      evaluateCandidate: ({ candidate: name, submitted }) =>
        Promise.resolve(finished(name, submitted.job, { metrics: { AUC: 0.7 } })),
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('gate_failed');
    expect(status.why).toContain('AUC 0.7 is not ≥ 0.75');
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'failure' });
  });

  test('trains no more candidates at once than the project allows', async () => {
    let running = 0;
    let most = 0;
    const names = ['a', 'b', 'c', 'd'];
    const stage = stageOf(
      (ok) => ({
        submitJob: (input) => {
          running += 1;
          most = Math.max(most, running);
          return ok.submitJob(input);
        },
        evaluateCandidate: (input) => {
          running -= 1;
          return ok.evaluateCandidate(input);
        },
      }),
      { candidates: names.map(candidate), limits: { queueMs: 60_000, runMs: 60_000, parallel: 2 } },
    );
    const status = await resultOf(await push(stage));
    expect(status.candidates.map(({ candidate: name }) => name)).toEqual(names);
    expect(most).toBe(2);
  });

  test('takes the next attempt when the name of a failed job is spent', async () => {
    const stage = stageOf((ok) => ({
      submitJob: async (input) => {
        const job = await ok.submitJob(input);
        return input.attempt < 2 ? ({ ...job, state: 'spent' } satisfies SubmittedJob) : job;
      },
    }));
    const status = await resultOf(await push(stage));
    expect(status.candidates).toMatchObject([{ job: 'boosted-2' }, { job: 'logistic-2' }]);
    expect(stage.fakes.of('submitJob').filter((input) => input.candidate === 'boosted')).toHaveLength(3);
  });

  test('gives a candidate up whose every attempt is spent', async () => {
    const stage = stageOf((ok) => ({
      submitJob: async (input) => ({ ...(await ok.submitJob(input)), state: 'spent' }),
    }));
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('gate_failed');
    expect(status.gate?.summary).toContain('20 jobs of exactly this content have failed');
  });

  test('prepares the data first and trains on the versions that it made', async () => {
    const stage = stageOf(
      {},
      { data: { prepare: { file: 'prepare.yml', set: {} }, validate: { nulls: {} } } },
    );
    expect((await resultOf(await push(stage))).verdict).toBe('registered');
    expect(stage.fakes.of('submitJob').map(({ pins }) => pins)).toEqual([
      { 'diabetes-train': '2' },
      { 'diabetes-train': '2' },
    ]);
    expect(stage.fakes.of('validateData')).toMatchObject([{ pins: { 'diabetes-train': '2' } }]);
  });

  test('stops before any training when the data break a rule', async () => {
    const stage = stageOf(
      { validateData: () => Promise.resolve({ ok: false, findings: ['BMI: 12 % missing, allowed < 1 %'] }) },
      { data: { validate: { nulls: {} } } },
    );
    const handle = await push(stage);
    await expect(handle.result()).rejects.toThrow();
    expect((await statusOf(handle)).why).toContain('BMI: 12 % missing');
    expect(stage.fakes.of('submitJob')).toEqual([]);
  });

  test('tries again what an outage interrupted', async () => {
    let tries = 0;
    const stage = stageOf((ok) => ({
      registerModel: (input) => {
        tries += 1;
        return tries === 1 ? Promise.reject(failure('Outage', '503')) : ok.registerModel(input);
      },
    }));
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('registered');
    expect(tries).toBe(2);
  });

  test('waits, and cancels nothing, when a running job may not be looked at', async () => {
    let allowed = false;
    const stage = stageOf((ok) => ({
      lookAtJob: (input) =>
        allowed ? ok.lookAtJob(input) : Promise.reject(failure('NotAuthorized', 'the role was removed')),
    }));
    const handle = await push(stage);
    const { blocked, why } = await until('the lifecycle to be blocked', async () => {
      const found = await statusOf(handle);
      return found.blocked === undefined ? undefined : found;
    });
    expect(blocked).toMatchObject({ type: 'NotAuthorized', message: 'the role was removed' });
    expect(why).toContain('say `retry` when it is mended');
    allowed = true;
    await until('the training to go on', async () => {
      await handle.signal('retry');
      return (await statusOf(handle)).verdict;
    });
    expect((await resultOf(handle)).verdict).toBe('registered');
    expect(stage.fakes.of('cancelJob')).toEqual([]);
  });

  test('that is cancelled cancels the jobs that it made, and no others', async () => {
    const stage = stageOf((ok) => ({
      submitJob: async (input) => {
        const job = await ok.submitJob(input);
        return input.candidate === 'boosted' ? { ...job, state: 'attached' } : job;
      },
      lookAtJob: () => Promise.reject(failure('NotYet', 'it runs')),
    }));
    const handle = await push(stage);
    await until('both jobs to be looked at', () =>
      new Set(stage.fakes.of('lookAtJob').map(({ job }) => job)).size === 2 ? true : undefined,
    );
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(stage.fakes.of('cancelJob')).toEqual([{ workspace: 'dev', job: 'logistic-0' }]);
    const status = await statusOf(handle);
    expect(status.verdict).toBe('cancelled');
    expect(phaseOf(status, 'train')).toMatchObject({ state: 'failed', summary: 'cancelled' });
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'cancelled' });
  });
});
