import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { defaultLimits, unpack, type ArchiveLimits } from './archive.js';
import { ownerAndRepo, type GitHub } from './client.js';
import { GitHubError, toGitHubError } from './errors.js';
import { folderIn, temporaryIn } from './source-cache.js';

export interface CommitRef {
  /** `owner/name` */
  readonly repository: string;
  /** Full SHA: names that move are not cached. */
  readonly commit: string;
}

const downloadTimeoutMs = 15 * 60_000;
const running = new Map<string, Promise<string>>();

/**
 * Folder with a commit's files, without `.git`. Fetched once a machine: a folder that exists is complete, since it
 * gets its name only when everything is there. Safe to call side by side, from several processes too.
 * @returns absolute path
 * @throws GitHubError, `UnsafeArchive` for an archive that would leave its folder or is a bomb
 */
export async function fetchSource(
  github: GitHub,
  ref: CommitRef,
  cacheDir: string,
  limits: ArchiveLimits = defaultLimits,
): Promise<string> {
  const folder = folderOf(ref, cacheDir);
  const pending = running.get(folder);
  if (pending !== undefined) return pending;
  const fetched = fetchOnce(github, ref, folder, cacheDir, limits).finally(() => running.delete(folder));
  running.set(folder, fetched);
  return fetched;
}

function folderOf({ repository, commit }: CommitRef, cacheDir: string): string {
  const { owner, repo } = ownerAndRepo(repository);
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) throw new Error(`"${commit}" is no full commit SHA.`);
  return folderIn(cacheDir, owner, repo, commit);
}

async function fetchOnce(
  github: GitHub,
  ref: CommitRef,
  folder: string,
  cacheDir: string,
  limits: ArchiveLimits,
): Promise<string> {
  if (await touch(folder)) return folder;
  const temporary = temporaryIn(cacheDir);
  await mkdir(temporary, { recursive: true });
  try {
    await download(github, ref, temporary, limits);
    await mkdir(resolve(folder, '..'), { recursive: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was faster: its folder has the same contents.
    if (!(await touch(folder))) throw error;
  }
  return folder;
}

async function download(
  github: GitHub,
  { repository, commit }: CommitRef,
  folder: string,
  limits: ArchiveLimits,
): Promise<void> {
  const attempt = {
    what: `fetch the source of ${repository}@${commit.slice(0, 12)}`,
    permission: 'contents: read',
  };
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.repos.downloadTarballArchive({
      ...ownerAndRepo(repository),
      ref: commit,
      request: { parseSuccessResponseBody: false, signal: AbortSignal.timeout(downloadTimeoutMs) },
    }),
  );
  try {
    await unpack(Readable.fromWeb(data as ReadableStream), folder, limits);
  } catch (error) {
    throw toGitHubError(error, attempt);
  }
}

/** Marks the folder as used now; false when it is not there. */
async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  );
}

/**
 * A text file at a commit, branch or tag; `undefined` when that version has no such file.
 * @throws GitHubError `NotFound` when the repository or the ref itself cannot be seen
 */
export async function readFileAt(
  github: GitHub,
  repository: string,
  ref: string,
  path: string,
): Promise<string | undefined> {
  const what = `read ${path} of ${repository}@${ref}`;
  const place = ownerAndRepo(repository);
  try {
    const { data } = await github.call({ what, permission: 'contents: read' }, (octokit) =>
      octokit.rest.repos.getContent({ ...place, ref, path, mediaType: { format: 'raw' } }),
    );
    return asText(data, what);
  } catch (error) {
    if (!(error instanceof GitHubError) || error.code !== 'NotFound') throw error;
    // A file that is not there and a repository that may not be read give the same answer.
    await github.call({ what, permission: 'contents: read' }, (octokit) =>
      octokit.rest.repos.getCommit({ ...place, ref }),
    );
    return undefined;
  }
}

function asText(data: unknown, what: string): string {
  if (typeof data === 'string') return data;
  if (data instanceof ArrayBuffer) return new TextDecoder().decode(data);
  throw new GitHubError('Invalid', `GitHub: could not ${what}: it is a folder, not a file.`);
}
