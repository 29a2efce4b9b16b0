import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failure } from '../support/fake-activities.js';
import {
  anHourMs,
  existing,
  happened,
  live,
  midway,
  owner,
  released,
  serving,
  traffic,
} from '../support/live-endpoint.js';
import { endpointOf, phaseOf, push, resultOf, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.concurrent('a release', () => {
  test('takes everything at once where nothing serves, and goes in steps where something does', async () => {
    const stage = live(lab, [{ kind: 'mirror', percent: 20, forMs: 60 }, traffic(10), traffic(50)]);
    const first = await released(stage, 1);
    const second = await released(stage, 2);
    const asked = stage.fakes.of('beginTraffic');
    expect(asked.map((change) => [change.traffic, change.mirror])).toEqual([
      [{ [first]: 100 }, {}],
      [{ [first]: 100 }, { [second]: 20 }],
      [{ [first]: 90, [second]: 10 }, {}],
      [{ [first]: 50, [second]: 50 }, {}],
      [{ [second]: 100 }, {}],
    ]);
    expect(asked.every(({ release }) => release !== undefined)).toBe(true);
    expect(
      stage.fakes
        .of('compareDeployments')
        .every(({ challenger, champion }) => challenger === second && champion === first),
    ).toBe(true);
    const status = await owner(stage);
    expect([status.champion?.deployment, status.previous?.deployment]).toEqual([second, first]);
    expect(existing(stage)).toEqual([first, second]);
  });

  test('waits for its hours before every change of traffic; a rollback does not', async () => {
    const opensAt = [0, Date.now() + 3_600_000];
    const window = 'Mon-Thu 09:00-16:00 Europe/Berlin';
    const rollout = { steps: [traffic(10)], abort: {}, keepPreviousMs: anHourMs, window };
    const trafficOpensAt = () => Promise.resolve(opensAt.shift() ?? Date.now());
    const stage = live(lab, [], { activities: { trafficOpensAt } }, { rollout });
    const first = await released(stage, 1);
    const lifecycle = await push(stage, { commit: 2 });
    await until('the wait', async () =>
      (await owner(stage)).running?.step.includes(`traffic changes ${window}`) === true ? true : undefined,
    );
    expect(serving(stage)).toEqual({ [first]: 100 });
    await endpointOf(stage, 'live').signal('rollback');
    expect((await resultOf(lifecycle)).verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
  });

  test('that turns out unhealthy gives its traffic back and is removed', async () => {
    let sick = false;
    const stage = live(lab, [traffic(10)], {
      activities: (ok) => ({
        compareDeployments: (input) =>
          sick
            ? Promise.resolve({ challenger: { requests: 50, errors: 5, errorRate: 0.1 } })
            : ok.compareDeployments(input),
      }),
    });
    const first = await released(stage, 1);
    sick = true;
    const status = await resultOf(await push(stage, { commit: 2 }));
    expect(status.verdict).toBe('rolled_back');
    expect(status.why).toContain('at traffic 10 %: error rate 10 % > 1 %');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
    expect((await owner(stage)).champion?.deployment).toBe(first);
  });

  test('whose test fails never gets traffic and is removed', async () => {
    const stage = live(lab, [], {
      activities: {
        testDeployment: () =>
          Promise.resolve({
            passed: false,
            stats: { requests: 1, errors: 1, errorRate: 1 },
            reasons: ['500: no model'],
          }),
      },
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain('500: no model');
    expect(serving(stage)).toEqual({});
    expect(existing(stage)).toEqual([]);
  });

  test('whose deployment fails half made leaves nothing behind', async () => {
    const stage = live(lab, [], {
      activities: (ok) => ({
        lookAtOperation: (input) =>
          input.operation.kind === 'put' && input.operation.resource.startsWith('d-')
            ? Promise.reject(failure('Rejected', 'the container crashed'))
            : ok.lookAtOperation(input),
      }),
    });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain('the container crashed');
    expect(existing(stage)).toEqual([]);
  });

  test('that is cancelled in the middle of its rollout gives the traffic back and is removed', async () => {
    const stage = live(lab, [traffic(10, anHourMs)], { timing: { healthLookMs: anHourMs } });
    const first = await released(stage, 1);
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect((await statusOf(handle)).verdict).toBe('cancelled');
    await happened(stage, 'withdrawn');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
  });

  test('says when its way back failed too', async () => {
    let broken = false;
    const stage = live(lab, [traffic(10)], {
      activities: (ok) => ({
        compareDeployments: () => {
          broken = true;
          return Promise.resolve({ challenger: { requests: 50, errors: 50, errorRate: 1 } });
        },
        beginTraffic: (input) =>
          broken ? Promise.reject(failure('Rejected', 'locked')) : ok.beginTraffic(input),
      }),
    });
    await released(stage, 1);
    const status = await resultOf(await push(stage, { commit: 2 }));
    expect(status.verdict).toBe('rolled_back');
    expect(status.why).toContain('putting things back failed too: locked');
  });
});

describe.concurrent('a deployment', () => {
  test('of staging goes after its time, and gives its traffic up before', async () => {
    const stage = live(lab, [], {}, { keepMs: 200 });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('released');
    await until('the deployment to go', () => (existing(stage).length === 0 ? true : undefined));
    expect(serving(stage)).toEqual({});
    await until('the owner to know', async () =>
      (await owner(stage)).champion === undefined ? true : undefined,
    );
  });

  test('of the previous champion goes after its time', async () => {
    const rollout = { steps: [], abort: {}, keepPreviousMs: 200 };
    const stage = live(lab, [], {}, { rollout });
    await released(stage, 1);
    const second = await released(stage, 2);
    await until('the previous to go', () => (existing(stage).length === 1 ? true : undefined));
    expect(existing(stage)).toEqual([second]);
    expect(serving(stage)).toEqual({ [second]: 100 });
  });

  test('that cannot be removed now is tried again, and nobody waits for it', async () => {
    let locked = true;
    const stage = live(
      lab,
      [],
      {
        timing: { blockedLookMs: 500 },
        activities: (ok) => ({
          beginDeleteDeployment: (input) =>
            locked ? Promise.reject(failure('NotAuthorized', 'a lock')) : ok.beginDeleteDeployment(input),
        }),
      },
      { rollout: { steps: [], abort: {}, keepPreviousMs: 100 } },
    );
    await released(stage, 1);
    await released(stage, 2);
    await happened(stage, 'a lock');
    const third = await released(stage, 3);
    locked = false;
    await until('the earlier ones to go', () => (existing(stage).length === 1 ? true : undefined));
    expect(existing(stage)).toEqual([third]);
  });
});

describe.concurrent("an endpoint's owner", () => {
  test('continues as new with everything that it knew', async () => {
    const stage = live(lab, [], { endpointInput: { historyLimit: 30 } });
    const first = await released(stage, 1);
    const endpoint = endpointOf(stage, 'live');
    await endpoint.signal('hold');
    await happened(stage, 'held');
    const query = `WorkflowId = '${endpoint.workflowId}' AND ExecutionStatus = 'ContinuedAsNew'`;
    await until('another run', async () =>
      (await stage.client.workflow.count(query)).count > 0 ? true : undefined,
    );
    const status = await owner(stage);
    expect(status).toMatchObject({
      held: true,
      traffic: { [first]: 100 },
      scoringUri: 'https://live.example/score',
    });
    expect(status.champion?.deployment).toBe(first);
    expect(status.lastResults).toHaveLength(1);
    await endpoint.signal('resume');
    const second = await released(stage, 2);
    expect((await owner(stage)).previous?.deployment).toBe(first);
    expect(serving(stage)).toEqual({ [second]: 100 });
  });

  test('that was terminated is an error of the lifecycle, not silence', async () => {
    const stage = live(lab, [traffic(10, anHourMs)], { timing: { healthLookMs: anHourMs, silenceMs: 300 } });
    await released(stage, 1);
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    await endpointOf(stage, 'live').terminate('by mistake');
    await expect(handle.result()).rejects.toThrow();
    const status = await statusOf(handle);
    expect(status.verdict).toBe('failed');
    expect(status.why).toContain('is gone: somebody ended that workflow');
  });

  test('that has forgotten a release hears of it again', async () => {
    const stage = live(lab, [], { timing: { silenceMs: 500 } });
    await released(stage, 1);
    await endpointOf(stage, 'live').signal('hold');
    const handle = await push(stage, { commit: 2 });
    const granted = await until('the place in the queue', async () => {
      const status = await owner(stage);
      return status.proceeding.length === 1 ? status : undefined;
    });
    const [release] = granted.waiting;
    // A release of somebody else withdrawn by mistake looks the same: the owner no longer knows it.
    await endpointOf(stage, 'live').signal('withdraw', { releaseId: release?.id, reason: 'by mistake' });
    await until('the release to be asked for again', async () =>
      (await owner(stage)).proceeding.length === 1 ? true : undefined,
    );
    await endpointOf(stage, 'live').signal('resume');
    const status = await resultOf(handle);
    expect(status.verdict).toBe('released');
    expect(phaseOf(status, 'promote').state).toBe('done');
  });
});
