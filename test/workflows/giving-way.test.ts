import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../../src/domain/project.js';
import { failure } from '../support/fake-activities.js';
import { phaseOf, push, resultOf, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import { candidate, project } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const anHourMs = 3_600_000;
const newer = { by: 'mlops/newer', commit: '2'.repeat(40) };

/** `logistic` has run for a minute, `boosted` for two hours; both end when `finish` is called. */
function longAndShort(spec: Partial<Project> = {}): { stage: Stage; finish: () => void } {
  let finished = false;
  const activities: Scenario['activities'] = (ok) => ({
    lookAtJob: (input) => (finished ? ok.lookAtJob(input) : Promise.reject(failure('NotYet', 'it runs'))),
    jobRunningMs: ({ job }) => Promise.resolve(job.startsWith('logistic') ? 60_000 : 2 * anHourMs),
  });
  return {
    stage: lab.stage({
      activities,
      project: project({
        candidates: [candidate('logistic'), candidate('boosted')],
        environments: [],
        ...spec,
      }),
    }),
    finish: () => {
      finished = true;
    },
  };
}

async function pushUntilBothRun(stage: Stage): Promise<WorkflowHandle> {
  const handle = await push(stage);
  await until('both jobs to be looked at', () =>
    new Set(stage.fakes.of('lookAtJob').map(({ job }) => job)).size === 2 ? true : undefined,
  );
  return handle;
}

async function untilCancelled(stage: Stage): Promise<void> {
  await until('a job to be cancelled', () => stage.fakes.of('cancelJob')[0]);
}

describe.concurrent('a lifecycle whose place a newer commit takes', () => {
  test('cancels the jobs that began lately and lets the long one finish', async () => {
    const { stage, finish } = longAndShort();
    const handle = await pushUntilBothRun(stage);
    await handle.signal('superseded', newer);
    await untilCancelled(stage);
    const waiting = await until('it to say what it waits for', async () => {
      const status = await statusOf(handle);
      return phaseOf(status, 'train').summary.includes('left to finish') ? status : undefined;
    });
    expect(waiting.verdict).toBeUndefined();
    finish();

    const status = await resultOf(handle);
    expect(status.verdict).toBe('superseded');
    expect(stage.fakes.of('cancelJob')).toEqual([{ workspace: 'dev', job: 'logistic-0' }]);
    expect(status.candidates).toMatchObject([
      { candidate: 'logistic', kind: 'failed', reason: expect.stringContaining('took its place') as string },
      { candidate: 'boosted', kind: 'finished', metrics: { AUC: 0.9 } },
    ]);
    expect(stage.fakes.of('registerModel')).toEqual([]);
    expect(stage.fakes.of('writeRecord').at(-1)?.status.candidates).toHaveLength(2);
  });

  test('cancels that one too when somebody asks', async () => {
    const { stage } = longAndShort();
    const handle = await pushUntilBothRun(stage);
    await handle.signal('superseded', newer);
    await untilCancelled(stage);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect(stage.fakes.of('cancelJob').map(({ job }) => job)).toEqual(['logistic-0', 'boosted-0']);
  });

  test('spares what its own mlops.yaml spares', async () => {
    const { stage } = longAndShort({ concurrency: { newer: 'replace', spareMs: 3 * anHourMs } });
    const handle = await pushUntilBothRun(stage);
    await handle.signal('superseded', newer);
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect(new Set(stage.fakes.of('cancelJob').map(({ job }) => job))).toEqual(
      new Set(['logistic-0', 'boosted-0']),
    );
  });

  test('begins no candidate that still waits for its turn', async () => {
    const { stage, finish } = longAndShort({
      candidates: ['boosted', 'forest', 'logistic'].map(candidate),
      limits: { queueMs: 60_000, runMs: 60_000, parallel: 1 },
    });
    const handle = await push(stage);
    await until('the first job to run', () => stage.fakes.of('lookAtJob')[0]);
    await handle.signal('superseded', newer);
    await until('its age to be read', () => stage.fakes.of('jobRunningMs')[0]);
    finish();
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect(stage.fakes.of('submitJob').map(({ candidate: name }) => name)).toEqual(['boosted']);
  });

  test('lets a long data preparation finish and trains nothing on it', async () => {
    const { stage, finish } = longAndShort({ data: { prepare: { file: 'prepare.yml', set: {} } } });
    const handle = await push(stage);
    await until('the preparation to run', () => stage.fakes.of('lookAtJob')[0]);
    await handle.signal('superseded', newer);
    await until('its age to be read', () => stage.fakes.of('jobRunningMs')[0]);
    finish();
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect(stage.fakes.of('cancelJob')).toEqual([]);
    expect(stage.fakes.of('submitJob')).toEqual([]);
  });

  test('takes a job whose age nobody can tell for a new one', async () => {
    const stage = lab.stage({
      project: project({ candidates: [candidate('boosted')], environments: [] }),
      activities: {
        lookAtJob: () => Promise.reject(failure('NotYet', 'it runs')),
        jobRunningMs: () => Promise.reject(failure('NotAuthorized', 'the role was removed')),
      },
    });
    const handle = await push(stage);
    await until('the job to run', () => stage.fakes.of('lookAtJob')[0]);
    await handle.signal('superseded', newer);
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect(stage.fakes.of('cancelJob')).toHaveLength(1);
  });

  test('keeps its place where it says so', async () => {
    const { stage, finish } = longAndShort({ concurrency: { newer: 'keep', spareMs: anHourMs } });
    const handle = await pushUntilBothRun(stage);
    await handle.signal('superseded', newer);
    finish();
    const status = await resultOf(handle);
    expect(status.verdict).toBe('registered');
    expect(stage.fakes.of('cancelJob')).toEqual([]);
    expect(status.notes.join()).toContain('`concurrency: keep` lets this one go on');
  });
});
