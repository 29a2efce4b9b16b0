import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  forkOf,
  isAllowed,
  permissionOf,
  verifyComment,
  verifyReview,
  verifySteeringComment,
  verifyTrainComment,
  type CommentRule,
} from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
let issue: number;
const code = '3f2a9c41d07b';
const started = Date.now();

beforeAll(async () => {
  github = await startGitHub();
  await github.push({ a: '1' });
  ({ number: issue } = await github.post('ann', `repos/${repository}/issues`, { title: 'Approve' }));
});
afterAll(() => github.stop());

const rule = (more: Partial<CommentRule> = {}): CommentRule => ({
  code,
  answer: 'approve',
  approvers: [],
  notBefore: started,
  authors: ['Will'],
  ...more,
});

async function comment(login: string, body: string): Promise<number> {
  return (await github.post(login, `repos/${repository}/issues/${issue}/comments`, { body })).id;
}

test('roles are read, strangers have none that counts', async () => {
  expect(await permissionOf(github.app, repository, 'ann')).toBe('admin');
  expect(await permissionOf(github.app, repository, 'max')).toBe('maintain');
  expect(await permissionOf(github.app, repository, 'nobody-at-all')).toBe('none');
});

test('a list names people and teams; teams that cannot be read are refused with the permission', async () => {
  expect(await isAllowed(github.app, repository, ['@Ann', 'max'], 'ann')).toEqual({ allowed: true });
  expect(await isAllowed(github.app, repository, ['@acme/ml-leads'], 'rita')).toEqual({ allowed: true });
  const stranger = await isAllowed(github.app, repository, ['max', '@acme/ml-leads'], 'will');
  expect(stranger).toEqual({ allowed: false, problem: 'will is none of the approvers max, @acme/ml-leads' });
  const unreadable = await isAllowed(github.app, repository, ['@acme/no-such-team'], 'rita');
  expect(unreadable).toMatchObject({
    allowed: false,
    problem: expect.stringContaining('members: read') as string,
  });
});

test('a comment of somebody allowed proves the answer', async () => {
  const id = await comment('max', `/approve ${code} looks good\n\nmore`);
  expect(await verifyComment(github.app, repository, id, rule())).toEqual({
    by: 'github',
    person: 'max',
    allowed: true,
    isAuthor: false,
  });
  const rejection = await comment('max', `/reject ${code} drifted`);
  expect(await verifyComment(github.app, repository, rejection, rule({ answer: 'reject' }))).toMatchObject({
    allowed: true,
  });
});

test('an author is told apart, whoever is allowed', async () => {
  const id = await comment('will', `/approve ${code}`);
  expect(await verifyComment(github.app, repository, id, rule({ approvers: ['will'] }))).toEqual({
    by: 'github',
    person: 'will',
    allowed: true,
    isAuthor: true,
  });
});

test.each([
  ['somebody without the right', 'rita', `/approve ${code}`, {}, /has the role read/],
  ['another code', 'max', '/approve aaaaaaaaaaaa', {}, /first line is not/],
  ['the opposite answer', 'max', `/reject ${code}`, {}, /first line is not/],
  ['a quotation', 'max', `> /approve ${code}`, {}, /first line is not/],
  ['a command further down', 'max', `hello\n/approve ${code}`, {}, /first line is not/],
  [
    'a comment from before the request',
    'max',
    `/approve ${code}`,
    { notBefore: Date.now() + 3_600_000 },
    /older than the request/,
  ],
])('%s proves nothing', async (_case, login, body, more, problem) => {
  const proof = await verifyComment(github.app, repository, await comment(login, body), rule(more));
  expect(proof).toMatchObject({
    allowed: false,
    person: login,
    problem: expect.stringMatching(problem) as string,
  });
});

test('edited and missing comments prove nothing', async () => {
  const id = await comment('max', 'nice work');
  await github.patch('max', `repos/${repository}/issues/comments/${id}`, { body: `/approve ${code}` });
  expect(await verifyComment(github.app, repository, id, rule())).toMatchObject({
    allowed: false,
    problem: `the comment ${id} was edited: write a new one`,
  });
  expect(await verifyComment(github.app, repository, 999_999_999, rule())).toMatchObject({
    allowed: false,
    person: 'somebody',
  });
});

test('a bot decides nothing', async () => {
  const { id } = await github.app.call({ what: 'comment', permission: 'issues: write' }, async (octokit) => {
    const { data } = await octokit.rest.issues.createComment({
      owner: 'acme',
      repo: 'models',
      issue_number: issue,
      body: `/approve ${code}`,
    });
    return data;
  });
  expect(await verifyComment(github.app, repository, id, rule({ approvers: ['mlops[bot]'] }))).toMatchObject({
    allowed: false,
    problem: expect.stringContaining('bot') as string,
  });
});

test('an operator steers by a comment of today that names this project or none', async () => {
  const rule = { action: 'rollback', project: 'diabetes', operators: ['max'], notBefore: started };
  const steers = async (login: string, body: string, more: Partial<typeof rule> = {}) =>
    verifySteeringComment(github.app, repository, await comment(login, body), { ...rule, ...more });
  expect(await steers('max', '/rollback')).toMatchObject({ allowed: true, person: 'max' });
  expect(await steers('max', '/rollback diabetes')).toMatchObject({ allowed: true });
  expect(await steers('max', '/rollback churn')).toMatchObject({ allowed: false });
  expect(await steers('max', '/retry')).toMatchObject({ allowed: false });
  expect(await steers('rita', '/rollback')).toMatchObject({ allowed: false });
  expect(await steers('max', '/rollback', { notBefore: Date.now() + 3_600_000 })).toMatchObject({
    allowed: false,
  });
});

describe('a review', () => {
  let pull: number;
  let head: string;
  beforeAll(async () => {
    head = await github.push({ a: '2' }, { branch: 'feature' });
    ({ number: pull } = await github.post('will', `repos/${repository}/pulls`, {
      title: 'Better',
      head: 'feature',
      base: 'main',
    }));
  });

  const review = async (login: string, event: string, body = '', commit = head): Promise<number> =>
    (
      await github.post(login, `repos/${repository}/pulls/${pull}/reviews`, {
        event,
        body,
        commit_id: commit,
      })
    ).id;
  const verify = (id: number, more: Partial<CommentRule> = {}, commit = head) =>
    verifyReview(github.app, repository, id, { ...rule(more), commit });

  test('that approves exactly this commit proves an approval', async () => {
    expect(await verify(await review('max', 'APPROVE'))).toEqual({
      by: 'github',
      person: 'max',
      allowed: true,
      isAuthor: false,
    });
    const rejection = await review('max', 'REQUEST_CHANGES', `/reject ${code} drifted`);
    expect(await verify(rejection, { answer: 'reject' })).toMatchObject({ allowed: true });
  });

  test.each([
    ['of another commit', 'max', 'APPROVE', '', 'f'.repeat(40), /is of the commit ffffffffffff/],
    ['without an opinion', 'max', 'COMMENT', '', undefined, /is COMMENTED, not APPROVED/],
    ['that says something else', 'max', 'APPROVE', '/approve aaaaaaaaaaaa', undefined, /first line is not/],
    ['of somebody without the right', 'rita', 'APPROVE', '', undefined, /has the role read/],
  ])('%s proves nothing', async (_case, login, event, body, commit, problem) => {
    const proof = await verify(await review(login, event, body, commit));
    expect(proof).toMatchObject({ allowed: false, problem: expect.stringMatching(problem) as string });
  });

  test('that was edited, or is none of this pull request, proves nothing', async () => {
    const id = await review('max', 'APPROVE');
    await github.put('max', `repos/${repository}/pulls/${pull}/reviews/${id}`, { body: 'changed' });
    expect(await verify(id)).toMatchObject({ problem: `the review ${id} was edited: write a new one` });
    expect(await verify(999_999)).toMatchObject({ allowed: false, person: 'somebody' });
  });

  test('a fork is known, and /train counts by a maintainer and for its very commit', async () => {
    expect(await forkOf(github.app, repository, pull)).toBeUndefined();
    await github.push({ a: '3' }, { branch: 'theirs' });
    const { number } = await github.post('rita', `repos/${repository}/pulls`, {
      title: 'From outside',
      head: 'stranger:theirs',
      base: 'main',
    });
    expect(await forkOf(github.app, repository, number)).toBe('stranger/models');
    const train = (id: number) =>
      verifyTrainComment(github.app, repository, id, { commit: head, pull: number });
    expect(await train(await comment('max', `/train ${head}`))).toMatchObject({ allowed: true });
    expect(await train(await comment('will', `/train ${head}`))).toMatchObject({ allowed: false });
    expect(await train(await comment('max', `/train ${'a'.repeat(40)}`))).toMatchObject({ allowed: false });
  });
});
