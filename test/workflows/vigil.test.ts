import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/contract.js';
import { messages } from '../../src/workflows/messages.js';
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
import { endpointOf, push, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const sickness = { challenger: { requests: 50, errors: 5, errorRate: 0.1 } };

/** A second release whose canary turns sick when the test says so. */
async function canary(
  more: (ok: Activities) => Partial<Activities> = () => ({}),
  rollout: object = {},
  scenario = {},
) {
  const state = { sick: false };
  const stage = live(
    lab,
    [],
    {
      ...scenario,
      activities: (ok: Activities) => ({
        compareDeployments: (input) =>
          state.sick ? Promise.resolve(sickness) : ok.compareDeployments(input),
        ...more(ok),
      }),
    },
    {
      rollout: {
        steps: [traffic(10, 100), traffic(50, 100)],
        abort: { errorRate: { op: '>', value: 0.01 } },
        keepPreviousMs: anHourMs,
        ...rollout,
      },
    },
  );
  return { stage, state, first: await released(stage, 1) };
}

const step = async (stage: Stage, what: string) => {
  await until(what, async () =>
    (await owner(stage)).running?.step.includes(what) === true ? true : undefined,
  );
};

async function goesBack(stage: Stage, first: string, handle: Awaited<ReturnType<typeof push>>, why: string) {
  const status = await resultOf(handle);
  expect(status.verdict).toBe('rolled_back');
  expect(status.why).toContain(why);
  expect(serving(stage)).toEqual({ [first]: 100 });
  expect(existing(stage)).toEqual([first]);
  expect((await owner(stage)).byHand).toBeUndefined();
}

describe.concurrent('a canary that turns sick when its step is over goes back', () => {
  const why = 'after traffic 10 % to d-';

  test('while its hours are closed', async () => {
    const opensAt = [0, 0, Date.now() + anHourMs];
    const window = 'Mon-Thu 09:00-16:00 Europe/Berlin';
    const trafficOpensAt = () => Promise.resolve(opensAt.shift() ?? Date.now() + anHourMs);
    const { stage, state, first } = await canary(() => ({ trafficOpensAt }), { window });
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    await step(stage, `traffic changes ${window}`);
    state.sick = true;
    await goesBack(stage, first, handle, why);
  });

  test('while people hold the endpoint, also after many looks', async () => {
    const { stage, state, first } = await canary(undefined, {}, { endpointInput: { historyLimit: 60 } });
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    await endpointOf(stage, 'live').signal('hold');
    await step(stage, 'held by an operator');
    const { runId } = await endpointOf(stage, 'live').describe();
    await until('a new run', async () =>
      (await endpointOf(stage, 'live').describe()).runId === runId ? undefined : true,
    );
    expect(serving(stage)[first]).toBe(90);
    state.sick = true;
    await goesBack(stage, first, handle, 'traffic 10 %');
  });

  test('while Azure grants no more traffic for want of quota', async () => {
    const { stage, state, first } = await canary((ok) => ({
      beginTraffic: (input) =>
        Object.values(input.traffic).includes(50)
          ? Promise.reject(failure('QuotaExceeded', 'no cores left'))
          : ok.beginTraffic(input),
    }));
    const handle = await push(stage, { commit: 2 });
    await until('it to be blocked', async () => (await owner(stage)).running?.blocked);
    expect(serving(stage)[first]).toBe(90);
    state.sick = true;
    await goesBack(stage, first, handle, why);
  });

  test('while somebody is asked about what was changed by hand', async () => {
    const { stage, state, first } = await canary(undefined, {
      steps: [traffic(10, 2_000), traffic(50, 100)],
    });
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    stage.fakes.azure
      .endpoint('live')
      .deployments.delete(existing(stage).find((name) => name !== first) ?? '');
    await happened(stage, 'is gone; `resume` goes on');
    state.sick = true;
    await goesBack(stage, first, handle, why);
  });
});

describe.concurrent('what blocks a rollout in its middle', () => {
  test('is waited out and the rollout goes on where it was', async () => {
    let full = true;
    const { stage, first } = await canary((ok) => ({
      beginTraffic: (input) =>
        full && Object.values(input.traffic).includes(50)
          ? Promise.reject(failure('QuotaExceeded', 'no cores left'))
          : ok.beginTraffic(input),
    }));
    const handle = await push(stage, { commit: 2 });
    await until('it to be blocked', async () => (await owner(stage)).running?.blocked);
    full = false;
    await endpointOf(stage, 'live').signal(messages.retry);
    expect((await resultOf(handle)).verdict).toBe('released');
    expect(serving(stage)[first]).toBeUndefined();
  });

  test('for too long gives the traffic back', async () => {
    const { stage, first } = await canary(
      (ok) => ({
        beginTraffic: (input) =>
          Object.values(input.traffic).includes(50)
            ? Promise.reject(failure('QuotaExceeded', 'no cores left'))
            : ok.beginTraffic(input),
      }),
      {},
      { timing: { blockedForMs: 500, blockedLookMs: 200 } },
    );
    const status = await resultOf(await push(stage, { commit: 2 }));
    expect(status.why).toContain('traffic was blocked for too long: no cores left');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
  });
});
