import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchTest } from '../../src/domain/project.js';
import { failure } from '../support/fake-activities.js';
import { existing, live, owner, released, serving } from '../support/live-endpoint.js';
import {
  approve,
  endpointOf,
  push,
  questionOf,
  resultOf,
  statusOf,
  until,
} from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import { onePerson } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const batch: BatchTest = {
  input: 'azureml:parcels@latest',
  rows: { op: '>=', value: 1 },
  require: {},
  queueMs: 60_000,
  runMs: 60_000,
};

function nightly(scenario: Scenario = {}): Stage {
  return live(lab, [], { endpointInput: { kind: 'batch' }, ...scenario }, { batch });
}

function asking(scenario: Scenario = {}): Stage {
  return live(lab, [], { endpointInput: { kind: 'batch' }, ...scenario }, { batch, approval: onePerson });
}

const isTest = ({ job }: { readonly job: string }): boolean => job.includes('-test');

/** Training ends, tests do not. */
const running = {
  activities: (ok) => ({
    lookAtJob: (input) =>
      isTest(input) ? Promise.reject(failure('NotYet', 'the job runs')) : ok.lookAtJob(input),
  }),
} satisfies Scenario;

describe.concurrent('a release to a batch endpoint', () => {
  test('becomes the default at once when its job has passed, and goes back by a rollback', async () => {
    const stage = nightly();
    const first = await released(stage, 1);
    const second = await released(stage, 2);
    expect(stage.fakes.of('beginTraffic').map(({ kind, traffic }) => [kind, traffic])).toEqual([
      ['batch', { [first]: 100 }],
      ['batch', { [second]: 100 }],
    ]);
    expect(stage.fakes.of('testDeployment')).toEqual([]);
    await endpointOf(stage, 'live').signal('rollback');
    await until('the first one', async () =>
      (await owner(stage)).champion?.deployment === first ? true : undefined,
    );
    expect(serving(stage)).toEqual({ [first]: 100 });
  });

  test('is tried before people are asked, and switched only when they have approved it', async () => {
    const stage = asking();
    const handle = await push(stage);
    await questionOf(handle);
    expect(stage.fakes.of('judgeBatchTest')).toHaveLength(1);
    expect(existing(stage)).toHaveLength(1);
    expect(serving(stage)).toEqual({});
    expect((await statusOf(handle)).notes.join('\n')).toContain('8 rows scored');
    await approve(handle);
    const status = await resultOf(handle);
    expect(status.verdict).toBe('released');
    expect(status.phases.find(({ phase }) => phase === 'promote')?.summary).toContain('8 rows scored');
    expect(Object.values(serving(stage))).toEqual([100]);
  });

  test('that is rejected leaves the default alone, and its deployment goes by itself', async () => {
    const stage = asking();
    const handle = await push(stage);
    const { reject } = await questionOf(handle);
    await handle.signal(reject, { by: 'octocat' });
    expect((await resultOf(handle)).verdict).toBe('rejected');
    expect(serving(stage)).toEqual({});
    const [tried] = existing(stage);
    expect((await owner(stage)).retiring.map(({ deployment }) => deployment)).toEqual([tried]);
  });

  test('whose job fails says why, and leaves neither deployment nor question behind', async () => {
    const reasons = ['job x failed: the disk is full'];
    const stage = asking({
      activities: {
        judgeBatchTest: () => Promise.resolve({ passed: false, rows: 0, reasons, summary: 'failed' }),
      },
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain('the disk is full');
    expect(status.decisions).toEqual([]);
    expect(existing(stage)).toEqual([]);
  });

  test('whose first job is spent tries another name', async () => {
    const stage = nightly({
      activities: (ok) => ({
        submitBatchTest: async (input) => ({
          ...(await ok.submitBatchTest(input)),
          state: input.attempt === 0 ? 'spent' : 'created',
        }),
      }),
    });
    await released(stage, 1);
    expect(stage.fakes.of('submitBatchTest').map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  test('that is cancelled while its job runs cancels the job and removes the deployment', async () => {
    const stage = asking(running);
    const handle = await push(stage);
    await until('the job', () => (stage.fakes.of('lookAtJob').some(isTest) ? true : undefined));
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    await until('the end of it', () => (existing(stage).length === 0 ? true : undefined));
    expect(stage.fakes.of('cancelJob').map(({ job }) => job)).toEqual([expect.stringContaining('-test')]);
    expect(serving(stage)).toEqual({});
  });
});
