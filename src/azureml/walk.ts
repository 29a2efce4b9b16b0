import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SourceError, looping } from './source-files.js';

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the folder, with forward slashes; the file's own name where the root is a file. */
  readonly name: string;
  readonly size: number;
  /** What is in it where it was made here and `path` only says of what. */
  readonly content?: Uint8Array;
}

export interface WalkOptions {
  /** Where links may lead; default: the folder itself. */
  readonly root?: string;
  /** More ignore rules. */
  readonly extra?: readonly string[];
  /** Whether ignore files of the folders below count too. */
  readonly nested?: boolean;
  /** What is left out whatever the folder's own rules say; asked for names relative to the folder. */
  readonly leftOut?: (name: string) => boolean;
}

/** `.amlignore` of the folder, else its `.gitignore`, as the official client reads them; nothing is left out by default. */
export async function ignoredBy(folder: string, extra: readonly string[]): Promise<Ignore | undefined> {
  for (const name of ['.amlignore', '.gitignore']) {
    try {
      const rules = await readFile(join(folder, name), 'utf8');
      return ignore({ ignorecase: false })
        .add(rules)
        .add([...extra]);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === 'EISDIR') throw new SourceError(`${name} is a folder; rename it`, 'unreadable', name);
      if (code !== 'ENOENT') throw thrown;
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
 * inside `root`: what is uploaded comes from the commit.
 */
export async function filesOf(path: string, options: WalkOptions = {}): Promise<SourceFile[]> {
  const info = await stat(path);
  if (info.isFile()) return [{ path, name: basename(path), size: info.size }];
  if (!info.isDirectory()) throw special(basename(path));
  const { root = path, extra = [], nested = false, leftOut } = options;
  const [border, at] = [await realpath(root), await realpath(path)];
  const start = { border, trail: [at], isLinked: false, linked: { count: 0 } };
  const above = leftOut === undefined ? [] : [leftOut];
  const rules = [...above, ...(await rulesOf(path, '', extra))];
  return await collect(path, '', { ...start, rules, nested: nested ? extra : undefined });
}

/** Says of a name relative to the folder that is walked whether it stays behind; folders' names end with a slash. */
type Rule = (name: string) => boolean;

async function rulesOf(folder: string, prefix: string, extra: readonly string[]): Promise<Rule[]> {
  const rules = await ignoredBy(folder, extra);
  return rules === undefined ? [] : [(name) => rules.ignores(name.slice(prefix.length))];
}

interface Walk {
  readonly rules: readonly Rule[];
  /** More rules of each folder below whose ignore file counts; undefined: those below do not count. */
  readonly nested: readonly string[] | undefined;
  readonly border: string;
  /** Real paths of the folders above: a link back to one of them is a loop. */
  readonly trail: readonly string[];
  /** Whether a link leads here, and how much was reached through links so far. */
  readonly isLinked: boolean;
  readonly linked: { count: number };
}

/** Files that links may stand for: a few links to folders with links multiply without end. */
const MOST_LINKED = 20_000;

async function targetOf(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ELOOP') throw looping(name);
    throw new SourceError(`${name} is a symbolic link to nothing; remove it`, 'missing', name);
  }
}

function special(name: string): SourceError {
  return new SourceError(`${name} is a pipe, a socket or a device; remove it`, 'unreadable', name);
}

function countLinked({ linked }: Walk, name: string): void {
  linked.count += 1;
  if (linked.count <= MOST_LINKED) return;
  const message = `symbolic links stand for more than ${MOST_LINKED} files, ${name} among them; upload data as a data asset`;
  throw new SourceError(message, 'unreadable', name);
}

/** All of a folder at once, subfolders one after the other: what is under way stays bounded by one folder. */
async function collect(folder: string, prefix: string, walk: Walk): Promise<SourceFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const leftOut = (name: string): boolean => walk.rules.some((rule) => rule(name));
  const kept = entries.filter((entry) => !entry.isSymbolicLink() || !isIgnored(prefix + entry.name, walk));
  const looked = await Promise.all(
    kept.map(async (entry) => {
      const path = join(folder, entry.name);
      const name = prefix + entry.name;
      if (entry.isSymbolicLink()) await refuseOutside(path, name, walk.border);
      return { path, name, info: await stat(path), isLinked: walk.isLinked || entry.isSymbolicLink() };
    }),
  );
  const found: SourceFile[] = [];
  for (const { path, name, info, isLinked } of looked) {
    if (isLinked) countLinked(walk, name);
    if (info.isDirectory()) {
      const at = await realpath(path);
      if (leftOut(`${name}/`)) continue;
      if (walk.trail.includes(at)) throw looping(name);
      const own = walk.nested === undefined ? [] : await rulesOf(path, `${name}/`, walk.nested);
      const rules = own.length === 0 ? walk.rules : [...walk.rules, ...own];
      const below = await collect(path, `${name}/`, { ...walk, rules, isLinked, trail: [...walk.trail, at] });
      for (const file of below) found.push(file);
    } else if (!leftOut(name)) {
      if (!info.isFile()) throw special(name);
      found.push({ path, name, size: info.size });
    }
  }
  return found;
}

/** Whether a name is left out, be it a file's or a folder's: where an ignored link leads is of no interest. */
function isIgnored(name: string, { rules }: Walk): boolean {
  return rules.some((rule) => rule(name) && rule(`${name}/`));
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
