import { mkdir, realpath, symlink, unlink } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type ReadEntry } from 'tar';
import { GitHubError } from './errors.js';

/** What an archive may hold; a repository beyond it is refused as a bomb. */
export interface ArchiveLimits {
  readonly entries: number;
  /** Bytes of the archive as sent. */
  readonly compressed: number;
  /** Bytes of the archive unpacked. */
  readonly unpacked: number;
  /** Folders in a path. */
  readonly depth: number;
}

export const defaultLimits: ArchiveLimits = { entries: 50_000, compressed: 1e9, unpacked: 4e9, depth: 48 };

const kinds = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink']);

/**
 * Unpacks a gzipped tar archive of unknown origin without its top folder into an empty folder.
 * @throws GitHubError `UnsafeArchive` for paths or links that leave the folder, hard links, devices, and bombs;
 * what was written until then is the caller's to delete.
 */
export async function unpack(
  archive: Readable,
  folder: string,
  limits: ArchiveLimits = defaultLimits,
): Promise<void> {
  const inspection = inspect(limits);
  await pipeline(
    archive,
    atMost(limits.compressed, 'as sent', inspection),
    createGunzip(),
    atMost(limits.unpacked, 'unpacked', inspection),
    extract({
      cwd: folder,
      strip: 1,
      strict: true,
      preserveOwner: false,
      filter: (_path, entry) => inspection.accepts(entry as ReadEntry),
    }),
  );
  inspection.check();
  await makeLinks(folder, inspection.links);
}

const refused = (problem: string, cause?: unknown): GitHubError =>
  new GitHubError('UnsafeArchive', `The archive was refused: ${problem}.`, undefined, undefined, { cause });

interface Inspection {
  /** Path → target; made when all files are there, so that nothing is ever written through a link. */
  readonly links: Map<string, string>;
  accepts(entry: ReadEntry): boolean;
  /** Throws what was found; a filter cannot, since it runs inside tar's parser. */
  check(): void;
}

function inspect(limits: ArchiveLimits): Inspection {
  const links = new Map<string, string>();
  let entries = 0;
  let problem: string | undefined;
  return {
    links,
    accepts(entry) {
      entries += 1;
      problem ??= entries > limits.entries ? `more than ${limits.entries} entries` : problemOf(entry, limits);
      // Neither set-uid bits nor group write may come from an archive.
      if (entry.mode !== undefined) entry.mode &= 0o755;
      if (problem !== undefined || entry.type !== 'SymbolicLink') return problem === undefined;
      links.set(entry.path.split('/').slice(1).join('/'), entry.linkpath ?? '');
      return false;
    },
    check() {
      if (problem !== undefined)
        throw new GitHubError('UnsafeArchive', `The archive was refused: ${problem}.`);
    },
  };
}

function problemOf(entry: ReadEntry, limits: ArchiveLimits): string | undefined {
  const { path, type, linkpath } = entry;
  const shown = JSON.stringify(path.slice(0, 200));
  const parts = path.split(/[\\/]/);
  if (!kinds.has(type)) return `${shown} is a ${type}; allowed: files, folders and symbolic links`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return `${shown} is an absolute path`;
  if (parts.includes('..')) return `${shown} leads out of the archive`;
  if (parts.length > limits.depth + 1) return `${shown} is deeper than ${limits.depth} folders`;
  if (type !== 'SymbolicLink') return undefined;
  const inside = posix.join(...parts.slice(1, -1), linkpath ?? '');
  const leaves = (linkpath ?? '').startsWith('/') || inside === '..' || inside.startsWith('../');
  return leaves
    ? `the link ${shown} leads out of the archive, to ${JSON.stringify((linkpath ?? '').slice(0, 200))}`
    : undefined;
}

function atMost(bytes: number, kind: string, inspection: Inspection): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.byteLength;
      try {
        inspection.check();
        if (seen > bytes) throw refused(`more than ${bytes} bytes ${kind}`);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

async function makeLinks(folder: string, links: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, target] of links) {
    const parts = path.split('/');
    const under = parts
      .map((_part, index) => parts.slice(0, index).join('/'))
      .find((parent) => links.has(parent));
    if (under !== undefined) throw refused(`${path} would lie under the link ${under}`);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(target, join(folder, path)).catch((error: unknown) => {
      throw refused(`the link ${path} stands where something else does`, error);
    });
  }
  await Promise.all([...links.keys()].map((path) => checkLink(folder, path)));
}

/** A chain of links can leave the folder although each looks harmless: the file system has the last word. */
async function checkLink(folder: string, path: string): Promise<void> {
  const root = await realpath(folder);
  try {
    const target = await realpath(join(folder, path));
    if (target !== root && !target.startsWith(root + sep)) throw refused(`the link ${path} leads out of it`);
  } catch (error) {
    if (error instanceof GitHubError) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw refused(`the link ${path} cannot be followed`, error);
    // Its target is not part of the archive (a submodule, a file of another machine): nothing can be read through it.
    await unlink(join(folder, path));
  }
}
