import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
import { endpointOf, push, resultOf, signalGarbage, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.concurrent('an operator', () => {
  test('goes back to the previous champion with one signal', async () => {
    const stage = live(lab, []);
    const [first, second] = [await released(stage, 1), await released(stage, 2)];
    await endpointOf(stage, 'live').signal('rollback');
    await happened(stage, `serves again as ${first}`);
    expect(serving(stage)).toEqual({ [first]: 100 });
    const status = await owner(stage);
    expect([status.champion?.deployment, status.previous?.deployment]).toEqual([first, second]);
    expect(stage.fakes.of('beginTraffic').at(-1)?.release).toBeUndefined();
  });

  test('hears that there is nothing to go back to', async () => {
    const stage = live(lab, []);
    await released(stage, 1);
    await endpointOf(stage, 'live').signal('rollback', { by: 'octocat', reason: 'just trying' });
    await happened(stage, 'there is no previous champion');
    expect((await owner(stage)).events.map(({ what }) => what)).toContain('rollback by octocat: just trying');
  });

  test('stops a rollout with the same signal', async () => {
    const stage = live(lab, [traffic(10, anHourMs)], { timing: { healthLookMs: anHourMs } });
    const first = await released(stage, 1);
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    await signalGarbage(stage, endpointOf(stage, 'live'), 'rollback');
    const status = await resultOf(handle);
    expect(status.verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect((await owner(stage)).champion?.deployment).toBe(first);
  });

  test('who says it too late to stop the release gets the previous champion all the same', async () => {
    let endpoint: WorkflowHandle | undefined;
    const stage = live(lab, [], {
      activities: (ok) => ({
        // Read before a release, before each step, and once after it, when the second serves.
        readEndpoint: async (input) => {
          const snapshot = await ok.readEndpoint(input);
          const [serving] = Object.keys(snapshot.traffic);
          if (snapshot.deployments.length === 2 && serving === snapshot.deployments[1]?.name)
            await endpoint?.signal('rollback').then(() => (endpoint = undefined));
          return snapshot;
        },
      }),
    });
    const first = await released(stage, 1);
    endpoint = endpointOf(stage, 'live');
    await push(stage, { commit: 2 });
    await happened(stage, `serves again as ${first}`);
    expect(serving(stage)).toEqual({ [first]: 100 });
  });

  test('holds an endpoint and lets it go on', async () => {
    const stage = live(lab, []);
    await released(stage, 1);
    const endpoint = endpointOf(stage, 'live');
    await endpoint.signal('hold', { reason: 'an incident' });
    const handle = await push(stage, { commit: 2 });
    await until('the release to wait', async () =>
      (await owner(stage)).proceeding.length === 1 ? true : undefined,
    );
    expect((await owner(stage)).held).toBe(true);
    expect(existing(stage)).toHaveLength(1);
    await endpoint.signal('resume');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('holds a rollout between two steps', async () => {
    let endpoint: WorkflowHandle | undefined;
    const stage = live(lab, [traffic(10), traffic(50)], {
      activities: (ok) => ({
        compareDeployments: async (input) => {
          const holding = endpoint;
          endpoint = undefined;
          await holding?.signal('hold');
          if (holding !== undefined) await happened(stage, 'held');
          return await ok.compareDeployments(input);
        },
      }),
    });
    await released(stage, 1);
    endpoint = endpointOf(stage, 'live');
    const handle = await push(stage, { commit: 2 });
    await until('the rollout to be held', async () =>
      (await owner(stage)).running?.step.startsWith('held') === true ? true : undefined,
    );
    expect(Object.values(serving(stage)).sort()).toEqual([10, 90]);
    await endpointOf(stage, 'live').signal('resume');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('cannot stop the endpoint with signals that say nothing', async () => {
    const stage = live(lab, []);
    await released(stage, 1);
    const endpoint = endpointOf(stage, 'live');
    for (const name of ['request', 'proceed', 'withdraw', 'breach', 'hold', 'resume', 'unheard of'])
      await endpoint.signal(name);
    await endpoint.signal('request', { id: 'x' });
    await signalGarbage(stage, endpoint, 'breach');
    await released(stage, 2);
    const events = (await owner(stage)).events.map(({ what }) => what);
    for (const name of ['request', 'proceed', 'withdraw', 'breach'])
      expect(events).toContain(`refused a signal "${name}" whose payload says nothing that it can act on`);
    expect(events).toContain('refused the unknown signal "unheard of"');
  });
});
