import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '../domain/text.js';

/** Files at the paths, folders walked; hidden files and markers such as `_SUCCESS` are no data. */
export async function listFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(listPath));
  return [...new Set(found.flat())].sort(compareText);
}

async function listPath(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return [];
  if (!info.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
