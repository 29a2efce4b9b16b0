import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { messages } from '../../src/workflows/messages.js';
import { edit, Stack } from '../support/stack.js';
import { slower, tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(tinyEntries('quota', 'outage', 'training', 'stopping'));
});
afterAll(() => stack.stop());

/** Side by side: each has a project of its own, and what strikes Azure is aimed at its names. */
describe.concurrent('what the world blocks, and what people stop', () => {
  test('a quota error at deployment parks; lifted and told to retry, it goes on without training again', async () => {
    const project = await tiny(stack, 'quota');
    await edit(project.dir, 'azureml/deployment.yml', ['Standard_DS2_v2', 'Standard_F4s_v2']);
    await stack.azure.quota('Standard_F4s_v2', 0);
    const id = await stack.start(project);

    const { blocked, why } = await stack.until(id, 'blocked', (status) => status.blocked !== undefined);
    expect(blocked).toMatchObject({ type: 'QuotaExceeded' });
    expect(blocked?.message).toContain('OutOfQuota');
    expect(why).toMatch(/Blocked at deployment .*quota.*retry/s);
    const jobs = (await stack.azure.puts('jobs')).filter(({ path }) => path.includes('/quota-'));
    expect(jobs).toHaveLength(3);

    await stack.azure.quota('Standard_F4s_v2');
    await stack.client.workflow.getHandle(id).signal(messages.retry);
    await stack.approve(id);
    expect((await stack.ended(id)).verdict).toBe('released');
    const after = (await stack.azure.puts('jobs')).filter(({ path }) => path.includes('/quota-'));
    expect(after).toEqual(jobs);
  });

  test('an outage is retried, shown when it lasts, and over when Azure is back', async () => {
    const project = await tiny(stack, 'outage');
    await stack.azure.fault({
      match: { path: '/jobs/outage-' },
      times: 10_000,
      answer: { status: 503, code: 'ServiceUnavailable', message: 'Azure is down.' },
    });
    const id = await stack.start({ ...project, timing: { outageAttempts: 2, blockedLookMs: 2_000 } });

    const { blocked } = await stack.until(id, 'blocked', (status) => status.blocked !== undefined);
    expect(blocked).toMatchObject({ type: 'Outage' });
    expect(blocked?.message).toContain('ServiceUnavailable');

    await stack.azure.clearFaults();
    await stack.azure.fault({ match: { path: '/onlineEndpoints/outage' }, times: 3, answer: 'hangup' });
    await stack.approve(id);
    expect((await stack.ended(id)).verdict).toBe('released');
    const requests = await stack.azure.requests();
    const hangups = requests.filter(
      ({ path, status }) => path.includes('/onlineEndpoints/outage') && status === 0,
    );
    expect(hangups).toHaveLength(3);
  });

  test('cancelled during training, it cancels its jobs in Azure', async () => {
    const project = await tiny(stack, 'training');
    await slower(project, 300);
    const id = await stack.start(project);
    const jobs = await stack.eventually(
      () => 'both jobs run',
      async () => {
        const puts = (await stack.azure.puts('jobs')).filter(({ path }) =>
          /\/training-(low|middle)/.test(path),
        );
        const names = puts.map(({ path }) => path.split('/').at(-1) ?? '');
        const statuses = await Promise.all(names.map(jobStatus));
        return names.length === 2 && statuses.includes('Running') ? names : undefined;
      },
    );

    await stack.client.workflow.getHandle(id).cancel();
    const { verdict, why } = await stack.ended(id);
    expect(verdict).toBe('cancelled');
    expect(why).toContain('Cancelled');
    expect(await Promise.all(jobs.map(jobStatus))).toEqual(['Canceled', 'Canceled']);
  });

  test('cancelled at the approval, at the deployment or in the rollout, it leaves the endpoint as it was', async () => {
    const project = await tiny(stack, 'stopping');
    await edit(project.dir, 'mlops.yaml', ['traffic: 50, for: 4s', 'traffic: 50, for: 5m']);
    const first = await stack.start(project);
    await stack.approve(first);
    expect((await stack.ended(first)).verdict).toBe('released');
    const before = await stack.azure.endpoint('prod', 'stopping');
    expect(Object.values(before.traffic)).toEqual([100]);
    expect(before.deployments).toHaveLength(1);

    let threshold = '5';
    const cancelAt = async (stage: (status: LifecycleStatus) => boolean, approved = true): Promise<void> => {
      const next = (Number(threshold) + 0.001).toFixed(3);
      await edit(project.dir, 'azureml/train.yml', [`threshold: ${threshold}`, `threshold: ${next}`]);
      threshold = next;
      const id = await stack.start(project);
      if (approved) await stack.approve(id);
      await stack.until(id, 'the stage to cancel at', stage);
      await stack.client.workflow.getHandle(id).cancel();
      expect((await stack.ended(id)).verdict).toBe('cancelled');
      await stack.eventually(
        async () =>
          `the endpoint is as before; now ${JSON.stringify(await stack.azure.endpoint('prod', 'stopping'))}`,
        async () => {
          const now = await stack.azure.endpoint('prod', 'stopping');
          return JSON.stringify(now) === JSON.stringify(before) ? now : undefined;
        },
      );
    };
    const production = ({ releases }: LifecycleStatus): string =>
      Object.values(releases).find(({ endpoint }) => endpoint === 'stopping')?.step ?? '';
    await cancelAt(({ approval }) => approval !== undefined, false);
    await cancelAt((status) => production(status).startsWith('deployment'));
    await cancelAt((status) => production(status).startsWith('traffic 50'));
  });
});

async function jobStatus(name: string): Promise<string | undefined> {
  const job = await stack.azure.get<{ properties: { status: string } }>('dev', `jobs/${name}`);
  return job?.properties.status;
}
