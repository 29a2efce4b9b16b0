import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messages } from '../../src/workflows/messages.js';
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
import { type Lab, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

describe.concurrent('what others made', () => {
  test('is adopted as the champion, replaced step by step, and can be rolled back to', async () => {
    const stage = live(lab, [traffic(10)]);
    stage.fakes.azure.make('live', { blue: 100 });
    const ours = await released(stage, 1);
    expect(stage.fakes.of('beginTraffic').map((change) => change.traffic)).toEqual([
      { blue: 90, [ours]: 10 },
      { [ours]: 100 },
    ]);
    expect((await owner(stage)).previous).toMatchObject({
      deployment: 'blue',
      model: { name: 'handmade', version: '7' },
    });
    await endpointOf(stage, 'live').signal(messages.rollback);
    await happened(stage, 'handmade:7 serves again as blue');
    expect(serving(stage)).toEqual({ blue: 100 });
  });

  test('between releases is shown, and taken over when a person says so', async () => {
    const stage = live(lab, []);
    const first = await released(stage, 1);
    const azure = stage.fakes.azure.endpoint('live');
    azure.deployments.add('green');
    azure.traffic = { [first]: 30, green: 70 };
    const handle = await push(stage, { commit: 2 });
    await happened(stage, `${first} has 30 %, it was set to 100 %; green has 70 %, it was set to 0 %`);
    expect((await owner(stage)).byHand).toContain('`resume` takes over what is there');
    expect(existing(stage)).toHaveLength(2);
    await endpointOf(stage, 'live').signal(messages.resume);
    expect((await resultOf(handle)).verdict).toBe('released');
    expect((await owner(stage)).previous?.deployment).toBe('green');
  });

  test('in the middle of a rollout stops it', async () => {
    const stage = live(lab, [traffic(10, anHourMs), traffic(50, anHourMs)]);
    const first = await released(stage, 1);
    const handle = await push(stage, { commit: 2 });
    await midway(stage);
    const [, second = ''] = existing(stage);
    stage.fakes.azure.endpoint('live').traffic = { [first]: 20, [second]: 80 };
    await endpointOf(stage, 'live').signal(messages.skip);
    await happened(stage, `${first} has 20 %, it was set to 90 %`);
    expect(serving(stage)).toEqual({ [first]: 20, [second]: 80 });
    await endpointOf(stage, 'live').signal(messages.abort);
    expect((await resultOf(handle)).verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
  });
});

test('a previous champion that is no longer warm is built again, and what that takes is said first', async () => {
  const stage = live(lab, [], {}, { rollout: { steps: [], abort: {}, keepPreviousMs: 100 } });
  const first = await released(stage, 1);
  const second = await released(stage, 2);
  await until('the previous to go', () => (existing(stage).length === 1 ? true : undefined));
  await until('the owner to be done', async () =>
    (await owner(stage)).retiring.length === 0 ? true : undefined,
  );
  await endpointOf(stage, 'live').signal(messages.rollback);
  await happened(stage, `serves again as ${first}`);
  const events = (await owner(stage)).events.map(({ what }) => what);
  expect(events.join('\n')).toMatch(
    new RegExp(
      `${first} is no longer warm: building it again takes about .+, as the first time; ${second} serves`,
    ),
  );
  expect(serving(stage)).toEqual({ [first]: 100 });
});

test('a rollback is shown on GitHub when its lifecycle is over, and waits for nobody there', async () => {
  let away = false;
  const stage = live(lab, [], {
    activities: (ok) => ({
      reportRelease: (input) =>
        away ? Promise.reject(new Error('GitHub is away')) : ok.reportRelease(input),
    }),
  });
  await released(stage, 1);
  await released(stage, 2);
  await endpointOf(stage, 'live').signal(messages.rollback);
  await happened(stage, 'serves again as');
  expect(stage.fakes.of('reportRelease').slice(-2)).toMatchObject([
    { state: 'inactive', description: expect.stringMatching(/^rolled back to /) as unknown },
    { state: 'success', description: expect.stringMatching(/^serves again after a rollback of /) as unknown },
  ]);
  away = true;
  await endpointOf(stage, 'live').signal(messages.rollback);
  await until('the second rollback', async () =>
    (await owner(stage)).events.filter(({ what }) => what.includes('serves again as')).length === 2
      ? true
      : undefined,
  );
});

test('over a long life every history stays below 4,000 events and the state below 200 KB', async () => {
  const stage = live(lab, []);
  await released(stage, 1);
  const endpoint = endpointOf(stage, 'live');
  const { runId } = await endpoint.describe();
  // Messages that come together cost few events besides their own: it takes many until a run is long.
  for (let round = 0; round < 100 && (await endpoint.describe()).runId === runId; round += 1) {
    const reason = `${round} ${'because '.repeat(60)}`;
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        endpoint.signal(index % 2 === 0 ? 'hold' : 'pause', { reason }),
      ),
    );
    await happened(stage, `${round} because`);
  }
  const runs: number[] = [];
  await until('the runs to be listed', async () => {
    runs.length = 0;
    const query = `WorkflowId = '${endpoint.workflowId}'`;
    for await (const { historyLength } of stage.client.workflow.list({ query })) runs.push(historyLength);
    return runs.length > 1 ? true : undefined;
  });
  expect(Math.max(...runs)).toBeLessThan(4_000);
  expect(JSON.stringify(await owner(stage)).length).toBeLessThan(200_000);
});
