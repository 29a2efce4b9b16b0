import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRetrainingLimits } from '../../src/domain/retraining.js';
import {
  messages,
  type MonitoringInput,
  type MonitoringResult,
  workflowTypes,
} from '../../src/workflows/messages.js';
import { endpointWorkflowId, failure } from '../support/fake-activities.js';
import {
  endpointOf,
  endpointStatusOf,
  push,
  resultOf,
  sourceOf,
  until,
} from '../support/workflow-driving.js';
import { type Lab, type Scenario, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

type Found = Pick<MonitoringResult, 'verdict' | 'onBreach' | 'retraining'>;

/** An endpoint on which two releases have been, and looks that find what the test says. */
async function watched(found: Found, activities: Scenario['activities'] = {}): Promise<Stage> {
  const stage = lab.stage({
    project: straightTo(environment('live')),
    activities: (ok) => ({
      analyseDrift: () => Promise.resolve({ ...found, summary: `found ${found.verdict}`, findings: [] }),
      ...(typeof activities === 'function' ? activities(ok) : activities),
    }),
  });
  for (const commit of [1, 2]) await resultOf(await push(stage, { commit }));
  return stage;
}

let looks = 0;

async function look(stage: Stage, more: Partial<MonitoringInput> = {}): Promise<MonitoringResult> {
  looks += 1;
  const input: MonitoringInput = {
    workspace: 'dev',
    endpoint: 'live',
    endpointWorkflowId: endpointWorkflowId(stage.scope, 'live'),
    source: sourceOf(stage, 2),
    project: 'diabetes',
    environment: 'live',
    taskQueue: stage.taskQueue,
    timing: stage.timing,
    ...more,
  };
  return (await stage.client.workflow.execute(workflowTypes.monitoring, {
    workflowId: `mlops/monitor/${stage.scope}/live/${looks}`,
    taskQueue: stage.taskQueue,
    args: [input],
  })) as MonitoringResult;
}

const eventsOf = async (stage: Stage): Promise<string[]> =>
  (await endpointStatusOf(endpointOf(stage, 'live'))).events.map(({ what }) => what);

async function happened(stage: Stage, what: string): Promise<void> {
  await until(what, async () =>
    (await eventsOf(stage)).some((event) => event.includes(what)) ? true : undefined,
  );
}

describe.concurrent('a look at an endpoint', () => {
  test('that finds nothing disturbs nobody', async () => {
    const stage = await watched({ verdict: 'ok', onBreach: 'retrain' });
    expect((await look(stage)).verdict).toBe('ok');
    const [{ atMs } = { atMs: Number.NaN }] = stage.fakes.of('analyseDrift');
    expect(Number.isFinite(atMs)).toBe(true);
    expect((await endpointStatusOf(endpointOf(stage, 'live'))).governor.breaches).toBe(0);
  });

  test('that finds drift starts one retraining, and none while that cools down', async () => {
    const stage = await watched({ verdict: 'breach', onBreach: 'retrain' });
    await look(stage);
    await happened(stage, 'found breach → retraining started: mlops/acme');
    await look(stage);
    await happened(stage, 'found breach → the last retraining was');
    expect(stage.fakes.of('startRetraining')).toMatchObject([{ project: 'diabetes', verdict: 'breach' }]);
    const { governor } = await endpointStatusOf(endpointOf(stage, 'live'));
    expect(governor).toMatchObject({ breaches: 2, retrainedAt: [expect.any(Number)] });
  });

  test('asks a person once retrainings bring nothing that serves, as often as the project allows', async () => {
    const retraining = { ...defaultRetrainingLimits, maxFruitless: 1 };
    const stage = await watched({ verdict: 'breach', onBreach: 'retrain', retraining });
    await look(stage);
    await happened(stage, 'found breach → retraining started');
    await look(stage);
    await happened(stage, 'found breach → the last retraining brought nothing that serves');
    await endpointOf(stage, 'live').signal(messages.resume);
    await until('the breaker is closed', async () =>
      (await endpointStatusOf(endpointOf(stage, 'live'))).governor.fruitless === 0 ? true : undefined,
    );
    await look(stage);
    await happened(stage, 'found breach → the last retraining was');
    expect(stage.fakes.of('startRetraining')).toHaveLength(1);
  });

  test('does not count a retraining that could not be started', async () => {
    const stage = await watched(
      { verdict: 'breach', onBreach: 'retrain' },
      { startRetraining: () => Promise.reject(failure('Outage', 'Temporal is away')) },
    );
    await look(stage);
    await happened(stage, 'Temporal is away');
    expect((await endpointStatusOf(endpointOf(stage, 'live'))).governor.retrainedAt).toEqual([]);
  });

  test('that finds no data tells people; it neither retrains nor rolls back', async () => {
    const stage = await watched({ verdict: 'missing_data', onBreach: 'rollback' });
    const before = stage.fakes.azure.endpoint('live').traffic;
    await look(stage);
    await happened(stage, 'found missing_data → the project asks to tell people');
    expect(stage.fakes.azure.endpoint('live').traffic).toEqual(before);
  });

  test('rolls back where the project asks for it', async () => {
    const stage = await watched({ verdict: 'breach', onBreach: 'rollback' });
    const { previous } = await endpointStatusOf(endpointOf(stage, 'live'));
    await look(stage);
    await happened(stage, `serves again as ${previous?.deployment ?? '?'}`);
    expect(stage.fakes.azure.endpoint('live').traffic).toEqual({ [previous?.deployment ?? '?']: 100 });
  });

  test('only tells people by default', async () => {
    const stage = await watched({ verdict: 'breach', onBreach: 'notify' });
    await look(stage);
    await happened(stage, 'found breach → the project asks to tell people');
    expect(stage.fakes.of('startRetraining')).toEqual([]);
  });
});

describe.concurrent('a look that a job measures next to the data', () => {
  const byJob = { engine: 'azureml' } as const;

  test('waits for the job and concludes by what it measured', async () => {
    const stage = await watched({ verdict: 'ok', onBreach: 'notify' });
    await look(stage, byJob);
    const [submitted] = stage.fakes.of('submitAnalysis');
    expect(submitted).toMatchObject({ endpoint: 'live', attempt: 0 });
    expect(submitted?.lookId).toMatch(/^mlops\/monitor\//);
    expect(stage.fakes.of('analyseDrift')).toMatchObject([
      {
        atMs: submitted?.atMs,
        analysis: { submitted: { job: `monitor-live-${submitted?.atMs}-0` }, end: { status: 'Completed' } },
      },
    ]);
  });

  test('takes another name where that of a failed job is spent', async () => {
    const stage = await watched({ verdict: 'ok', onBreach: 'notify' }, (ok) => ({
      submitAnalysis: async (input) => {
        const job = await ok.submitAnalysis(input);
        return job === null || input.attempt > 0 ? job : { ...job, state: 'spent' };
      },
    }));
    await look(stage, byJob);
    expect(stage.fakes.of('submitAnalysis').map(({ attempt }) => attempt)).toEqual([0, 1]);
  });

  test('starts no job where nothing was collected', async () => {
    const stage = await watched(
      { verdict: 'missing_data', onBreach: 'notify' },
      { submitAnalysis: () => Promise.resolve(null) },
    );
    await look(stage, byJob);
    expect(stage.fakes.of('lookAtJob').filter(({ job }) => job.startsWith('monitor-'))).toEqual([]);
    expect(stage.fakes.of('analyseDrift')).toMatchObject([{ analysis: null }]);
  });

  test('tells at once what stands in its way, and cancels a job that takes too long', async () => {
    const stage = await watched({ verdict: 'missing_data', onBreach: 'notify' }, (ok) => ({
      lookAtJob: (input) =>
        input.job.startsWith('monitor-')
          ? Promise.reject(failure('RunTimeout', 'it ran for more than a minute'))
          : ok.lookAtJob(input),
    }));
    await look(stage, byJob);
    const [{ atMs } = { atMs: Number.NaN }] = stage.fakes.of('submitAnalysis');
    expect(stage.fakes.of('cancelJob')).toEqual([{ workspace: 'dev', job: `monitor-live-${atMs}-0` }]);
    expect(stage.fakes.of('analyseDrift')).toMatchObject([
      { analysis: { problem: 'it ran for more than a minute' } },
    ]);
    await happened(stage, 'found missing_data → the project asks to tell people');

    const refused = await watched(
      { verdict: 'missing_data', onBreach: 'notify' },
      { submitAnalysis: () => Promise.reject(failure('QuotaExceeded', 'no cores are left')) },
    );
    await look(refused, byJob);
    expect(refused.fakes.of('analyseDrift')).toMatchObject([{ analysis: { problem: 'no cores are left' } }]);
  });
});
