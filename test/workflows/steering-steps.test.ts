import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RolloutStep } from '../../src/domain/project.js';
import {
  anHourMs,
  existing,
  happened,
  live,
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

const steps: readonly RolloutStep[] = [
  { kind: 'mirror', percent: 20, forMs: anHourMs },
  traffic(10, anHourMs),
  traffic(50, anHourMs),
];
const reached = [{ mirror: 20 }, { live: 10 }, { live: 50 }];

/** Traffic that others had shared out before: it must come back as it was, copies included. */
const before = { traffic: { blue: 70, green: 30 }, mirror: {} };

async function arrive(stage: Stage, index: number): Promise<string> {
  const handle = endpointOf(stage, 'live');
  for (let at = 0; at <= index; at += 1) {
    await until(`step ${at + 1}`, async () => {
      const current = (await owner(stage)).running?.rollout?.current;
      const begun = stage.fakes.of('beginTraffic').length > at;
      return begun && current?.percent === steps[at]?.percent ? true : undefined;
    });
    if (at < index) await handle.signal('skip');
  }
  const ours = await until('the challenger', () => existing(stage).find((name) => name.startsWith('d-')));
  await until('its share', () => {
    const { live: share = 0, mirror = 0 } = reached[index] ?? {};
    const endpoint = stage.fakes.azure.endpoint('live');
    return (endpoint.traffic[ours] ?? 0) === share && (endpoint.mirror[ours] ?? 0) === mirror
      ? true
      : undefined;
  });
  return ours;
}

const shared = () => {
  const stage = live(lab, steps);
  stage.fakes.azure.make('live', before.traffic);
  return stage;
};

/** At every moment what is live adds up to 100, and goes only to what exists. */
function neverLess(stage: Stage): void {
  for (const { traffic: live } of stage.fakes.of('beginTraffic'))
    expect(Object.values(live).reduce((sum, share) => sum + share, 0)).toBe(100);
}

describe.concurrent.each(steps.map((step, index) => [`${step.kind} ${step.percent} %`, index] as const))(
  'at %s',
  (_, index) => {
    test.each(['abort', 'rollback'])('%s puts everything back exactly', async (word) => {
      const stage = shared();
      const handle = await push(stage, { commit: 2 });
      await arrive(stage, index);
      await endpointOf(stage, 'live').signal(word, { reason: 'complaints' });
      const status = await resultOf(handle);
      expect(status.verdict).toBe('rolled_back');
      expect(status.why).toContain(`${word} by octocat: complaints`);
      expect(stage.fakes.azure.endpoint('live')).toMatchObject(before);
      expect(existing(stage)).toEqual(['blue', 'green']);
      neverLess(stage);
    });

    test.each([
      ['pause', 'paused'],
      ['hold', 'held'],
    ])('%s keeps it there until `resume`, whatever is skipped', async (word, says) => {
      const stage = shared();
      const handle = await push(stage, { commit: 2 });
      const ours = await arrive(stage, index);
      const endpoint = endpointOf(stage, 'live');
      await endpoint.signal(word);
      await happened(stage, `${word === 'pause' ? 'paused' : 'held'} by octocat`);
      const standing = { ...stage.fakes.azure.endpoint('live') };
      await endpoint.signal('skip');
      await until('it to stand', async () =>
        (await owner(stage)).running?.step.startsWith(says) === true ? true : undefined,
      );
      expect(stage.fakes.azure.endpoint('live')).toMatchObject({
        traffic: standing.traffic,
        mirror: standing.mirror,
      });
      await endpoint.signal('plan', { steps: [] });
      await happened(stage, 'changed the plan');
      await endpoint.signal('resume');
      expect((await resultOf(handle)).verdict).toBe('released');
      expect(serving(stage)).toEqual({ [ours]: 100 });
      neverLess(stage);
    });
  },
);

test('without a single request a rollout whose plan compares waits at its first step, mirrored or live, and asks', async () => {
  const nothing = { requests: 0, errors: 0, errorRate: 0 };
  const silent = { compareDeployments: () => Promise.resolve({ challenger: nothing, champion: nothing }) };
  for (const step of [{ kind: 'mirror', percent: 20, forMs: 100 } as const, traffic(10, 100)]) {
    const compare = { minRequests: 1, extendMs: 200, alpha: 0.01, slower: 0.1 };
    const rollout = { steps: [step], abort: {}, keepPreviousMs: anHourMs, compare };
    const stage = live(lab, [], { activities: silent }, { rollout });
    const first = await released(stage, 1);
    const handle = await push(stage, { commit: 2 });
    const question = await until('the question', async () => (await owner(stage)).running?.rollout?.question);
    expect(question).toContain('the challenger has seen 0 requests, 1 are needed');
    expect(serving(stage)[first]).toBe(step.kind === 'mirror' ? 100 : 90);
    await endpointOf(stage, 'live').signal('abort');
    expect((await resultOf(handle)).verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
  }
});
