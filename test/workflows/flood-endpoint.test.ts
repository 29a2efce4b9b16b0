import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SteeringAction } from '../../src/domain/steering.js';
import {
  anHourMs,
  happened,
  live,
  midway,
  owner,
  released,
  serving,
  traffic,
} from '../support/live-endpoint.js';
import { endpointOf, push, resultOf, sourceOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const senders = 50;
const count = 3_000;
const mostEvents = 10_000;

const nobody = {
  verifySteering: ({ action, nth }: { action: string; nth: number }) =>
    Promise.resolve({
      allowed: action === 'abort',
      by: action === 'abort' ? 'octocat' : 'mallory',
      verified: 'github' as const,
      id: `signal/${action}/${nth}`,
      ...(action !== 'abort' && { problem: 'mallory is no operator of this project' }),
    }),
};

/** Everything that strangers may send to an endpoint's owner, over and over. */
async function flood(stage: Stage, handle: WorkflowHandle): Promise<void> {
  const steering: SteeringAction[] = ['pause', 'hold', 'rollback', 'skip', 'plan', 'resume', 'queue_jump'];
  const forged = {
    ...{ lifecycleId: 'nobody', lifecycleRunId: 'x', project: 'diabetes', source: sourceOf(stage, 1) },
    ...{ model: { name: 'm', version: '1', workspace: 'dev' }, environment: 'live', requestedAt: 0 },
  };
  const breach = { ...{ scheduledAt: 'x', verdict: 'x', summary: 's'.repeat(5_000), onBreach: 'notify' } };
  const kinds: ((nth: number) => readonly [string, unknown])[] = [
    ...steering.map((action) => () => [action, { reason: 'x'.repeat(300) }] as const),
    (nth) => ['proceed', { releaseId: `${nth}${'x'.repeat(5_000)}` }],
    (nth) => ['request', { ...forged, id: `forged/${nth}`, extra: 'x'.repeat(20_000) }],
    () => ['breach', { ...breach, source: sourceOf(stage, 1), project: 'diabetes' }],
    () => ['retry', undefined],
    () => ['approve 000000000000', 'yes'],
  ];
  let next = 0;
  const send = async (): Promise<void> => {
    for (let nth = next++; nth < count; nth = next++) {
      const [name, payload] = kinds[nth % kinds.length]?.(nth) ?? ['anything', undefined];
      await handle.signal(name, payload);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
}

/** Lengths of the runs' histories. */
async function runsOf({ client }: Stage, { workflowId }: WorkflowHandle): Promise<number[]> {
  const runs: number[] = [];
  for await (const { historyLength } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    runs.push(historyLength);
  return runs;
}

const inANewRun = async (handle: WorkflowHandle, before: string): Promise<void> => {
  await until('the owner to go on in a new run', async () =>
    (await handle.describe()).runId === before ? undefined : true,
  );
};

describe('three thousand signals by strangers', () => {
  test('leave an idle endpoint as it is: its owner goes on in a new run, with its champion', async () => {
    const stage = live(lab, [], { activities: nobody });
    const first = await released(stage, 1);
    const handle = endpointOf(stage, 'live');
    const { runId } = await handle.describe();
    await flood(stage, handle);
    await inANewRun(handle, runId);
    expect(serving(stage)).toEqual({ [first]: 100 });
    const { champion, waiting, proceeding, events } = await owner(stage);
    expect(champion?.deployment).toBe(first);
    expect([waiting, proceeding]).toEqual([[], []]);
    expect(events.length).toBeLessThanOrEqual(20);
    expect(stage.fakes.of('proveSteering').length).toBeLessThan(count / 10);
    expect(Math.max(...(await runsOf(stage, handle)))).toBeLessThan(mostEvents);
    const second = await released(stage, 2);
    expect(serving(stage)).toEqual({ [second]: 100 });
  });

  test('leave a rollout at its step; who may steer it is heard all the same', async () => {
    const stage = live(lab, [traffic(10, anHourMs)], { activities: nobody });
    const first = await released(stage, 1);
    const handle = endpointOf(stage, 'live');
    const release = await push(stage, { commit: 2 });
    await midway(stage);
    const { runId } = await handle.describe();
    await flood(stage, handle);
    await inANewRun(handle, runId);
    expect(Object.values(serving(stage)).sort()).toEqual([10, 90]);
    expect((await owner(stage)).running?.rollout).toMatchObject({ paused: false, next: [] });
    await handle.signal('abort', { reason: 'complaints' });
    await happened(stage, 'abort by octocat: complaints');
    expect((await resultOf(release)).verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(Math.max(...(await runsOf(stage, handle)))).toBeLessThan(mostEvents);
  });
});
