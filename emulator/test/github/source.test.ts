import { execFile } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REPO, expectNoProblems, startGitHubLab } from './lab.js';
import type { GitHubLab } from './lab.js';

const run = promisify(execFile);
let lab: GitHubLab;

beforeAll(async () => {
  lab = await startGitHubLab();
});
afterEach(() => {
  expectNoProblems(lab);
});
afterAll(() => lab.stop());

describe('source', () => {
  let first: string;
  let second: string;

  beforeAll(async () => {
    await mkdir(join(lab.dir, 'src'));
    await mkdir(join(lab.dir, '__pycache__'));
    await writeFile(join(lab.dir, '__pycache__', 'x.pyc'), 'x');
    await writeFile(join(lab.dir, 'src', 'train.py'), 'print(1)\n');
    await writeFile(join(lab.dir, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await symlink('run.sh', join(lab.dir, 'link.sh'));
    first = (await lab.push('main', 'First')).sha;
    await writeFile(join(lab.dir, 'src', 'train.py'), 'print(2)\n');
    await writeFile(join(lab.dir, 'mlops.yaml'), 'train: train.yml\n');
    const pushed = await lab.push('main', 'Second');
    expect(pushed.before).toBe(first);
    second = pushed.sha;
  });

  it('commits the same folder only once', async () => {
    expect(await lab.push('main', 'Again')).toEqual({ sha: second, before: second });
  });

  it('is a repository that git reads', async () => {
    const gitdir = join(lab.services.ctx.dataDir, 'github', 'acme', 'models.git');
    const { stdout } = await run('git', ['--git-dir', gitdir, 'log', '--format=%H %an %s', 'main']);
    expect(stdout.trim().split('\n')).toEqual([`${second} Dana Second`, `${first} Dana First`]);
    await run('git', ['--git-dir', gitdir, 'fsck', '--strict']);
  });

  it('shows repository, branches, refs and commits', async () => {
    const github = lab.octokit('dana-token');
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
    await writeFile(join(lab.dir, 'feature.txt'), 'x');
    const { sha: feature } = await lab.push('feature/x', 'Feature', 'lee');
    await rm(join(lab.dir, 'feature.txt'));
    const compare = async (basehead: string) =>
      (await lab.octokit().repos.compareCommitsWithBasehead({ ...REPO, basehead })).data;
    const ahead = await compare('main...feature/x');
    expect(ahead).toMatchObject({ status: 'ahead', ahead_by: 1, merge_base_commit: { sha: second } });
    expect(ahead.commits.map(({ sha, author }) => [sha, author?.login])).toEqual([[feature, 'lee']]);
    expect(ahead.files?.map(({ filename, status }) => [filename, status])).toEqual([
      ['feature.txt', 'added'],
    ]);
    expect((await compare(`${second}...${first}`)).status).toBe('behind');
    expect((await compare('main...main')).status).toBe('identical');
    await writeFile(join(lab.dir, 'side.txt'), 'y');
    await lab.control('POST', 'push', {
      ...{ owner: 'acme', repo: 'models', branch: 'side', dir: lab.dir, parent: first, message: 'Side' },
      author: { login: 'dana' },
    });
    await rm(join(lab.dir, 'side.txt'));
    expect(await compare('main...side')).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1 });
  });

  it('reads files and folders at a commit', async () => {
    const github = lab.octokit('lee-token');
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
    const { data } = await lab.octokit('dana-token').repos.downloadTarballArchive({ ...REPO, ref: second });
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
    await expect(lab.octokit().repos.get({ owner: 'acme', repo: 'none' })).rejects.toMatchObject({
      status: 404,
      response: { data: { message: 'Not Found', documentation_url: expect.any(String) as string } },
    });
  });
});
