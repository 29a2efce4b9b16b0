import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerGitHub } from '../../src/github/index.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const run = promisify(execFile);
const REPO = { owner: 'acme', repo: 'models' };

let services: Services;
let dir: string;
let pem: string;

function octokit(token?: string): Octokit {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  return new Octokit({
    baseUrl: `${services.url}/github`,
    log,
    ...(token === undefined ? {} : { auth: token }),
  });
}

async function control<T>(method: string, path: string, body: unknown): Promise<T> {
  const answer = await fetch(`${services.url}/_emulator/github/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

function push(branch: string, message: string, login = 'dana'): Promise<{ sha: string; before: string }> {
  const author = { login, name: 'Dana', email: `${login}@example.com` };
  return control('POST', 'push', { owner: 'acme', repo: 'models', branch, dir, message, author });
}

function app(): Octokit {
  return new Octokit({
    baseUrl: `${services.url}/github`,
    authStrategy: createAppAuth,
    auth: { appId: 7, privateKey: pem, installationId: 1_000_007 },
  });
}

beforeAll(async () => {
  services = await startServices([registerGitHub]);
  dir = await mkdtemp(join(tmpdir(), 'push-'));
  await control('POST', 'users', { login: 'dana', token: 'dana-token' });
  await control('POST', 'users', { login: 'lee', token: 'lee-token' });
  await control('POST', 'users', { login: 'eve', token: 'eve-token' });
  const collaborators = { dana: 'write', lee: 'maintain' };
  await control('POST', 'repos', { owner: 'acme', name: 'models', collaborators });
  await control('PUT', 'teams', { org: 'acme', team: 'ml-leads', members: ['lee'] });
  ({ pem } = await control<{ pem: string }>('POST', 'apps', { id: 7, slug: 'mlops' }));
});

afterAll(async () => {
  await services.stop();
  await rm(dir, { recursive: true });
});

describe('source', () => {
  let first: string;
  let second: string;

  beforeAll(async () => {
    await mkdir(join(dir, 'src'));
    await mkdir(join(dir, '__pycache__'));
    await writeFile(join(dir, '__pycache__', 'x.pyc'), 'x');
    await writeFile(join(dir, 'src', 'train.py'), 'print(1)\n');
    await writeFile(join(dir, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await symlink('run.sh', join(dir, 'link.sh'));
    first = (await push('main', 'First')).sha;
    await writeFile(join(dir, 'src', 'train.py'), 'print(2)\n');
    await writeFile(join(dir, 'mlops.yaml'), 'train: train.yml\n');
    const pushed = await push('main', 'Second');
    expect(pushed.before).toBe(first);
    second = pushed.sha;
  });

  it('commits the same folder only once', async () => {
    expect(await push('main', 'Again')).toEqual({ sha: second, before: second });
  });

  it('is a repository that git reads', async () => {
    const gitdir = join(services.ctx.dataDir, 'github', 'acme', 'models.git');
    const { stdout } = await run('git', ['--git-dir', gitdir, 'log', '--format=%H %an %s', 'main']);
    expect(stdout.trim().split('\n')).toEqual([`${second} Dana Second`, `${first} Dana First`]);
    await run('git', ['--git-dir', gitdir, 'fsck', '--strict']);
  });

  it('shows repository, branches, refs and commits', async () => {
    const github = octokit('dana-token');
    const { data: repo } = await github.repos.get(REPO);
    expect(repo).toMatchObject({ full_name: 'acme/models', default_branch: 'main' });
    const { data: ref } = await github.git.getRef({ ...REPO, ref: 'heads/main' });
    expect(ref.object.sha).toBe(second);
    const { data: commit } = await github.repos.getCommit({ ...REPO, ref: 'heads/main' });
    expect(commit).toMatchObject({ sha: second, author: { login: 'dana' }, commit: { message: 'Second' } });
    expect(commit.files?.map(({ filename, status }) => [filename, status])).toEqual([
      ['mlops.yaml', 'added'],
      ['src/train.py', 'modified'],
    ]);
    expect((await github.repos.getCommit({ ...REPO, ref: first.slice(0, 8) })).data.sha).toBe(first);
    expect((await github.repos.listBranches(REPO)).data.map(({ name }) => name)).toEqual(['main']);
    expect((await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha).toBe(second);
  });

  it('compares commits', async () => {
    await writeFile(join(dir, 'feature.txt'), 'x');
    const { sha: feature } = await push('feature/x', 'Feature', 'lee');
    await rm(join(dir, 'feature.txt'));
    const compare = async (basehead: string) =>
      (await octokit().repos.compareCommitsWithBasehead({ ...REPO, basehead })).data;
    const ahead = await compare('main...feature/x');
    expect(ahead).toMatchObject({ status: 'ahead', ahead_by: 1, merge_base_commit: { sha: second } });
    expect(ahead.commits.map(({ sha, author }) => [sha, author?.login])).toEqual([[feature, 'lee']]);
    expect(ahead.files?.map(({ filename, status }) => [filename, status])).toEqual([
      ['feature.txt', 'added'],
    ]);
    expect((await compare(`${second}...${first}`)).status).toBe('behind');
    expect((await compare('main...main')).status).toBe('identical');
    await writeFile(join(dir, 'side.txt'), 'y');
    await control('POST', 'push', {
      ...{ owner: 'acme', repo: 'models', branch: 'side', dir, parent: first, message: 'Side' },
      author: { login: 'dana' },
    });
    await rm(join(dir, 'side.txt'));
    expect(await compare('main...side')).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1 });
  });

  it('reads files and folders at a commit', async () => {
    const github = octokit('lee-token');
    const { data } = await github.repos.getContent({ ...REPO, path: 'src/train.py', ref: first });
    const content = 'content' in data ? Buffer.from(data.content, 'base64').toString() : '';
    expect(content).toBe('print(1)\n');
    const { data: folder } = await github.repos.getContent({ ...REPO, path: 'src' });
    expect(Array.isArray(folder) && folder.map(({ path, type }) => [path, type])).toEqual([
      ['src/train.py', 'file'],
    ]);
    const missing = github.repos.getContent({ ...REPO, path: 'nope.py' });
    await expect(missing).rejects.toMatchObject({ status: 404 });
  });

  it('sends the archive of a commit below one folder', async () => {
    const { data } = await octokit('dana-token').repos.downloadTarballArchive({ ...REPO, ref: second });
    const found: Record<string, string> = {};
    const tar = extract();
    tar.on('entry', (header, stream, next) => {
      found[header.name] = header.type === 'symlink' ? `-> ${header.linkname}` : header.mode.toString(8);
      stream.resume();
      stream.on('end', next);
    });
    const finished = new Promise<void>((resolve) => {
      tar.on('finish', () => {
        resolve();
      });
    });
    tar.end(gunzipSync(Buffer.from(data as ArrayBuffer)));
    await finished;
    const top = `acme-models-${second.slice(0, 7)}`;
    expect(found).toEqual({
      [`${top}/`]: '755',
      [`${top}/link.sh`]: '-> run.sh',
      [`${top}/mlops.yaml`]: '644',
      [`${top}/run.sh`]: '755',
      [`${top}/src/train.py`]: '644',
    });
  });

  it('answers 404 in GitHub’s shape', async () => {
    await expect(octokit().repos.get({ owner: 'acme', repo: 'none' })).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'Not Found', documentation_url: expect.any(String) as string } },
    });
  });
});

describe('who may', () => {
  it('tells tokens apart', async () => {
    expect((await octokit('lee-token').users.getAuthenticated()).data.login).toBe('lee');
    await expect(octokit('wrong').users.getAuthenticated()).rejects.toMatchObject({ status: 401 });
    const anonymous = octokit().issues.create({ ...REPO, title: 'x' });
    await expect(anonymous).rejects.toMatchObject({ status: 401 });
  });

  it('tells permissions and team members', async () => {
    const github = octokit('dana-token');
    const of = async (username: string) =>
      (await github.repos.getCollaboratorPermissionLevel({ ...REPO, username })).data;
    expect(await of('lee')).toMatchObject({
      permission: 'write',
      role_name: 'maintain',
      user: { login: 'lee' },
    });
    expect(await of('eve')).toMatchObject({ permission: 'read', role_name: 'read' });
    const team = { org: 'acme', team_slug: 'ml-leads' };
    const { data } = await github.teams.getMembershipForUserInOrg({ ...team, username: 'lee' });
    expect(data).toMatchObject({ state: 'active', role: 'member' });
    const other = github.teams.getMembershipForUserInOrg({ ...team, username: 'dana' });
    await expect(other).rejects.toMatchObject({ status: 404 });
  });

  it('refuses to write statuses without the permission', async () => {
    const sha = (await octokit().repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    const status = octokit('eve-token').repos.createCommitStatus({ ...REPO, sha, state: 'success' });
    await expect(status).rejects.toMatchObject({ status: 403 });
  });
});

describe('checks, statuses and deployments', () => {
  it('lets only an app write check runs', async () => {
    const head = { ...REPO, name: 'mlops', head_sha: 'main' };
    await expect(octokit('lee-token').checks.create(head)).rejects.toMatchObject({ status: 403 });
    const github = app();
    const { data: run } = await github.checks.create({ ...head, status: 'in_progress' });
    expect(run).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'mlops' } });
    await github.checks.update({
      ...REPO,
      check_run_id: run.id,
      conclusion: 'success',
      output: { title: 'Released', summary: 'All well' },
    });
    const { data: list } = await github.checks.listForRef({ ...REPO, ref: 'main' });
    expect(list).toMatchObject({
      total_count: 1,
      check_runs: [{ status: 'completed', conclusion: 'success', output: { title: 'Released' } }],
    });
    await expect(github.checks.create({ ...head, head_sha: 'a'.repeat(40) })).rejects.toMatchObject({
      status: 422,
    });
  });

  it('finds the installation of an app and refuses other keys', async () => {
    const github = new Octokit({
      baseUrl: `${services.url}/github`,
      authStrategy: createAppAuth,
      auth: { appId: 7, privateKey: pem },
    });
    expect((await github.apps.getRepoInstallation(REPO)).data).toMatchObject({ id: 1_000_007, app_id: 7 });
    const { pem: other } = await control<{ pem: string }>('POST', 'apps', { id: 8, slug: 'other' });
    const forged = new Octokit({
      baseUrl: `${services.url}/github`,
      authStrategy: createAppAuth,
      auth: { appId: 7, privateKey: other, installationId: 1_000_007 },
    });
    await expect(forged.repos.get(REPO)).rejects.toMatchObject({ status: 401 });
  });

  it('combines statuses by context', async () => {
    const github = octokit('lee-token');
    const sha = (await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'pending', context: 'a' });
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'b' });
    const combined = async () => (await github.repos.getCombinedStatusForRef({ ...REPO, ref: 'main' })).data;
    expect(await combined()).toMatchObject({ state: 'pending', total_count: 2 });
    const refused = github.repos.createDeployment({ ...REPO, ref: 'main' });
    await expect(refused).rejects.toMatchObject({ status: 409 });
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'a' });
    expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
    const long = github.repos.createCommitStatus({
      ...REPO,
      sha,
      state: 'success',
      description: 'x'.repeat(141),
    });
    await expect(long).rejects.toMatchObject({ status: 422 });
  });

  it('keeps deployments and makes earlier ones inactive', async () => {
    const github = octokit('lee-token');
    const request = {
      ...REPO,
      ref: 'main',
      environment: 'production',
      required_contexts: [],
      auto_merge: false,
    };
    const deploy = async () => {
      const { data } = await github.repos.createDeployment(request);
      return 'id' in data ? data.id : 0;
    };
    const set = (deployment_id: number, state: 'pending' | 'success') =>
      github.repos.createDeploymentStatus({ ...REPO, deployment_id, state, description: 'd' });
    const first = await deploy();
    await set(first, 'pending');
    await set(first, 'success');
    const second = await deploy();
    await set(second, 'success');
    const { data: list } = await github.repos.listDeployments({ ...REPO, environment: 'production' });
    expect(list.map(({ id }) => id)).toEqual([second, first]);
    const { data: statuses } = await github.repos.listDeploymentStatuses({ ...REPO, deployment_id: first });
    expect(statuses.map(({ state }) => state)).toEqual(['inactive', 'success', 'pending']);
  });
});

describe('issues and pull requests', () => {
  it('keeps issues and comments, and tells when a comment was edited', async () => {
    const github = octokit('lee-token');
    const { data: issue } = await github.issues.create({ ...REPO, title: 'Approve?', body: 'Please' });
    const place = { ...REPO, issue_number: issue.number };
    const { data: comment } = await github.issues.createComment({ ...place, body: '/approve 123' });
    expect(comment.user?.login).toBe('lee');
    const ask = () =>
      github.graphql<{ node: { lastEditedAt: string | null } }>(
        'query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt } } }',
        { id: comment.node_id },
      );
    expect((await ask()).node).toEqual({ lastEditedAt: null });
    const byEve = octokit('eve-token').issues.updateComment({
      ...REPO,
      comment_id: comment.id,
      body: 'mine',
    });
    await expect(byEve).rejects.toMatchObject({ status: 403 });
    await github.issues.updateComment({ ...REPO, comment_id: comment.id, body: '/approve 456' });
    expect((await ask()).node.lastEditedAt).toMatch(/^\d{4}-/);
    const { data: comments } = await github.issues.listComments(place);
    expect(comments.map(({ body }) => body)).toEqual(['/approve 456']);
    expect((await github.issues.listForRepo(REPO)).data.map(({ number }) => number)).toContain(issue.number);
  });

  it('pages long lists', async () => {
    const github = octokit('dana-token');
    const { data: issue } = await github.issues.create({ ...REPO, title: 'Long' });
    const place = { ...REPO, issue_number: issue.number };
    for (let at = 0; at < 5; at += 1) await github.issues.createComment({ ...place, body: `c${at}` });
    const all = await github.paginate(github.issues.listComments, { ...place, per_page: 2 });
    expect(all.map(({ body }) => body)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
  });

  it('carries a pull request from review to merge', async () => {
    const github = octokit('dana-token');
    await writeFile(join(dir, 'better.py'), 'x = 1\n');
    const { sha } = await push('better', 'Better');
    const { data: pull } = await github.pulls.create({
      ...REPO,
      title: 'Better',
      head: 'better',
      base: 'main',
    });
    expect(pull).toMatchObject({ state: 'open', merged: false, head: { sha, ref: 'better' } });
    const place = { ...REPO, pull_number: pull.number };
    expect((await github.pulls.listFiles(place)).data.map(({ filename }) => filename)).toEqual(['better.py']);
    const own = github.pulls.createReview({ ...place, event: 'APPROVE' });
    await expect(own).rejects.toMatchObject({ status: 422 });
    await octokit('lee-token').pulls.createReview({ ...place, event: 'APPROVE', body: 'fine' });
    expect((await github.pulls.listReviews(place)).data).toMatchObject([
      { state: 'APPROVED', commit_id: sha, user: { login: 'lee' } },
    ]);
    const pulls = async () =>
      (await github.repos.listPullRequestsAssociatedWithCommit({ ...REPO, commit_sha: sha })).data;
    expect((await pulls()).map(({ number }) => number)).toEqual([pull.number]);
    const { data: merged } = await github.pulls.merge(place);
    expect((await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha).toBe(merged.sha);
    expect((await github.pulls.get(place)).data).toMatchObject({
      merged: true,
      merge_commit_sha: merged.sha,
    });
    expect((await pulls()).map(({ number }) => number)).toEqual([pull.number]);
    const nowhere = github.pulls.create({ ...REPO, title: 'x', head: 'nope', base: 'main' });
    await expect(nowhere).rejects.toMatchObject({ status: 422 });
  });

  it('comments on commits and keeps dispatches', async () => {
    const github = octokit('dana-token');
    const { data } = await github.repos.createCommitComment({ ...REPO, commit_sha: 'main', body: 'done' });
    const { data: list } = await github.repos.listCommentsForCommit({ ...REPO, commit_sha: 'main' });
    expect(list.map(({ id, body }) => [id, body])).toEqual([[data.id, 'done']]);
    await github.repos.createDispatchEvent({
      ...REPO,
      event_type: 'retrain',
      client_payload: { why: 'drift' },
    });
    const kept = await fetch(`${services.url}/_emulator/github/dispatches/acme/models`);
    expect(await kept.json()).toMatchObject([
      { by: 'dana', eventType: 'retrain', payload: { why: 'drift' } },
    ]);
  });
});

describe('restart', () => {
  it('keeps everything', async () => {
    const before = (await octokit('lee-token').repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    await services.restart();
    const github = octokit('lee-token');
    expect((await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha).toBe(before);
    expect((await github.issues.listForRepo({ ...REPO, state: 'all' })).data.length).toBeGreaterThan(2);
    expect((await github.checks.listForRef({ ...REPO, ref: 'main', filter: 'all' })).status).toBe(200);
  });
});
