import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { fetchSource, prune, readFileAt } from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
let first: string;
let second: string;
let cache: string;

beforeAll(async () => {
  github = await startGitHub();
  first = await github.push({ 'mlops.yaml': 'train: a.yml\n', 'src/train.py': 'x = 1\n' });
  second = await github.push({ 'mlops.yaml': 'train: b.yml\n', empty: '' });
});
afterAll(() => github.stop());
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'mlops-cache-'));
  return () => rm(cache, { recursive: true });
});

test("a commit's files arrive as they were, also when many ask at once, and stay", async () => {
  const folders = await Promise.all(
    Array.from({ length: 5 }, () => fetchSource(github.app, { repository, commit: first }, cache)),
  );
  expect(new Set(folders).size).toBe(1);
  const folder = folders[0] ?? '';
  expect((await readdir(folder)).sort()).toEqual(['mlops.yaml', 'src']);
  expect(await readFile(join(folder, 'src/train.py'), 'utf8')).toBe('x = 1\n');
  expect(await readdir(join(cache, '.tmp'))).toEqual([]);

  const { ino } = await stat(folder);
  expect(await fetchSource(github.app, { repository, commit: first }, cache)).toBe(folder);
  expect((await stat(folder)).ino).toBe(ino);
});

test('side by side processes end with one complete folder', async () => {
  // A second copy of the module knows nothing of what the first is fetching.
  vi.resetModules();
  const { fetchSource: other } = await import('../../src/github/source.js');
  const folders = await Promise.all(
    [fetchSource, other].map((fetch) => fetch(github.app, { repository, commit: second }, cache)),
  );
  expect(folders[0]).toBe(folders[1]);
  expect(await readdir(join(cache, '.tmp'))).toEqual([]);
});

test('a commit that does not exist leaves nothing behind and says what to check', async () => {
  await expect(fetchSource(github.app, { repository, commit: 'd'.repeat(40) }, cache)).rejects.toMatchObject({
    code: 'NotFound',
    message: expect.stringMatching(/fetch the source of acme\/models@dddddddddddd.*contents: read/) as string,
  });
  expect(await readdir(join(cache, '.tmp'))).toEqual([]);
  await expect(fetchSource(github.app, { repository, commit: 'main' }, cache)).rejects.toThrow(
    'no full commit SHA',
  );
  await expect(fetchSource(github.app, { repository: '../x', commit: first }, cache)).rejects.toThrow(
    'owner/name',
  );
});

test('pruning deletes what was not used for longest, but nothing in use', async () => {
  const old = await fetchSource(github.app, { repository, commit: first }, cache);
  const recent = await fetchSource(github.app, { repository, commit: second }, cache);
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(old, yesterday, yesterday);
  // The default cache is also where `npm start` keeps its servers.
  const program = join(cache, 'bin', 'temporal-1');
  await mkdir(join(cache, 'bin'));
  await writeFile(program, 'binary');
  await utimes(program, yesterday, yesterday);
  await utimes(join(cache, 'bin'), yesterday, yesterday);
  expect(await prune(cache, { maxBytes: 1e9 })).toBe(0);
  expect(await prune(cache, { maxBytes: 0 })).toBe(1);
  await expect(stat(old)).rejects.toThrow('ENOENT');
  expect((await stat(recent)).isDirectory()).toBe(true);
  expect(await readFile(program, 'utf8')).toBe('binary');
  expect(await readdir(join(cache, '.tmp'))).toEqual([]);
});

test('pruning deletes what a crash left half unpacked', async () => {
  const left = join(cache, '.tmp', 'left');
  await mkdir(left, { recursive: true });
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(left, yesterday, yesterday);
  expect(await prune(cache, { maxBytes: 1e9 })).toBe(1);
  expect(await readdir(join(cache, '.tmp'))).toEqual([]);
  expect(await prune(join(cache, 'nowhere'), { maxBytes: 0 })).toBe(0);
});

test('a file is read at a commit or branch; a missing file is not a missing repository', async () => {
  expect(await readFileAt(github.app, repository, first, 'mlops.yaml')).toBe('train: a.yml\n');
  expect(await readFileAt(github.app, repository, 'main', 'mlops.yaml')).toBe('train: b.yml\n');
  expect(await readFileAt(github.app, repository, 'main', 'empty')).toBe('');
  expect(await readFileAt(github.app, repository, 'main', 'src/train.py')).toBeUndefined();
  await expect(readFileAt(github.app, 'acme/other', 'main', 'mlops.yaml')).rejects.toMatchObject({
    code: 'NotFound',
  });
});
