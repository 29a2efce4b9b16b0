import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { defaultLimits, unpack, type ArchiveLimits } from './archive.js';
import { ownerAndRepo, type GitHub } from './client.js';
import { GitHubError, toGitHubError } from './errors.js';

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
  return resolve(cacheDir, `${owner}+${repo}`.toLowerCase(), commit);
}

async function fetchOnce(
  github: GitHub,
  ref: CommitRef,
  folder: string,
  cacheDir: string,
  limits: ArchiveLimits,
): Promise<string> {
  if (await touch(folder)) return folder;
  const temporary = join(resolve(cacheDir), '.tmp', randomUUID());
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

export interface PruneLimits {
  /** Bytes that may stay. */
  readonly maxBytes: number;
  /** Folders used since are kept in any case: an activity may be reading them. Default one hour. */
  readonly keepMs?: number;
}

/** Deletes the folders that were not used for longest until the cache fits, and what crashes left. Returns how many. */
export async function prune(
  cacheDir: string,
  { maxBytes, keepMs = 3_600_000 }: PruneLimits,
): Promise<number> {
  const cached = await list(cacheDir);
  const expendable = cached
    .filter(({ usedAt }) => usedAt < Date.now() - keepMs)
    .sort((a, b) => a.usedAt - b.usedAt);
  let total = cached.reduce((sum, { bytes }) => sum + bytes, 0);
  let removed = 0;
  for (const { folder, bytes, leftover } of expendable) {
    if (!leftover && total <= maxBytes) continue;
    await rm(folder, { recursive: true, force: true });
    total -= bytes;
    removed += 1;
  }
  return removed;
}

interface Cached {
  readonly folder: string;
  readonly leftover: boolean;
  readonly usedAt: number;
  readonly bytes: number;
}

async function list(cacheDir: string): Promise<Cached[]> {
  const repositories = await readdir(cacheDir).catch(() => []);
  const nested = await Promise.all(
    repositories.map(async (name) => {
      const commits = await readdir(join(cacheDir, name));
      return Promise.all(
        commits.map(async (commit) => {
          const folder = join(cacheDir, name, commit);
          return {
            folder,
            leftover: name === '.tmp',
            usedAt: (await stat(folder)).mtimeMs,
            bytes: await sizeOf(folder),
          };
        }),
      );
    }),
  );
  return nested.flat();
}

async function sizeOf(folder: string): Promise<number> {
  const files = (await readdir(folder, { withFileTypes: true, recursive: true })).filter((entry) =>
    entry.isFile(),
  );
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
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
