import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What is being unpacked or deleted: beside the sources, so that a rename moves it at once. */
const TEMPORARY = '.tmp';

/** A commit's folder in the cache; absolute. */
export function folderIn(cacheDir: string, owner: string, repo: string, commit: string): string {
  return resolve(cacheDir, `${owner}+${repo}`.toLowerCase(), commit);
}

/** A name that nobody else uses, on the same file system. */
export function temporaryIn(cacheDir: string): string {
  return join(resolve(cacheDir), TEMPORARY, randomUUID());
}

export interface PruneLimits {
  /** Bytes that may stay. */
  readonly maxBytes: number;
  /** Folders used since are kept in any case: an activity may be reading them. Default two hours. */
  readonly keepMs?: number;
}

/** Twice what an activity may take that moves files. */
const defaultKeepMs = 2 * 3_600_000;

/**
 * Deletes the folders that were not used for longest until the cache fits, and what crashes left. Whatever else lies in
 * the folder is not touched.
 * @returns how many folders went
 */
export async function prune(
  cacheDir: string,
  { maxBytes, keepMs = defaultKeepMs }: PruneLimits,
): Promise<number> {
  const cached = await list(cacheDir);
  const expendable = cached
    .filter(({ usedAt }) => usedAt < Date.now() - keepMs)
    .sort((a, b) => a.usedAt - b.usedAt);
  let total = cached.reduce((sum, { bytes }) => sum + bytes, 0);
  let removed = 0;
  for (const { folder, bytes, leftover } of expendable) {
    if (!leftover && total <= maxBytes) continue;
    await remove(cacheDir, folder);
    total -= bytes;
    removed += 1;
  }
  return removed;
}

/** A folder that exists is complete, also for whoever asks while it goes and after a crash in the middle. */
async function remove(cacheDir: string, folder: string): Promise<void> {
  const gone = temporaryIn(cacheDir);
  await mkdir(resolve(gone, '..'), { recursive: true });
  await rename(folder, gone);
  await rm(gone, { recursive: true, force: true });
}

interface Cached {
  readonly folder: string;
  readonly leftover: boolean;
  /** Milliseconds since the epoch. */
  readonly usedAt: number;
  readonly bytes: number;
}

async function list(cacheDir: string): Promise<Cached[]> {
  const names = await foldersOf(cacheDir);
  const sources = names.filter((name) => name === TEMPORARY || name.includes('+'));
  const nested = await Promise.all(
    sources.map(async (name) => {
      const commits = await foldersOf(join(cacheDir, name));
      return await Promise.all(
        commits.map((commit) => measure(join(cacheDir, name, commit), name === TEMPORARY)),
      );
    }),
  );
  return nested.flat().filter((cached) => cached !== undefined);
}

async function foldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** `undefined` where it went meanwhile: workers on one machine may share the cache. */
async function measure(folder: string, leftover: boolean): Promise<Cached | undefined> {
  try {
    const { mtimeMs: usedAt } = await stat(folder);
    return { folder, leftover, usedAt, bytes: await sizeOf(folder) };
  } catch {
    return undefined;
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
