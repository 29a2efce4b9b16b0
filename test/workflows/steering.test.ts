import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SteeringAction } from '../../src/domain/steering.js';
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
import { onePerson } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const say = (stage: Stage, action: SteeringAction, payload?: unknown) =>
  endpointOf(stage, 'live').signal(action, payload);
const shares = (stage: Stage) => Object.values(serving(stage)).sort((a, b) => a - b);

/** An endpoint whose second release has just taken its first share, for an hour unless somebody steers. */
async function underWay(steps = [traffic(10, anHourMs), traffic(50, anHourMs)], scenario = {}, more = {}) {
  const stage = live(lab, steps, scenario, more);
  const first = await released(stage, 1);
  const handle = await push(stage, { commit: 2 });
  await midway(stage);
  return { stage, first, handle };
}

describe.concurrent('a rollout under way', () => {
  test('is paused, its steps skipped and its plan changed', async () => {
    const { stage, handle } = await underWay();
    await say(stage, 'pause', { by: 'octocat', reason: 'lunch' });
    await happened(stage, 'paused by octocat: lunch');
    await say(stage, 'skip');
    await happened(stage, 'skipped the step by octocat');
    await until('the pause to hold the next step', async () =>
      (await owner(stage)).running?.step.startsWith('paused') === true ? true : undefined,
    );
    expect(shares(stage)).toEqual([10, 90]);
    await say(stage, 'plan', { steps: [{ traffic: { champion: 60, challenger: 20 }, for: '1h' }] });
    await happened(stage, 'its traffic adds up to 80');
    await say(stage, 'plan', { steps: [{ traffic: 30, for: '1h' }] });
    await happened(stage, 'changed the plan');
    await say(stage, 'resume');
    await until('the edited step', () => (shares(stage)[0] === 30 ? true : undefined));
    expect((await owner(stage)).running?.rollout).toMatchObject({ next: [], paused: false });
    await say(stage, 'skip');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('is aborted and says by whom and why', async () => {
    const { stage, first, handle } = await underWay();
    await say(stage, 'abort', { reason: 'complaints' });
    const status = await resultOf(handle);
    expect(status.verdict).toBe('rolled_back');
    expect(status.why).toContain('abort by octocat: complaints');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
  });

  test('is left alone by whoever may not steer', async () => {
    const { stage, handle } = await underWay([traffic(10, anHourMs)], {
      activities: {
        verifySteering: ({ action, nth }: { action: string; nth: number }) =>
          Promise.resolve({
            allowed: action === 'skip',
            by: 'mallory',
            verified: 'none',
            id: `${nth}`,
            problem: 'mallory is no operator of this project',
          }),
      },
    });
    await say(stage, 'abort');
    await happened(stage, 'refused abort by mallory: mallory is no operator of this project');
    expect(shares(stage)).toEqual([10, 90]);
    await say(stage, 'skip');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('asks a person where too little is seen, who lets it wait longer or go on', async () => {
    const few = { requests: 2, errors: 0, errorRate: 0 };
    const rollout = {
      steps: [traffic(10, 100)],
      abort: {},
      keepPreviousMs: anHourMs,
      compare: { minRequests: 50, extendMs: 300, alpha: 0.01, slower: 0.1 },
    };
    const { stage, handle } = await underWay(
      [],
      { activities: { compareDeployments: () => Promise.resolve({ challenger: few, champion: few }) } },
      { rollout },
    );
    const question = () => until('the question', async () => (await owner(stage)).running?.rollout?.question);
    expect(await question()).toContain('the challenger has seen 2 requests, 50 are needed');
    expect(shares(stage)).toEqual([10, 90]);
    await say(stage, 'resume');
    await happened(stage, 'resumed by octocat');
    await question();
    await say(stage, 'skip');
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('needs the approvers again for what they have not approved', async () => {
    const stage = live(lab, [traffic(10, anHourMs)], {}, { approval: onePerson });
    const endpoint = endpointOf(stage, 'live');
    const approveNext = async (handle: Awaited<ReturnType<typeof push>>) => {
      const question = await until('the question', async () => {
        const status = await handle.query<{ approval?: { approve: string } }>('status');
        return status.approval;
      });
      await handle.signal(question.approve, { by: 'octocat' });
      return question;
    };
    const first = await push(stage, { commit: 1 });
    await approveNext(first);
    await first.result();
    const second = await push(stage, { commit: 2 });
    await approveNext(second);
    await midway(stage);
    await endpoint.signal('skip');
    const asked = await until('the approvers to be asked', async () => (await owner(stage)).approval);
    expect(asked.evidence.steering).toBe('skip the step 10 % 1h');
    expect(shares(stage)).toEqual([10, 90]);
    await endpoint.signal(asked.approve, { by: 'mallory' });
    await endpoint.signal(asked.approve, { by: 'octocat' });
    expect((await resultOf(second)).verdict).toBe('released');
    expect(stage.fakes.of('announceApproval').at(-1)).toMatchObject({ state: 'approved' });
    // Whoever reads the log later sees who asked and who agreed.
    await happened(stage, 'skipped the step by octocat, approved by octocat');
  });
});

test('a hotfix jumps the queue', async () => {
  const stage = live(lab, [traffic(10, anHourMs)]);
  await released(stage, 1);
  const running = await push(stage, { commit: 2 });
  await midway(stage);
  // Asked for by name: neither takes the other's place.
  const waiting = await push(stage, { commit: 3, trigger: 'release/1' });
  await until('it to wait', async () => ((await owner(stage)).proceeding.length === 1 ? true : undefined));
  const hotfix = await push(stage, { commit: 4, trigger: 'release/1' });
  await until('both to wait', async () => ((await owner(stage)).proceeding.length === 2 ? true : undefined));
  await say(stage, 'queue_jump', { release: 'unheard of' });
  await happened(stage, 'no such release waits');
  await say(stage, 'queue_jump', { release: hotfix.workflowId });
  await until('the order', async () =>
    (await owner(stage)).waiting[0]?.lifecycleId === hotfix.workflowId ? true : undefined,
  );
  await say(stage, 'skip');
  expect((await resultOf(running)).verdict).toBe('released');
  await until('the hotfix to run', async () =>
    (await owner(stage)).running?.release.lifecycleId === hotfix.workflowId ? true : undefined,
  );
  await say(stage, 'abort');
  await resultOf(hotfix);
  await until('the other to run', async () =>
    (await owner(stage)).running?.rollout?.current ? true : undefined,
  );
  await say(stage, 'abort');
  await resultOf(waiting);
});
