import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REPO, commitOnce, expectNoProblems, startGitHubLab } from './lab.js';
import type { GitHubLab } from './lab.js';

let lab: GitHubLab;

beforeAll(async () => {
  lab = await startGitHubLab();
  await commitOnce(lab);
});
afterEach(() => {
  expectNoProblems(lab);
});
afterAll(() => lab.stop());

describe('issues and pull requests', () => {
  it('keeps issues and comments, and tells when a comment was edited', async () => {
    const github = lab.octokit('lee-token');
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
    const byEve = lab.octokit('eve-token').issues.updateComment({
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
    const github = lab.octokit('dana-token');
    const { data: issue } = await github.issues.create({ ...REPO, title: 'Long' });
    const place = { ...REPO, issue_number: issue.number };
    for (let at = 0; at < 5; at += 1) await github.issues.createComment({ ...place, body: `c${at}` });
    const all = await github.paginate(github.issues.listComments, { ...place, per_page: 2 });
    expect(all.map(({ body }) => body)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
  });

  it('carries a pull request from review to merge', async () => {
    const github = lab.octokit('dana-token');
    await writeFile(join(lab.dir, 'better.py'), 'x = 1\n');
    const { sha } = await lab.push('better', 'Better');
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
    await lab.octokit('lee-token').pulls.createReview({ ...place, event: 'APPROVE', body: 'fine' });
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
    const github = lab.octokit('dana-token');
    const { data } = await github.repos.createCommitComment({ ...REPO, commit_sha: 'main', body: 'done' });
    const { data: list } = await github.repos.listCommentsForCommit({ ...REPO, commit_sha: 'main' });
    expect(list.map(({ id, body }) => [id, body])).toEqual([[data.id, 'done']]);
    await github.repos.createDispatchEvent({
      ...REPO,
      event_type: 'retrain',
      client_payload: { why: 'drift' },
    });
    const kept = await fetch(`${lab.services.url}/_emulator/github/dispatches/acme/models`);
    expect(await kept.json()).toMatchObject([
      { by: 'dana', eventType: 'retrain', payload: { why: 'drift' } },
    ]);
  });
});

describe('restart', () => {
  it('keeps everything', async () => {
    const before = (await lab.octokit('lee-token').repos.getBranch({ ...REPO, branch: 'main' })).data.commit
      .sha;
    await lab.services.restart();
    const github = lab.octokit('lee-token');
    expect((await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha).toBe(before);
    expect((await github.issues.listForRepo({ ...REPO, state: 'all' })).data.length).toBeGreaterThan(2);
    expect((await github.checks.listForRef({ ...REPO, ref: 'main', filter: 'all' })).status).toBe(200);
  });
});
