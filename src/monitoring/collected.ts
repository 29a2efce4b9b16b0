import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CollectedWindow, dayFolders, isCollectedWithin } from '../domain/collected-paths.js';

/** Files of a collection in the hours that a window touches, where the folder of an endpoint is mounted; ordered. */
export async function collectedFiles(
  dir: string,
  collection: string,
  window: CollectedWindow,
): Promise<string[]> {
  const found: string[] = [];
  for (const deployment of await namesIn(dir)) {
    // By day: listing years of files through a mount takes longer than reading those of a window.
    for (const day of dayFolders(window)) {
      const folder = join(dir, deployment, collection, day);
      const files = (await namesIn(folder, true)).map((name) => join(folder, name));
      found.push(...files.filter((path) => isCollectedWithin(path, window)));
    }
  }
  return found.sort();
}

async function namesIn(dir: string, recursive = false): Promise<string[]> {
  try {
    return await readdir(dir, { recursive });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
