import { rm } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Marker } from '../../src/domain/marker.js';
import { writeRequest } from '../../src/github/index.js';
import { checkout, runAction, type ActionRun } from '../support/action.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';

const code = '3f2a9c41d07b';
let server: TemporalServer;
let github: TestGitHub;
let client: Client;
let workspace: string;
let commit: string;
let lifecycle: string;
let endpoint: string;
let issue: number;
let run = 0;

beforeAll(async () => {
  [server, github, workspace] = await Promise.all([startTemporalServer(), startGitHub(), checkout({})]);
  client = new Client({ connection: await Connection.connect({ address: server.address }) });
  commit = await github.push({ 'mlops.yaml': 'train: t.yml\n' });
});

afterAll(async () => {
  await client.connection.close();
  await Promise.all([server.stop(), github.stop(), rm(workspace, { recursive: true })]);
});

beforeEach(async () => {
  run += 1;
  lifecycle = `mlops/acme.models/diabetes/${run}`;
  endpoint = `mlops/endpoint/w/diabetes-${run}`;
  await Promise.all(
    [lifecycle, endpoint].map((workflowId) =>
      client.workflow.start('any', { workflowId, taskQueue: 'nobody', args: [] }),
    ),
  );
  issue = await ask({ lifecycle, project: 'diabetes', code, endpoint });
});

const ask = async (marker: Marker): Promise<number> =>
  (
    await writeRequest(github.app, {
      repository,
      commit,
      marker,
      title: 'Approve diabetes',
      markdown: 'Please',
      open: true,
    })
  ).number;

async function comment(
  login: string,
  body: string,
  action = 'created',
): Promise<ActionRun & { readonly id: number }> {
  const { id } = await github.post(login, `repos/${repository}/issues/${issue}/comments`, { body });
  const result = await runAction({
    event: 'issue_comment',
    workspace,
    payload: {
      action,
      issue: { number: issue, body: await issueBody(), user: { login: 'mlops[bot]', type: 'Bot' } },
      comment: { id, body, user: { login } },
    },
    inputs: { 'temporal-address': server.address, 'github-token': 'token-of-ann' },
    env: { GITHUB_API_URL: github.apiUrl },
  });
  return { ...result, id };
}

async function issueBody(): Promise<string> {
  const { data } = await github.app.call({ what: 'read', permission: 'issues: read' }, (octokit) =>
    octokit.rest.issues.get({ owner: 'acme', repo: 'models', issue_number: issue }),
  );
  return data.body ?? '';
}

/** Names and payloads of the signals that a workflow has received; no worker is there to take them. */
async function signals(workflowId: string): Promise<{ name: string; payload: unknown }[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const data = signal?.input?.payloads?.[0]?.data;
    return signal
      ? [
          {
            name: signal.signalName ?? '',
            payload: data ? (JSON.parse(Buffer.from(data).toString()) as unknown) : undefined,
          },
        ]
      : [];
  });
}

test.each(['approve', 'reject'])(
  "/%s reaches the workflow that asked, with nothing but the comment's id",
  async (answer) => {
    const { code: exit, log, id, outputs } = await comment('rita', `/${answer} ${code} because\nmore`);
    expect(exit, log).toBe(0);
    expect(await signals(lifecycle)).toEqual([{ name: `${answer} ${code}`, payload: { comment_id: id } }]);
    expect(JSON.parse(outputs['workflow-ids'] ?? '')).toEqual([lifecycle]);
  },
);

test('a stale or mistyped code is told, with the ones that are pending, and nothing is sent', async () => {
  const stale = await comment('max', '/approve aaaaaaaaaaaa');
  expect(stale.code).toBe(1);
  expect(stale.log).toContain(`${code} (diabetes)`);
  const malformed = await comment('max', '/approve please');
  expect(malformed.code).toBe(1);
  expect(malformed.log).toContain('/approve needs the 12 hexadecimal digits');
  expect(await signals(lifecycle)).toEqual([]);
});

test('other comments and edits do nothing and need no connection', async () => {
  for (const [body, action] of [
    ['nice!', 'created'],
    [`/approve ${code}`, 'edited'],
    ['/approved', 'created'],
  ] as const) {
    const { code: exit, outputs } = await comment('max', body, action);
    expect(exit).toBe(0);
    expect(outputs['summary']).toBe('Nothing to do.');
  }
  expect(await signals(lifecycle)).toEqual([]);
});

test('/retry, /cancel and /rollback need a role on the repository', async () => {
  const refused = await comment('rita', '/rollback');
  expect(refused.code).toBe(1);
  expect(refused.log).toContain(
    'rita has the role read on this repository; /rollback needs admin or maintain',
  );
  expect((await comment('will', '/rollback')).code).toBe(1);
  const retried = await comment('will', '/retry');
  expect(retried.code).toBe(0);
  const asked = await comment('max', '/rollback');
  expect(asked.code).toBe(0);
  const cancelled = await comment('will', '/cancel');
  expect(cancelled.code).toBe(0);
  expect(await signals(lifecycle)).toEqual(
    [retried, cancelled].map(({ id }) => ({ name: 'comment', payload: { comment_id: id } })),
  );
  expect(await signals(endpoint)).toEqual([
    { name: 'rollback', payload: { comment_id: asked.id, by: 'max' } },
  ]);
});

test('a workflow that has ended is an error that says so', async () => {
  await client.workflow.getHandle(lifecycle).terminate();
  const { code: exit, log } = await comment('max', `/approve ${code}`);
  expect(exit).toBe(1);
  expect(log).toContain(`${lifecycle} has ended or does not exist`);
});

test('a signal can be sent by hand, as a workflow with one button does', async () => {
  const { code: exit, log } = await runAction({
    event: 'workflow_dispatch',
    workspace,
    payload: {},
    inputs: {
      'temporal-address': server.address,
      operation: 'signal',
      signal: 'rollback',
      'workflow-id': endpoint,
      reason: 'errors at night',
    },
  });
  expect(exit, log).toBe(0);
  expect(await signals(endpoint)).toEqual([
    { name: 'rollback', payload: { reason: 'errors at night', by: 'ann' } },
  ]);
});

describe('a pull request', () => {
  let pull: number;
  let head: string;
  beforeEach(async () => {
    head = await github.push(
      { 'mlops.yaml': 'train: t.yml\n', run: String(run) },
      { branch: `feature-${run}` },
    );
    ({ number: pull } = await github.post('will', `repos/${repository}/pulls`, {
      title: 'Better',
      head: `feature-${run}`,
      base: 'main',
    }));
  });

  const review = (state: string, body = '') =>
    runAction({
      event: 'pull_request_review',
      workspace,
      payload: {
        action: 'submitted',
        pull_request: {
          number: pull,
          head: { sha: head, repo: { full_name: repository } },
          base: { sha: commit },
        },
        review: { id: 99, body, state, commit_id: head, user: { login: 'max' } },
      },
      inputs: { 'temporal-address': server.address, 'github-token': 'token-of-ann' },
      env: { GITHUB_API_URL: github.apiUrl },
    });

  const askOnPull = async (): Promise<string> => {
    const id = `mlops/acme.models/diabetes/${head.slice(0, 12)}`;
    await client.workflow.start('any', { workflowId: id, taskQueue: 'nobody', args: [] });
    await writeRequest(github.app, {
      ...{ repository, commit: head, title: 'Approve', markdown: 'Please', open: true },
      marker: { lifecycle: id, project: 'diabetes', environment: 'production', code },
    });
    return id;
  };

  test('that is approved by a review answers what waits for exactly that commit', async () => {
    expect((await review('approved')).outputs['summary']).toBe('Nothing to do.');
    const id = await askOnPull();
    expect((await review('commented', 'nice')).outputs['summary']).toBe('Nothing to do.');
    const { code: exit, log } = await review('approved');
    expect(exit, log).toBe(0);
    expect((await review('changes_requested', `/reject ${code} no`)).code).toBe(0);
    expect(await signals(id)).toEqual([
      { name: `approve ${code}`, payload: { review_id: 99 } },
      { name: `reject ${code}`, payload: { review_id: 99 } },
    ]);
  });

  const trainComment = async (login: string, body: string) => {
    const checkedOut = await checkout({ 'mlops.yaml': 'name: diabetes\ntrain: t.yml\n' });
    try {
      return await runAction({
        event: 'issue_comment',
        workspace: checkedOut,
        payload: {
          action: 'created',
          repository: { default_branch: 'main' },
          issue: { number: pull, pull_request: {}, user: { login: 'will' } },
          comment: { id: 1234, body, user: { login } },
        },
        inputs: { 'temporal-address': server.address, 'github-token': 'token-of-ann' },
        env: { GITHUB_API_URL: github.apiUrl },
      });
    } finally {
      await rm(checkedOut, { recursive: true });
    }
  };

  test('of a fork is trained when a maintainer names its commit, and by nobody else', async () => {
    expect((await trainComment('will', `/train ${head}`)).log).toContain('/train needs admin or maintain');
    expect((await trainComment('max', `/train ${head.slice(0, 12)}`)).log).toContain('needs the full SHA');
    const { code: exit, log, outputs } = await trainComment('max', `/train ${head}`);
    expect(exit, log).toBe(0);
    const [id] = JSON.parse(outputs['workflow-ids'] ?? '[]') as string[];
    const { events } = await client.workflow.getHandle(id ?? '').fetchHistory();
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(input ?? []).toString())).toMatchObject({
      source: { commit: head, ref: `refs/pull/${pull}/head`, askedBy: 1234 },
      reach: 'train',
    });
  });
});

test('the status of a workflow that never was is an error', async () => {
  const { code: exit, log } = await runAction({
    event: 'workflow_dispatch',
    workspace,
    payload: {},
    inputs: { 'temporal-address': server.address, operation: 'status', 'workflow-id': 'mlops/none' },
  });
  expect(exit).toBe(1);
  expect(log).toContain('mlops/none does not exist');
});
