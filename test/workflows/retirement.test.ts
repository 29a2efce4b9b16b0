import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RetirementOrder } from '../../src/domain/retirement.js';
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
import { approve, endpointOf, push, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { dailyMonitor, onePerson } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const say = (stage: Stage, action: string, payload?: unknown) =>
  endpointOf(stage, 'live').signal(action, payload);
const gone = (stage: Stage) => endpointOf(stage, 'live').result();
const stages = async (stage: Stage) => (await owner(stage)).retirement?.stage;

describe.concurrent('an endpoint that is retired', () => {
  test('loses its traffic, then its deployments, its monitoring and itself; its models are archived', async () => {
    const stage = live(lab, [], {}, { monitor: dailyMonitor });
    const [first, second] = [await released(stage, 1), await released(stage, 2)];
    await say(stage, 'retire', { reason: 'replaced', days: 30 });
    await gone(stage);
    expect(stage.fakes.azure.names()).toEqual([]);
    const names = stage.fakes.calls.map(({ name }) => name);
    const order = [
      'surveyEndpoint',
      'beginRetirement',
      'removeMonitor',
      'beginDeleteDeployment',
      'beginDeleteEndpoint',
      'finishRetirement',
    ] as const;
    const places = order.map((name) => names.lastIndexOf(name));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stage.fakes.of('surveyEndpoint')).toMatchObject([{ endpoint: 'live', days: 30 }]);
    expect(stage.fakes.of('removeMonitor')).toEqual([{ scheduleId: `mlops/monitor/${stage.scope}/live` }]);
    const [finished] = stage.fakes.of('finishRetirement');
    expect(finished?.order).toMatchObject({ deployments: [first, second], by: ' by octocat: replaced' });
    expect(finished?.order.text).toContain('12 requests in the last 30 days, from webapp/1.0 (12, last');
    expect(stage.fakes.of('reportRelease').at(-1)).toMatchObject({ state: 'inactive' });
  });

  test('comes back by one word while it drains', async () => {
    const stage = live(lab, []);
    const first = await released(stage, 1);
    await say(stage, 'retire', { drain: '1h' });
    await until('it to drain', async () => ((await stages(stage)) === 'draining' ? true : undefined));
    expect(serving(stage)).toEqual({});
    const late = await resultOf(await push(stage, { commit: 2 }));
    expect(late).toMatchObject({ verdict: 'failed' });
    expect(late.why).toContain('the endpoint live is being retired by octocat');
    await say(stage, 'abort', { reason: 'somebody needs it' });
    await happened(stage, 'the endpoint stays and serves as before: abort by octocat: somebody needs it');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
    expect((await resultOf(await push(stage, { commit: 3 }))).verdict).toBe('released');
  });

  test('waits for the release that runs, and takes no further one', async () => {
    const stage = live(lab, [traffic(10, anHourMs)]);
    await released(stage, 1);
    const running = await push(stage, { commit: 2 });
    await midway(stage);
    await say(stage, 'retire');
    await happened(stage, 'retires the endpoint by octocat');
    expect(await stages(stage)).toBe('queued');
    expect((await resultOf(await push(stage, { commit: 3 }))).why).toContain('is being retired');
    await say(stage, 'retire');
    await happened(stage, 'it is being retired already');
    await say(stage, 'skip');
    expect((await resultOf(running)).verdict).toBe('released');
    await gone(stage);
    expect(stage.fakes.azure.names()).toEqual([]);
  });

  test('asks the approvers, with its callers in the evidence, and nothing happens before they agree', async () => {
    const stage = live(lab, [], {}, { approval: onePerson });
    const lifecycle = await push(stage, { commit: 1 });
    await approve(lifecycle);
    await lifecycle.result();
    await say(stage, 'retire');
    const asked = await until('the approvers to be asked', async () => (await owner(stage)).approval);
    expect(asked.evidence.steering).toContain('from webapp/1.0 (12, last 2026-11-25 08:00 UTC)');
    await say(stage, asked.approve, { by: 'mallory' });
    await say(stage, asked.reject, { by: 'octocat' });
    await happened(stage, 'retire by octocat: rejected by octocat');
    expect(Object.values(serving(stage))).toEqual([100]);
    await say(stage, 'retire');
    const again = await until('the approvers to be asked again', async () => (await owner(stage)).approval);
    await say(stage, again.approve, { by: 'octocat' });
    await gone(stage);
    const order = stage.fakes.of('beginDeleteEndpoint')[0]?.order as RetirementOrder;
    expect(order.by).toBe(' by octocat, approved by octocat');
    expect(order.askedIn).toBe(order.saidIn);
  });

  test('stays where its guard refuses, and where somebody gave it traffic meanwhile', async () => {
    let refuses = true;
    const stage = live(lab, [], {
      activities: (ok) => ({
        beginRetirement: (input) =>
          refuses ? Promise.reject(failure('NotAllowed', 'no valid approval')) : ok.beginRetirement(input),
      }),
    });
    const first = await released(stage, 1);
    await say(stage, 'retire');
    await happened(stage, 'the endpoint stays and serves as before: no valid approval');
    refuses = false;
    await say(stage, 'retire', { drain: '2s' });
    await until('it to drain', async () => ((await stages(stage)) === 'draining' ? true : undefined));
    stage.fakes.azure.endpoint('live').traffic = { [first]: 100 };
    await happened(stage, `somebody gave traffic to ${first} meanwhile`);
    expect(existing(stage)).toEqual([first]);
  });
});

test('an endpoint that is retired is gone although its workers are killed again and again', async () => {
  const waits = { deployment: true, endpoint: true };
  const stage = live(lab, [], {
    activities: (ok) => ({
      beginDeleteDeployment: async (input) => {
        const operation = await ok.beginDeleteDeployment(input);
        // What was begun and not answered is asked again.
        if (waits.deployment) throw failure('Outage', 'the worker died');
        return operation;
      },
      beginDeleteEndpoint: async (input) => {
        const operation = await ok.beginDeleteEndpoint(input);
        if (waits.endpoint) throw failure('Outage', 'the worker died');
        return operation;
      },
    }),
  });
  await released(stage, 1);
  await say(stage, 'retire');
  for (const point of ['deployment', 'endpoint'] as const) {
    await until(`the ${point} to go`, () =>
      stage.fakes.of(point === 'deployment' ? 'beginDeleteDeployment' : 'beginDeleteEndpoint').length > 0
        ? true
        : undefined,
    );
    await lab.replaceWorker();
    waits[point] = false;
    await say(stage, 'retry');
  }
  await gone(stage);
  expect(stage.fakes.azure.names()).toEqual([]);
  expect(stage.fakes.of('finishRetirement')).toHaveLength(1);
});
