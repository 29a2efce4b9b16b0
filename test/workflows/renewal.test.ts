import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EndpointState } from '../../src/workflows/messages.js';
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

/** Of a run: what a release needs before its first look, and some looks more. */
const historyLimit = 60;
const mostEvents = 190;
const renewing = (steps: Parameters<typeof live>[1], scenario: Parameters<typeof live>[2] = {}) =>
  live(lab, steps, { endpointInput: { historyLimit }, ...scenario });

interface Run {
  readonly runId: string;
  readonly events: number;
  /** What it began with. */
  readonly state?: EndpointState;
}

/** Every run of the owner, oldest first. */
async function runsOf(stage: Stage): Promise<Run[]> {
  const { workflowId } = endpointOf(stage, 'live');
  const runs: (Run & { readonly at: number })[] = [];
  for await (const { runId, startTime } of stage.client.workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  })) {
    const { events = [] } = await stage.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    const { state } = JSON.parse(Buffer.from(payload?.data ?? []).toString()) as { state?: EndpointState };
    runs.push({
      runId,
      events: events?.length ?? 0,
      at: startTime.getTime(),
      ...(state !== undefined && { state }),
    });
  }
  return runs.sort((a, b) => a.at - b.at);
}

const renewed = async (stage: Stage) => {
  const before = (await endpointOf(stage, 'live').describe()).runId;
  await until('the owner to go on in a new run', async () =>
    (await endpointOf(stage, 'live').describe()).runId === before ? undefined : true,
  );
};

describe.concurrent('a rollout whose history grows long', () => {
  test('goes on in new runs: same step, same clock, same way back, every history short', async () => {
    const stage = renewing([traffic(10, 3_000), traffic(50, 3_000)]);
    const first = await released(stage, 1);
    const second = await released(stage, 2);
    expect(serving(stage)).toEqual({ [second]: 100 });
    expect(stage.fakes.of('beginTraffic').map((change) => change.traffic)).toEqual([
      { [first]: 100 },
      { [first]: 90, [second]: 10 },
      { [first]: 50, [second]: 50 },
      { [second]: 100 },
    ]);
    // Built and tried once, whatever run it ended in.
    expect(stage.fakes.of('beginDeployment')).toHaveLength(2);
    expect((await owner(stage)).previous?.deployment).toBe(first);
    const runs = await until('the runs to be listed', async () => {
      const found = await runsOf(stage);
      return found.filter(({ state }) => state?.midway !== undefined).length > 1 ? found : undefined;
    });
    for (const { events, state } of runs) {
      expect(events).toBeLessThan(mostEvents);
      expect(JSON.stringify(state ?? {}).length).toBeLessThan(200_000);
    }
    const halves = runs.flatMap(({ state }) => (state?.midway === undefined ? [] : [state.midway]));
    expect(halves.every(({ before }) => before.traffic[first] === 100)).toBe(true);
    // Within a step its clock and its looks go on.
    const steps = new Map<number, number[]>();
    for (const { fromMs, looks } of halves) steps.set(fromMs, [...(steps.get(fromMs) ?? []), looks]);
    expect(steps.size).toBeLessThanOrEqual(2);
    for (const looks of steps.values()) expect(looks).toEqual([...looks].sort((a, b) => a - b));
    // A look compares over the whole step, not over what its run has seen.
    const windows = stage.fakes.of('compareDeployments').map(({ fromMs }) => fromMs);
    expect(new Set(windows).size).toBe(2);
  });

  test('keeps plan, pause, breaches and waiting releases, and can still be stopped and put back', async () => {
    const stage = renewing([traffic(10, anHourMs), traffic(50, anHourMs)]);
    const first = await released(stage, 1);
    const running = await push(stage, { commit: 2 });
    await midway(stage);
    const endpoint = endpointOf(stage, 'live');
    await endpoint.signal('plan', { steps: [{ traffic: 30, for: '1h' }] });
    await endpoint.signal('pause', { reason: 'lunch' });
    const waiting = await push(stage, { commit: 3, trigger: 'release/1' });
    await until('it to wait', async () => ((await owner(stage)).proceeding.length === 1 ? true : undefined));
    await endpoint.signal('breach', {
      ...{ scheduledAt: 'now', verdict: 'breach', summary: 'BMI drifted', onBreach: 'notify' },
      ...{ project: 'diabetes', source: { repository: 'a/b', commit: '1', ref: 'main', path: '.' } },
    });
    await renewed(stage);
    const status = await owner(stage);
    expect(status.running?.rollout).toMatchObject({
      paused: true,
      current: traffic(10, anHourMs),
      next: [traffic(30, anHourMs)],
    });
    expect(status.waiting.map(({ lifecycleId }) => lifecycleId)).toEqual([waiting.workflowId]);
    expect(Object.values(serving(stage)).sort()).toEqual([10, 90]);
    await endpoint.signal('abort', { reason: 'complaints' });
    expect((await resultOf(running)).why).toContain('abort by octocat: complaints');
    await until('the next to run', async () =>
      (await owner(stage)).running?.release.lifecycleId === waiting.workflowId ? true : undefined,
    );
    await waiting.cancel();
    await waiting.result().catch(() => undefined);
    await until('the first to serve again', () => (serving(stage)[first] === 100 ? true : undefined));
    await happened(stage, 'BMI drifted');
    await until('nothing to be left behind', () => (existing(stage).length === 1 ? true : undefined));
  });

  test('that turns sick after it goes on gives back what the first run had found', async () => {
    let sick = false;
    const stage = renewing([traffic(10, anHourMs)], {
      activities: (ok) => ({
        compareDeployments: (input) =>
          sick
            ? Promise.resolve({ challenger: { requests: 50, errors: 5, errorRate: 0.1 } })
            : ok.compareDeployments(input),
      }),
    });
    const first = await released(stage, 1);
    const running = await push(stage, { commit: 2 });
    await midway(stage);
    await renewed(stage);
    sick = true;
    expect((await resultOf(running)).verdict).toBe('rolled_back');
    expect(serving(stage)).toEqual({ [first]: 100 });
    expect(existing(stage)).toEqual([first]);
  });
});
