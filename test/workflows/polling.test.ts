import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dependencies } from '../../src/activities/index.js';
import type { PollResult } from '../../src/activities/contract.js';
import { pollingActivities } from '../../src/activities/polling.js';
import { lifecycleId } from '../../src/domain/keys.js';
import { parsePolicy } from '../../src/spec/index.js';
import { schedulePolling } from '../../src/temporal/poll-schedule.js';
import { startPushed } from '../../src/temporal/start-pushed.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';
import { until } from '../support/workflow-driving.js';
import { bundleWorkflows } from '../support/workflow-lab.js';

const policy = parsePolicy(
  `workspaces:
  dev: { subscription: 00000000-0000-0000-0000-000000000000, resource_group: ml, name: dev, location: westeurope }
projects:
  alpha: { repository: ${repository}, path: alpha, workspace: dev }
  beta: { repository: ${repository}, path: beta, workspace: dev }
`,
  { file: 'policy.yml' },
);
const files = { 'alpha/mlops.yaml': 'train: t.yml\n', 'beta/mlops.yaml': 'train: t.yml\n' };

let server: TemporalServer;
let github: TestGitHub;
let client: Client;
let connection: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  let workflowBundle;
  [server, github, workflowBundle] = await Promise.all([
    startTemporalServer({ attributes: true }),
    startGitHub(),
    bundleWorkflows(),
  ]);
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
  connection = await NativeConnection.connect({ address: server.address });
  if (!policy.ok) throw new Error(JSON.stringify(policy.mistakes));
  // Only what polling needs: the lifecycles that it starts go no further.
  const deps = { github: github.app, temporal: client, policy: policy.policy } as unknown as Dependencies;
  const ends = { message: 'not part of this test', nonRetryable: true, category: 'BENIGN' } as const;
  const activities = {
    ...pollingActivities(deps),
    default: () => Promise.reject(ApplicationFailure.create(ends)),
  };
  worker = await Worker.create({ connection, taskQueue: 'poll', workflowBundle, activities });
  running = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await Promise.all([connection.close(), client.connection.close()]);
  await Promise.all([server.stop(), github.stop()]);
});

const idOf = (project: string, commit: string): string =>
  lifecycleId(project, { repository, commit, ref: 'refs/heads/main', path: project }, 'push');

/** One look by the schedule, and what it returned. */
async function look(): Promise<PollResult> {
  const before = await looks();
  const scheduleId = await schedulePolling(client, 'poll', 3_600_000);
  await client.schedule.getHandle(scheduleId).trigger();
  const handle = await until('the look', async () => {
    const now = await looks();
    return now.length > before.length
      ? now.find(({ runId }) => !before.some((one) => one.runId === runId))
      : undefined;
  });
  return (await client.workflow.getHandle(handle.workflowId, handle.runId).result()) as PollResult;
}

async function looks(): Promise<{ workflowId: string; runId: string }[]> {
  const found: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: "WorkflowType = 'polling'" }))
    found.push({ workflowId, runId });
  return found;
}

const memoOf = async (handle: WorkflowHandle): Promise<unknown> => (await handle.describe()).memo;

test('a schedule starts what a push would have started, once, whoever noticed it first', async () => {
  const first = await github.push({ ...files, 'alpha/a.py': '1' });
  const byAction = await startPushed(client, {
    project: 'beta',
    source: { repository, commit: first, ref: 'refs/heads/main', path: 'beta' },
    reach: 'production',
    taskQueue: 'poll',
  });
  expect(byAction.outcome).toBe('started');
  expect(await look()).toMatchObject({ started: [idOf('alpha', first)], problems: [] });
  expect(await memoOf(client.workflow.getHandle(idOf('alpha', first)))).toMatchObject({
    startedBy: 'polling',
    reach: 'production',
  });
  expect((await look()).started).toEqual([]);

  const second = await github.push({ ...files, 'alpha/a.py': '1', 'beta/b.py': '2', 'README.md': 'x' });
  expect((await look()).started).toEqual([idOf('beta', second)]);
  await github.push({ ...files, 'alpha/a.py': '1', 'beta/b.py': '2', 'README.md': 'y' });
  expect((await look()).started).toEqual([]);
});

test('a pull request is planned, one from a fork is not, and a branch that nothing names starts nothing', async () => {
  const head = await github.push({ ...files, 'alpha/a.py': '3' }, { branch: 'better' });
  await github.push({ ...files, 'alpha/a.py': '4' }, { branch: 'theirs' });
  const pull = (from: string) =>
    github.post('will', `repos/${repository}/pulls`, { title: 'Better', head: from, base: 'main' });
  await pull('better');
  await pull('stranger:theirs');
  const { started, problems } = await look();
  expect(problems).toEqual([]);
  expect(started).toContain(idOf('alpha', head));
  expect(new Set(started.map((id) => id.split('/').at(-1)))).toEqual(new Set([head.slice(0, 12)]));
  expect(await memoOf(client.workflow.getHandle(idOf('alpha', head)))).toMatchObject({ reach: 'plan' });
});
