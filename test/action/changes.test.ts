import { expect, test } from 'vitest';
import { changedFiles } from '../../action/src/changes.js';
import { touches } from '../../src/domain/changes.js';
import type { Payload, RunContext } from '../../action/src/context.js';
import { uiBase, workflowLink } from '../../src/temporal/links.js';
import type { GitHubReader } from '../../action/src/github.js';
import { startGitHub } from '../support/github.js';
import { createGitHubReader } from '../../action/src/github.js';

const context = (payload: Payload, event = 'push', sha = 'a'.repeat(40)): RunContext => ({
  event,
  payload,
  repository: 'acme/models',
  sha,
  ref: 'refs/heads/main',
  workspace: '.',
  apiUrl: '',
});

test('runners get pushes without file lists: the commits are compared by the API', async () => {
  const github = await startGitHub();
  try {
    const before = await github.push({ 'a/x': '1', 'b/x': '1' });
    const after = await github.push({ 'a/x': '2', 'b/x': '1', 'c/new': '1' });
    const reader = createGitHubReader(github.apiUrl, 'acme/models', 'token-of-will');
    const changes = await changedFiles(context({ before, commits: [{}] }, 'push', after), reader);
    expect(changes).toEqual({ files: ['a/x', 'c/new'] });
    const unknown = await changedFiles(
      context({ before: 'd'.repeat(40), commits: [{}] }, 'push', after),
      reader,
    );
    expect(unknown).toEqual({ all: expect.stringContaining('could not be compared') as string });
  } finally {
    await github.stop();
  }
});

test.each([
  ['first push', { before: '0'.repeat(40), commits: [] }],
  ['forced', { before: 'b'.repeat(40), forced: true }],
  ['no github-token', { before: 'b'.repeat(40), commits: [{ added: ['x'] }] }],
])('%s: everything counts as changed', async (reason, payload) => {
  expect(await changedFiles(context(payload), undefined)).toEqual({
    all: expect.stringContaining(reason) as string,
  });
});

test('more files than a comparison lists count as all', async () => {
  const reader: Partial<GitHubReader> = {
    comparedFiles: () => Promise.resolve(Array.from({ length: 300 }, (_, i) => String(i))),
  };
  const changes = await changedFiles(
    context({ before: 'b'.repeat(40), commits: [{}] }),
    reader as GitHubReader,
  );
  expect(changes).toEqual({ all: 'more than 300 files changed' });
});

test.each([
  [['a'], ['a/x'], true],
  [['a'], ['ab/x'], false],
  [['a/'], ['a/b/c'], true],
  [['.'], ['anything'], true],
  [['.'], [], false],
  [['shared/**/*.py'], ['shared/x/y.py'], true],
  [['shared/**/*.py'], ['shared/x/y.md'], false],
  [['lib/one.py'], ['lib/one.py'], true],
])('paths %j and files %j: %s', (paths, files, expected) => {
  expect(touches(paths, files)).toBe(expected);
});

test('links lead to the UI of Temporal Cloud, of a local server, or where they are told to', () => {
  expect(uiBase(undefined, 'team.a1b2c.tmprl.cloud:7233')).toBe('https://cloud.temporal.io');
  expect(uiBase(undefined, '127.0.0.1:7233')).toBe('http://127.0.0.1:8233');
  expect(uiBase('https://temporal.acme.example/', '127.0.0.1:7233')).toBe('https://temporal.acme.example');
  expect(uiBase(undefined, 'temporal.acme.example:7233')).toBeUndefined();
  expect(workflowLink('http://x', 'default', 'mlops/a b')).toBe(
    'http://x/namespaces/default/workflows/mlops%2Fa%20b',
  );
});
