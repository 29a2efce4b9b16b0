import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LifecycleInput } from '../../src/workflows/messages.js';
import { checkout, runAction, type ActionStep } from '../support/action.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';

let server: TemporalServer;
let client: Client;
let workspace: string;

beforeAll(async () => {
  [server, workspace] = await Promise.all([
    startTemporalServer(),
    checkout({
      'diabetes/mlops.yaml': 'train: train.yml\n',
      'churn/mlops.yaml': 'name: customers\ntrain: train.yml\npaths: [., ../shared]\n',
      'node_modules/some/mlops.yaml': 'train: never.yml\n',
    }),
  ]);
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
});

afterAll(async () => {
  await client.connection.close();
  await server.stop();
  await rm(workspace, { recursive: true });
});

const push = (sha: string, files: readonly string[], more: Partial<ActionStep> = {}): ActionStep => ({
  event: 'push',
  sha,
  workspace,
  payload: {
    before: 'b'.repeat(40),
    after: sha,
    repository: { default_branch: 'main' },
    commits: [{ added: files, modified: [], removed: [] }],
  },
  inputs: { 'temporal-address': server.address },
  ...more,
});

const sha = (digit: string): string => digit.repeat(40);

async function inputOf(workflowId: string): Promise<LifecycleInput> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (!payload) throw new Error(`${workflowId} has no input`);
  return defaultPayloadConverter.fromPayload(payload);
}

test('a push starts the lifecycle of the project whose files changed, once', async () => {
  const id = `mlops/acme.models/diabetes/${sha('1').slice(0, 12)}`;
  const first = await runAction(push(sha('1'), ['diabetes/train.py']));
  expect(first.code, first.log).toBe(0);
  expect(JSON.parse(first.outputs['workflow-ids'] ?? '')).toEqual([id]);
  expect(first.outputs['summary']).toBe(
    'diabetes: started (production); customers: not started: nothing changed in churn, shared',
  );
  expect(first.summary).toContain(`<code>${id}</code>`);

  const description = await client.workflow.getHandle(id).describe();
  expect(description).toMatchObject({ type: 'lifecycle', taskQueue: 'mlops' });
  expect(description.memo).toMatchObject({
    project: 'diabetes',
    commit: sha('1'),
    reach: 'production',
    startedBy: 'ann',
    run: 'https://github.com/acme/models/actions/runs/42',
  });
  expect(
    Object.fromEntries(description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])),
  ).toMatchObject({
    MlopsProject: 'diabetes',
    MlopsRepository: 'acme/models',
    MlopsCommit: sha('1'),
    MlopsBranch: 'main',
  });
  expect(await inputOf(id)).toEqual({
    source: { repository: 'acme/models', commit: sha('1'), ref: 'refs/heads/main', path: 'diabetes' },
    project: 'diabetes',
    trigger: 'push',
    reach: 'production',
    startedBy: 'ann',
  });

  const second = await runAction(push(sha('1'), ['diabetes/train.py']));
  expect(second.code).toBe(0);
  expect(second.outputs['summary']).toContain('diabetes: already started');
  expect((await client.workflow.getHandle(id).describe()).runId).toBe(description.runId);
});

test('a commit whose lifecycle has ended is not started again', async () => {
  const id = `mlops/acme.models/diabetes/${sha('2').slice(0, 12)}`;
  await runAction(push(sha('2'), ['diabetes/train.py']));
  await client.workflow.getHandle(id).terminate();
  const again = await runAction(push(sha('2'), ['diabetes/train.py']));
  expect(again.outputs['summary']).toContain('already started');
  expect((await client.workflow.getHandle(id).describe()).status.name).toBe('TERMINATED');
});

test('a shared folder starts the projects that name it; a forced push starts all', async () => {
  const shared = await runAction(push(sha('3'), ['shared/features.py']));
  expect(JSON.parse(shared.outputs['workflow-ids'] ?? '')).toEqual([
    `mlops/acme.models/customers/${sha('3').slice(0, 12)}`,
  ]);
  const forced = await runAction(
    push(sha('4'), [], {
      payload: { before: sha('b'), forced: true, commits: [], repository: { default_branch: 'main' } },
    }),
  );
  expect(JSON.parse(forced.outputs['workflow-ids'] ?? '')).toHaveLength(2);
  expect(forced.log).toContain('forced push');
});

test('a planned pull request whose commit is then pushed to the default branch goes all the way', async () => {
  const pullRequest = await runAction({
    event: 'pull_request',
    workspace,
    sha: sha('e'),
    ref: 'refs/pull/7/merge',
    payload: {
      pull_request: {
        number: 7,
        head: { sha: sha('5'), repo: { full_name: 'acme/models' } },
        base: { sha: sha('b') },
      },
      repository: { default_branch: 'main' },
    },
    inputs: { 'temporal-address': server.address, projects: 'diabetes' },
  });
  const planned = `mlops/acme.models/diabetes/${sha('5').slice(0, 12)}`;
  expect(JSON.parse(pullRequest.outputs['workflow-ids'] ?? '')).toEqual([planned]);
  expect(await inputOf(planned)).toMatchObject({
    reach: 'plan',
    source: { commit: sha('5'), ref: 'refs/pull/7/head' },
  });
  const merged = await runAction(push(sha('5'), ['diabetes/train.py']));
  expect(JSON.parse(merged.outputs['workflow-ids'] ?? '')).toEqual([`${planned}/retry/production`]);
  const repeated = await runAction(push(sha('5'), ['diabetes/train.py']));
  expect(repeated.outputs['summary']).toContain('already started');
});

test.each([
  [
    'a fork',
    'pull_request',
    {
      pull_request: {
        number: 8,
        head: { sha: sha('6'), repo: { full_name: 'eve/models' } },
        base: { sha: sha('b') },
      },
    },
    'eve/models',
  ],
  ['a deleted branch', 'push', { deleted: true, after: '0'.repeat(40) }, 'deleted'],
  [
    'a branch that `on:` does not name',
    'push',
    { before: sha('b'), forced: true, repository: { default_branch: 'trunk' } },
    'names nothing for refs/heads/main',
  ],
])('%s starts nothing, without an error', async (_case, event, payload, reason) => {
  const result = await runAction({
    event,
    payload,
    workspace,
    sha: sha('6'),
    inputs: { 'temporal-address': server.address },
  });
  expect(result.code, result.log).toBe(0);
  expect(result.outputs).toMatchObject({ 'workflow-ids': '[]' });
  expect(result.summary).toContain(reason);
});

test('the example repository with two projects starts one by its own folder and both by the shared one', async () => {
  const example = { workspace: join(import.meta.dirname, '../../examples/two-projects') };
  const one = await runAction(push(sha('8'), ['alpha/train.py'], example));
  expect(one.outputs['summary']).toMatch(/^alpha: started \(production\); beta: not started/);
  const both = await runAction(push(sha('9'), ['shared/points.py'], example));
  expect(both.outputs['summary']).toBe('alpha: started (production); beta: started (production)');
});

test('without the search attributes it starts all the same and warns', async () => {
  const bare = await startTemporalServer({ attributes: false });
  try {
    const result = await runAction(
      push(sha('7'), ['diabetes/x.py'], { inputs: { 'temporal-address': bare.address } }),
    );
    expect(result.code, result.log).toBe(0);
    expect(result.log).toContain('::warning::The namespace lacks the search attributes');
    expect(result.outputs['summary']).toContain('diabetes: started');
  } finally {
    await bare.stop();
  }
});
