import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from './git.js';

const skipped = ['.git', 'node_modules', '__pycache__', '.venv'];

/**
 * Paths below a folder, with forward slashes: what git would commit, else, where there is no git, all but what no
 * source holds. `more`: names of further folders to leave out there.
 */
export async function workingFiles(folder: string, more: readonly string[] = []): Promise<string[]> {
  return (await listFiles(folder)) ?? (await walk(folder, '', new Set([...skipped, ...more])));
}

async function walk(root: string, below: string, without: ReadonlySet<string>): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    if (without.has(entry.name)) continue;
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await walk(root, `${path}/`, without)));
    else paths.push(path);
  }
  return paths;
}
