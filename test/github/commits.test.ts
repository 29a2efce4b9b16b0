import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorsBetween,
  compare,
  defaultBranch,
  firstParent,
  isAncestor,
  pullRequestOf,
  resolveCommit,
} from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
const commits: string[] = [];
const at = (index: number): string => commits.at(index) ?? '';

beforeAll(async () => {
  github = await startGitHub();
  commits.push(await github.push({ a: '1' }, { author: 'ann' }));
  commits.push(
    await github.push(
      { a: '2' },
      {
        author: 'will',
        message:
          'Tune\n\nCo-authored-by: Rita <12+rita@users.noreply.github.com>\nCo-authored-by: Zoe <Zoe@elsewhere.example>',
      },
    ),
  );
  commits.push(await github.push({ a: '3' }, { author: 'max' }));
  commits.push(await github.push({ a: '4' }, { author: 'will', branch: 'feature', parent: at(0) }));
});
afterAll(() => github.stop());

test('ancestry decides which of two commits is newer', async () => {
  expect(await compare(github.app, repository, at(0), at(2))).toEqual({
    status: 'ahead',
    aheadBy: 2,
    behindBy: 0,
  });
  expect(await compare(github.app, repository, at(2), at(3))).toMatchObject({ status: 'diverged' });
  expect(await isAncestor(github.app, repository, at(0), at(2))).toBe(true);
  expect(await isAncestor(github.app, repository, at(2), at(0))).toBe(false);
  expect(await isAncestor(github.app, repository, at(3), at(2))).toBe(false);
  expect(await isAncestor(github.app, repository, at(1), at(1))).toBe(true);
});

test('authors are told by address and by login where GitHub knows one, co-authors too', async () => {
  expect(await authorsBetween(github.app, repository, at(0), at(2))).toEqual([
    'max',
    'max@acme.example',
    'rita',
    'will',
    'will@acme.example',
    'zoe@elsewhere.example',
  ]);
  expect(await authorsBetween(github.app, repository, at(1), at(2))).toEqual(['max', 'max@acme.example']);
  expect(await authorsBetween(github.app, repository, undefined, at(2))).toContain('ann');
});

test('branches, parents and pull requests are found', async () => {
  expect(await defaultBranch(github.app, repository)).toBe('main');
  expect(await resolveCommit(github.app, repository, 'main')).toBe(at(2));
  expect(await firstParent(github.app, repository, at(2))).toBe(at(1));
  expect(await firstParent(github.app, repository, at(0))).toBeUndefined();
  expect(await pullRequestOf(github.app, repository, at(3))).toBeUndefined();
  const { number } = await github.post('will', `repos/${repository}/pulls`, {
    title: 'Feature',
    head: 'feature',
    base: 'main',
  });
  expect(await pullRequestOf(github.app, repository, at(3))).toEqual({ number, open: true });
});
