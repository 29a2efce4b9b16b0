import { Webhooks, createNodeMiddleware } from '@octokit/webhooks';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { judgeEvent } from './contract.js';
import { REPO, commitOnce, expectNoProblems, quiet, startGitHubLab } from './lab.js';
import type { GitHubLab } from './lab.js';

const SECRET = 'a secret that both know';

interface Received {
  readonly id: string;
  /** As in GitHub's description, `issue-comment-created`. */
  readonly name: string;
  readonly payload: Record<string, unknown>;
}

/** A receiver as people write it: Octokit's, which takes only what is signed with the secret. */
interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Answer the next delivery with 500. */
  fail(): void;
  stop(): void;
}

async function startReceiver(secret: string): Promise<Receiver> {
  const received: Received[] = [];
  let failures = 0;
  const webhooks = new Webhooks({ secret, log: quiet });
  webhooks.onAny(({ id, name, payload }) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('asked to');
    }
    const told = payload as unknown as Record<string, unknown>;
    const action = typeof told['action'] === 'string' ? `-${told['action']}` : '';
    received.push({ id, name: `${name}${action}`.replaceAll('_', '-'), payload: told });
  });
  const middleware = createNodeMiddleware(webhooks, { path: '/hook', log: quiet });
  const server: Server = createServer((request, response) => void middleware(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    fail: () => (failures += 1),
    stop: () => server.close(),
  };
}

let lab: GitHubLab;
let receiver: Receiver;

beforeAll(async () => {
  lab = await startGitHubLab();
  await commitOnce(lab);
  receiver = await startReceiver(SECRET);
});
afterEach(() => {
  expectNoProblems(lab);
});
afterAll(async () => {
  await lab.stop();
  receiver.stop();
});

const admin = () => lab.octokit('ada-token');
const names = () => receiver.received.map(({ name }) => name);
const arrived = (name: string) => expect.poll(names, { timeout: 5000 }).toContain(name);

describe('webhooks', () => {
  let hookId: number;

  it('are administrators’ to make, begin with a ping and hide their secret', async () => {
    const config = { url: receiver.url, content_type: 'json', secret: SECRET };
    const byDana = lab.octokit('dana-token').repos.createWebhook({ ...REPO, config });
    await expect(byDana).rejects.toMatchObject({ status: 403 });
    const { data: hook } = await admin().repos.createWebhook({ ...REPO, config, events: ['*'] });
    hookId = hook.id;
    expect(hook).toMatchObject({ active: true, events: ['*'], config: { secret: '********' } });
    await arrived('ping');
    const twice = admin().repos.createWebhook({ ...REPO, config });
    await expect(twice).rejects.toMatchObject({ status: 422 });
  });

  it('tell of a push, a pull request, its reviews and its merge', async () => {
    await writeFile(join(lab.dir, 'hooked.py'), 'x = 1\n');
    const { sha, before } = await lab.push('hooked', 'Hooked');
    await arrived('push');
    expect(receiver.received.at(-1)?.payload).toMatchObject({
      ref: 'refs/heads/hooked',
      before,
      after: sha,
      created: true,
      commits: [{ id: sha, added: ['hooked.py'], message: 'Hooked' }],
      sender: { login: 'dana' },
    });
    const github = lab.octokit('dana-token');
    const { data: pull } = await github.pulls.create({ ...REPO, title: 'H', head: 'hooked', base: 'main' });
    const place = { ...REPO, pull_number: pull.number };
    await writeFile(join(lab.dir, 'hooked.py'), 'x = 2\n');
    await lab.push('hooked', 'Again');
    await arrived('pull-request-synchronize');
    const reviewer = lab.octokit('lee-token');
    const { data: review } = await reviewer.pulls.createReview({ ...place, event: 'APPROVE', body: 'fine' });
    await reviewer.pulls.updateReview({ ...place, review_id: review.id, body: 'fine indeed' });
    await github.issues.createComment({ ...REPO, issue_number: pull.number, body: '/approve' });
    await github.pulls.merge(place);
    for (const name of ['opened', 'closed']) await arrived(`pull-request-${name}`);
    for (const name of ['submitted', 'edited']) await arrived(`pull-request-review-${name}`);
    await arrived('issue-comment-created');
    const comment = receiver.received.find(({ name }) => name === 'issue-comment-created')?.payload;
    expect(comment).toMatchObject({
      issue: { pull_request: { url: pull.url } },
      comment: { body: '/approve' },
    });
  });

  it('tell of issues, comments, checks, statuses, deployments and dispatches', async () => {
    const github = lab.octokit('lee-token');
    const { data: issue } = await github.issues.create({
      ...REPO,
      title: 'Issue',
      body: 'Please',
      labels: ['ml'],
    });
    const place = { ...REPO, issue_number: issue.number };
    const { data: comment } = await github.issues.createComment({ ...place, body: 'one' });
    await github.issues.updateComment({ ...REPO, comment_id: comment.id, body: 'two' });
    await github.issues.deleteComment({ ...REPO, comment_id: comment.id });
    await github.issues.update({ ...place, title: 'Issue!', state: 'closed' });
    await github.issues.update({ ...place, state: 'open' });
    await github.repos.createCommitComment({ ...REPO, commit_sha: 'main', body: 'done' });
    const sha = (await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'c' });
    const { data: run } = await lab.app().checks.create({ ...REPO, name: 'mlops', head_sha: sha });
    await lab.app().checks.update({ ...REPO, check_run_id: run.id, conclusion: 'success' });
    const { data: made } = await lab.app().repos.createDeployment({
      ...{ ...REPO, ref: 'main', required_contexts: [], auto_merge: false, environment: 'production' },
    });
    const deployment_id = 'id' in made ? made.id : 0;
    await lab.app().repos.createDeploymentStatus({ ...REPO, deployment_id, state: 'in_progress' });
    await lab
      .app()
      .repos.createDispatchEvent({ ...REPO, event_type: 'sample.collected', client_payload: { a: 1 } });
    const expected = [
      ...['opened', 'edited', 'closed', 'reopened'].map((action) => `issues-${action}`),
      ...['created', 'edited', 'deleted'].map((action) => `issue-comment-${action}`),
      ...['created', 'completed'].map((action) => `check-run-${action}`),
      ...['commit-comment-created', 'status', 'deployment-created', 'deployment-status-created'],
      'repository-dispatch-sample.collected',
    ];
    for (const name of expected) await arrived(name);
    const edited = receiver.received.find(({ name }) => name === 'issue-comment-edited')?.payload;
    expect(edited).toMatchObject({ changes: { body: { from: 'one' } }, comment: { body: 'two' } });
  });

  it('have the bodies that GitHub describes', () => {
    const problems = receiver.received.flatMap(({ name, payload }) => judgeEvent(name, payload));
    expect([...new Set(problems)]).toEqual([]);
    expect(new Set(names()).size).toBeGreaterThan(20);
  });

  it('keep what became of a delivery and deliver it again under its id', async () => {
    const github = admin();
    const place = { ...REPO, hook_id: hookId };
    receiver.fail();
    await github.repos.pingWebhook(place);
    const deliveries = async () => (await github.repos.listWebhookDeliveries(place)).data;
    await expect.poll(async () => (await deliveries())[0]?.status_code).toBe(500);
    const [failed] = await deliveries();
    const guid = failed?.guid ?? '';
    expect(receiver.received.filter(({ id }) => id === guid)).toEqual([]);
    await github.repos.redeliverWebhookDelivery({ ...place, delivery_id: failed?.id ?? 0 });
    await expect.poll(() => receiver.received.filter(({ id }) => id === guid).length).toBe(1);
    await expect
      .poll(async () => (await deliveries())[0])
      .toMatchObject({ guid, redelivery: true, status: 'OK' });
    const delivery_id = (await deliveries())[0]?.id ?? 0;
    const { data } = await github.repos.getWebhookDelivery({ ...place, delivery_id });
    expect(data.request.headers).toMatchObject({
      'x-github-event': 'ping',
      'x-hub-signature-256': expect.stringMatching(/^sha256=[0-9a-f]{64}$/) as string,
    });
    expect((await github.repos.getWebhook(place)).data.last_response).toMatchObject({ code: 200 });
  });

  it('are refused by a receiver with another secret, and by one that is not there', async () => {
    const other = await startReceiver('another secret');
    const nobody = 'http://127.0.0.1:1/hook';
    for (const [url, status] of [[other.url, 400] as const, [nobody, 502] as const]) {
      const { data: hook } = await admin().repos.createWebhook({
        ...REPO,
        config: { url, content_type: 'json', secret: SECRET },
      });
      const place = { ...REPO, hook_id: hook.id };
      const codes = async () =>
        (await admin().repos.listWebhookDeliveries(place)).data.map(({ status_code }) => status_code);
      await expect.poll(codes, { timeout: 5000 }).toEqual([status]);
      await admin().repos.deleteWebhook(place);
    }
    other.stop();
  });

  it('refuse what they cannot send, and are silent while inactive', async () => {
    const config = { url: `${receiver.url}?2`, content_type: 'json', secret: SECRET };
    const unknown = admin().repos.createWebhook({ ...REPO, config, events: ['release'] });
    await expect(unknown).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('push') as string,
    });
    const bad = admin().repos.createWebhook({ ...REPO, config: { url: 'file:///etc/passwd' } });
    await expect(bad).rejects.toMatchObject({ status: 422 });
    await admin().repos.updateWebhook({ ...REPO, hook_id: hookId, active: false });
    const before = receiver.received.length;
    await lab.octokit('lee-token').issues.create({ ...REPO, title: 'unheard' });
    const { data } = await admin().repos.listWebhookDeliveries({ ...REPO, hook_id: hookId });
    expect(data[0]?.event).not.toBe('issues');
    expect(receiver.received.length).toBe(before);
  });
});
