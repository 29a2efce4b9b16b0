import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SourceError } from './source-files.js';

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the folder, with forward slashes; the file's own name where the root is a file. */
  readonly name: string;
  readonly size: number;
}

/** `.amlignore` of the folder, else its `.gitignore`, as the official client reads them; nothing is left out by default. */
async function ignoredBy(folder: string, extra: readonly string[]): Promise<Ignore | undefined> {
  for (const name of ['.amlignore', '.gitignore']) {
    try {
      const rules = await readFile(join(folder, name), 'utf8');
      return ignore({ ignorecase: false })
        .add(rules)
        .add([...extra]);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    }
  }
  return extra.length === 0 ? undefined : ignore({ ignorecase: false }).add([...extra]);
}

/** Whether a folder below `path` is not uploaded with it; `name` is relative to `path`. */
export async function staysBehind(path: string, name: string): Promise<boolean> {
  return (await ignoredBy(path, []))?.ignores(`${name.split(sep).join('/')}/`) ?? false;
}

/**
 * Files below `path` that would be uploaded. Links are followed as the official client does, but only to targets
 * inside `root` (default: `path` itself): what is uploaded comes from the commit. `extra`: more ignore rules.
 */
export async function filesOf(
  path: string,
  root?: string,
  extra: readonly string[] = [],
): Promise<SourceFile[]> {
  const info = await stat(path);
  if (!info.isDirectory()) return [{ path, name: basename(path), size: info.size }];
  const border = await realpath(root ?? path);
  const rules = await ignoredBy(path, extra);
  return await collect(path, '', { rules, border, trail: [await realpath(path)] });
}

interface Walk {
  readonly rules: Ignore | undefined;
  readonly border: string;
  /** Real paths of the folders above: a link back to one of them is a loop. */
  readonly trail: readonly string[];
}

function looping(name: string): SourceError {
  return new SourceError(`${name} is a symbolic link that leads back to itself; remove it`, 'outside', name);
}

async function targetOf(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ELOOP') throw looping(name);
    throw new SourceError(`${name} is a symbolic link to nothing; remove it`, 'missing', name);
  }
}

/** All of a folder at once, subfolders one after the other: what is under way stays bounded by one folder. */
async function collect(folder: string, prefix: string, walk: Walk): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const looked = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      const name = prefix + entry.name;
      if (entry.isSymbolicLink()) await refuseOutside(path, name, walk.border);
      return { path, name, info: await stat(path) };
    }),
  );
  const found: SourceFile[] = [];
  for (const { path, name, info } of looked) {
    if (info.isDirectory()) {
      const at = await realpath(path);
      if (walk.rules?.ignores(`${name}/`) === true) continue;
      if (walk.trail.includes(at)) throw looping(name);
      found.push(...(await collect(path, `${name}/`, { ...walk, trail: [...walk.trail, at] })));
    } else if (info.isFile() && walk.rules?.ignores(name) !== true) {
      found.push({ path, name, size: info.size });
    }
  }
  return found;
}

async function refuseOutside(path: string, name: string, border: string): Promise<void> {
  const real = await targetOf(path, name);
  if (real === border || real.startsWith(border + sep)) return;
  throw new SourceError(
    `${name} is a symbolic link that leads out of the repository; copy the file instead`,
    'outside',
    name,
  );
}
