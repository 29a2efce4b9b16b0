import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { setupId } from '../../src/domain/keys.js';
import type { Blocked, LifecycleStatus } from '../../src/workflows/messages.js';
import { failure } from '../support/fake-activities.js';
import {
  endpointOf,
  endpointStatusOf,
  phaseOf,
  push,
  resultOf,
  statusOf,
  until,
} from '../support/workflow-driving.js';
import { type Lab, type Scenario, startLab } from '../support/workflow-lab.js';
import { environment, project, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

/** A world in which Azure refuses deployments of commit 1 until somebody has got more quota. */
function scarce(more: Scenario = {}) {
  const world = { quota: false };
  const stage = lab.stage({
    project: straightTo(environment('live')),
    activities: (ok) => ({
      beginDeployment: (input) =>
        world.quota || !input.release.source.commit.startsWith('1')
          ? ok.beginDeployment(input)
          : Promise.reject(failure('QuotaExceeded', 'Standard DSv2 Family vCPUs: 4 needed, 0 left')),
    }),
    ...more,
  });
  return { world, stage };
}

async function whenBlocked(handle: WorkflowHandle): Promise<LifecycleStatus & { blocked: Blocked }> {
  return await until('the lifecycle to be blocked', async () => {
    const status = await statusOf(handle);
    return status.blocked === undefined ? undefined : { ...status, blocked: status.blocked };
  });
}

describe.concurrent('what the world blocks', () => {
  test('parks at the deployment, is named on the lifecycle, and goes on by `retry` without training again', async () => {
    const { world, stage } = scarce();
    const handle = await push(stage);
    const { blocked, why, releases } = await whenBlocked(handle);
    expect(blocked).toMatchObject({
      type: 'QuotaExceeded',
      message: expect.stringContaining('vCPUs') as string,
    });
    expect(blocked.step).toMatch(/^deployment d-/);
    expect(why).toContain('say `retry` when it is mended');
    expect(Object.values(releases)).toMatchObject([
      { endpoint: 'live', state: 'blocked', blocked: { type: 'QuotaExceeded' } },
    ]);
    expect((await endpointStatusOf(endpointOf(stage, 'live'))).running?.blocked?.type).toBe('QuotaExceeded');

    world.quota = true;
    await handle.signal('retry');
    const status = await resultOf(handle);
    expect(status.verdict).toBe('released');
    expect(status.blocked).toBeUndefined();
    expect(stage.fakes.of('submitJob')).toHaveLength(1);
    expect(stage.fakes.of('beginDeployment')).toHaveLength(2);
  });

  test('is looked at again without anybody saying so', async () => {
    const { world, stage } = scarce({ timing: { blockedLookMs: 200 } });
    const handle = await push(stage);
    await whenBlocked(handle);
    world.quota = true;
    expect((await resultOf(handle)).verdict).toBe('released');
  });

  test('fails when it lasts for too long', async () => {
    const { stage } = scarce({ timing: { blockedForMs: 400, blockedLookMs: 150 } });
    const status = await resultOf(await push(stage));
    expect(status.verdict).toBe('failed');
    expect(status.why).toMatch(/deployment d-\w+ was blocked for too long: Standard DSv2/);
    expect(stage.fakes.of('beginDeployment').length).toBeGreaterThan(1);
  });

  test('does not keep the endpoint from others once its lifecycle is cancelled', async () => {
    const { stage } = scarce();
    const handle = await push(stage);
    await whenBlocked(handle);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    expect((await resultOf(await push(stage, { commit: 2 }))).verdict).toBe('released');
  });

  test('does not keep an operator from rolling back', async () => {
    const { stage } = scarce();
    const handle = await push(stage);
    await whenBlocked(handle);
    await endpointOf(stage, 'live').signal('rollback');
    expect((await resultOf(handle)).verdict).toBe('rolled_back');
  });

  test('is also an outage that outlasts the retries', async () => {
    let down = true;
    const { stage } = scarce({
      activities: (ok) => ({
        planDeployment: (input) =>
          down ? Promise.reject(failure('Outage', '503 from Azure')) : ok.planDeployment(input),
      }),
    });
    const handle = await push(stage);
    const { blocked } = await whenBlocked(handle);
    expect(blocked).toMatchObject({ type: 'Outage', message: '503 from Azure' });
    down = false;
    await handle.signal('retry');
    expect((await resultOf(handle)).verdict).toBe('released');
  });
});

describe.concurrent('setup in a lifecycle', () => {
  test('is looked at some twenty times at once, however many say `retry`', async () => {
    const stage = lab.stage({
      activities: { planSetup: () => Promise.reject(failure('NotAuthorized', 'no Reader on the workspace')) },
    });
    const looks = () => stage.fakes.of('planSetup').length;
    const handle = await push(stage);
    await whenBlocked(handle);
    const setup = stage.client.workflow.getHandle(setupId(handle.workflowId));
    for (let before = looks(); before <= 20; before = looks()) {
      await setup.signal('retry');
      await until('a look', () => (looks() > before ? true : undefined));
    }
    await Promise.all(Array.from({ length: 500 }, () => handle.signal('retry')));
    await until('the signals to be heard', async () =>
      (await setup.describe()).historyLength > 250 ? true : undefined,
    );
    expect(looks()).toBe(21);
    await handle.signal('superseded', { by: 'mlops/newer', commit: '2'.repeat(40) });
    expect((await resultOf(handle)).verdict).toBe('superseded');
    expect((await handle.describe()).historyLength).toBeLessThan(3_500);
  });

  test('goes on after a flood of `retry`', async () => {
    let made = false;
    const stage = lab.stage({
      project: project({ environments: [] }),
      timing: { blockedLookMs: 3_000 },
      activities: (ok) => ({
        planSetup: (input) =>
          made ? ok.planSetup(input) : Promise.reject(failure('NotAuthorized', 'no Reader on the workspace')),
      }),
    });
    const handle = await push(stage);
    await whenBlocked(handle);
    for (let nth = 0; nth < 30; nth += 1) await handle.signal('retry');
    made = true;
    await handle.signal('retry');
    expect((await resultOf(handle)).verdict).toBe('registered');
  });

  test('blocks on what is missing, names the command, and goes on when it is there', async () => {
    let made = false;
    const stage = lab.stage({
      project: project({ environments: [] }),
      activities: (ok) => ({
        planSetup: (input) =>
          made
            ? ok.planSetup(input)
            : Promise.resolve({
                items: [{ workspace: 'dev', kind: 'compute', name: 'gpu', change: 'create', detail: [] }],
              }),
      }),
    });
    const handle = await push(stage);
    const { blocked } = await whenBlocked(handle);
    expect(blocked.type).toBe('InfrastructureMissing');
    expect(blocked.message).toContain('lacks compute gpu');
    expect(blocked.message).toContain('mlops setup diabetes --apply');
    expect(stage.fakes.of('applySetupItem')).toEqual([]);
    made = true;
    await handle.signal('retry');
    expect((await resultOf(handle)).verdict).toBe('registered');
  });

  test('that blocks an older commit ends when a newer one comes', async () => {
    const stage = lab.stage({
      activities: { planSetup: () => Promise.reject(failure('NotAuthorized', 'no Reader on the workspace')) },
    });
    const handle = await push(stage);
    await whenBlocked(handle);
    await handle.signal('superseded', { by: 'mlops/newer', commit: '2'.repeat(40) });
    const status = await resultOf(handle);
    expect(status.verdict).toBe('superseded');
    expect(phaseOf(status, 'setup').state).toBe('failed');
  });
});
