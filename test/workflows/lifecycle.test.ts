import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure, withoutModel } from '../support/fake-activities.js';
import { deploymentOf } from '../support/fake-azure.js';
import {
  approve,
  endpointOf,
  endpointStatusOf,
  gate,
  phaseOf,
  push,
  questionOf,
  resultOf,
  statusOf,
  until,
} from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import {
  candidate,
  dailyMonitor,
  environment,
  production,
  project,
  staging,
} from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const withoutEnvironments = project({ environments: [] });

describe.concurrent('a lifecycle', () => {
  test('proposes to retire an endpoint that no environment names any more, and does nothing about it', async () => {
    const stage = lab.stage({
      project: project({ environments: [staging] }),
      activities: { strandedEndpoints: () => Promise.resolve(['diabetes']) },
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(status.notes).toContainEqual(
      expect.stringContaining('`mlops retire diabetes` shows who calls it'),
    );
    expect(stage.fakes.of('report').at(-1)?.summary).toContain('mlops retire diabetes');
    expect(stage.fakes.of('beginRetirement')).toEqual([]);
  });

  test('goes from a push to a monitored production endpoint, with one approval', async () => {
    const monitored = { ...production, monitor: dailyMonitor };
    const stage = lab.stage({ project: project({ environments: [staging, monitored] }) });
    const handle = await push(stage);
    const question = await approve(handle);
    const status = await resultOf(handle);

    expect(status.verdict).toBe('released');
    expect(status.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
      'setup done',
      'train done',
      'register done',
      'stage done',
      'promote done',
      'monitor done',
    ]);
    expect(status.gate?.best).toBe('boosted');
    expect(question).toMatchObject({ environment: 'production', required: 1 });
    expect(status.decisions).toMatchObject([{ answer: 'approve', counted: true, code: question.code }]);
    expect(status.approval).toBeUndefined();
    const [model] = status.models;
    const deployment = deploymentOf({
      model: { name: 'diabetes', version: model?.version ?? '', workspace: 'dev' },
    });
    for (const name of ['staging', 'production']) {
      expect(stage.fakes.azure.endpoint(name).traffic).toEqual({ [deployment]: 100 });
      const release = Object.values(status.releases).find(({ endpoint }) => endpoint === name);
      expect(release).toMatchObject({ state: 'finished', scoringUri: `https://${name}.example/score` });
    }
    expect(stage.fakes.of('upsertMonitor')).toMatchObject([
      { environment: 'production', plan: dailyMonitor },
    ]);
    expect(stage.fakes.of('writeRecord').at(-1)?.status.verdict).toBe('released');
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'success' });
  });

  test('tells where it is by search attributes', async () => {
    const stage = lab.stage({ project: withoutEnvironments });
    const handle = await push(stage);
    await handle.result();
    const { typedSearchAttributes } = await handle.describe();
    const told = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(told)).toMatchObject({
      MlopsProject: 'diabetes',
      MlopsCommit: '1'.repeat(40),
      MlopsVerdict: 'registered',
      MlopsModel: 'diabetes:1-1111',
    });
  });

  test('started twice for one commit is one', async () => {
    const stage = lab.stage({ project: withoutEnvironments });
    const [first, second] = [await push(stage), await push(stage)];
    expect(first.workflowId).toBe(second.workflowId);
    await first.result();
    await push(stage);
    expect(stage.fakes.of('submitJob')).toHaveLength(2);
  });

  test('that may only plan makes nothing, although setup may be applied', async () => {
    const stage = lab.stage({
      loaded: { setup: 'apply' },
      activities: {
        planSetup: ({ workspace }) =>
          Promise.resolve({
            items: [{ workspace, kind: 'compute', name: 'cpu', change: 'create', detail: [] }],
          }),
      },
    });
    const status = await resultOf(await push(stage, { reach: 'plan' }));
    expect(status.verdict).toBe('planned');
    expect(phaseOf(status, 'setup').summary).toBe('would make compute cpu');
    expect(stage.fakes.of('applySetupItem')).toEqual([]);
    expect(stage.fakes.of('submitJob')).toEqual([]);
  });

  test('that may only train registers nothing', async () => {
    const stage = lab.stage();
    const status = await resultOf(await push(stage, { reach: 'train' }));
    expect(status.verdict).toBe('evaluated');
    expect(status.report).toBe('mlops/diabetes/report.html');
    expect(stage.fakes.of('registerModel')).toEqual([]);
  });

  test('whose runs logged no model ends as evaluated and says so', async () => {
    const stage = lab.stage({
      activities: {
        evaluateCandidate: ({ candidate: name, submitted }) =>
          Promise.resolve(withoutModel(name, submitted.job)),
      },
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('evaluated');
    expect(status.why).toContain('no run logged a model');
  });

  test('without environments ends as registered', async () => {
    const stage = lab.stage({ project: withoutEnvironments });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('registered');
    expect(phaseOf(status, 'promote')).toMatchObject({ state: 'skipped' });
  });

  test('that is told to register all registers three models and releases the best', async () => {
    const stage = lab.stage({
      project: project({
        candidates: [candidate('logistic'), candidate('boosted'), candidate('forest')],
        register: { name: 'diabetes', which: 'all' },
        environments: [staging],
      }),
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    expect(status.models.map(({ candidate: name }) => name)).toEqual(['logistic', 'boosted', 'forest']);
    const best = status.models.find(({ candidate: name }) => name === 'boosted');
    expect(stage.fakes.of('planDeployment')[0]?.release.model.version).toBe(best?.version);
    expect(stage.fakes.azure.endpoint('staging').deployments.size).toBe(1);
  });

  test('without search attributes in the namespace goes on without them', async () => {
    const bare = await startLab({ attributes: false });
    try {
      const stage = bare.stage({ project: withoutEnvironments });
      expect((await resultOf(await push(stage))).verdict).toBe('registered');
    } finally {
      await bare.stop();
    }
  });

  test('of a registered model enters at staging, without training', async () => {
    const stage = lab.stage({ project: project({ environments: [staging, production] }) });
    const release = { model: 'diabetes', version: '7', to: 'staging' };
    const status = await resultOf(await push(stage, { trigger: 'release/1', release }));
    expect(status.verdict).toBe('released');
    expect(stage.fakes.of('submitJob')).toEqual([]);
    expect(stage.fakes.azure.names()).toEqual(['staging']);
    expect(phaseOf(status, 'promote').state).toBe('skipped');
  });

  test('fails when its project may not be loaded, and says why', async () => {
    const stage = lab.stage({
      activities: {
        loadProject: () => Promise.reject(failure('NotAllowed', 'acme/x is not listed in the policy')),
      },
    });
    const handle = await push(stage);
    await expect(handle.result()).rejects.toThrow();
    const status = await statusOf(handle);
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain('acme/x is not listed in the policy');
  });
});

describe.concurrent('a newer commit', () => {
  test('stops the training of an older one and cancels its jobs', async () => {
    const training = gate();
    const stage = lab.stage({
      activities: (ok) => ({
        lookAtJob: (input) =>
          input.job.startsWith('logistic')
            ? Promise.reject(failure('NotYet', 'it runs'))
            : (training.open(), ok.lookAtJob(input)),
      }),
    });
    const handle = await push(stage);
    await training.opened;
    await until('one candidate to be done', async () =>
      (await statusOf(handle)).candidates.length > 0 ? true : undefined,
    );
    await handle.signal('superseded', { by: 'mlops/newer', commit: '2'.repeat(40) });
    const status = await resultOf(handle);
    expect(status.verdict).toBe('superseded');
    expect(status.why).toContain('mlops/newer');
    expect(stage.fakes.of('cancelJob')).toEqual([{ workspace: 'dev', job: 'logistic-0' }]);
    expect(stage.fakes.of('report').at(-1)).toMatchObject({ outcome: 'neutral' });
  });

  test('ends the wait of an older one for its approval and takes its place in the queue', async () => {
    const stage = lab.stage({ project: project({ environments: [production] }) });
    const older = await push(stage, { commit: 1 });
    const question = await questionOf(older);
    const newer = await push(stage, { commit: 2 });
    expect((await resultOf(older)).verdict).toBe('superseded');
    await expect(older.signal(question.approve)).rejects.toThrow();
    await approve(newer);
    expect((await resultOf(newer)).verdict).toBe('released');
    const owner = await endpointStatusOf(endpointOf(stage, 'production'));
    expect(owner.champion?.commit).toBe('2'.repeat(40));
  });

  test('that asked first supersedes an older one that comes late', async () => {
    const stage = lab.stage({ project: project({ environments: [environment('staging')] }) });
    expect((await resultOf(await push(stage, { commit: 2 }))).verdict).toBe('released');
    const late = await resultOf(await push(stage, { commit: 1 }));
    expect(late.verdict).toBe('superseded');
    expect(late.why).toContain('2222222 serves and is newer');
  });
});
