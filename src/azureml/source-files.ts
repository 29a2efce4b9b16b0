import { realpathSync } from 'node:fs';
import { isAbsolute, parse, relative, resolve, sep } from 'node:path';

/**
 * Files of one commit. `root`: absolute path of the archive's root; `dir`: absolute folder of `mlops.yaml`, or where
 * the command line stands: files are named from it, and the official client would run in it.
 */
export interface SourceFiles {
  readonly root: string;
  readonly dir: string;
}

/** A path that a file names, and that is missing, leads out of the source, or cannot be read as what it should be. */
export class SourceError extends Error {
  constructor(
    message: string,
    readonly reason: 'missing' | 'outside' | 'unreadable',
    readonly path: string,
  ) {
    super(message);
    this.name = 'SourceError';
  }
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Asked at once: on its way through the thread pool the answer takes longer than a small file's translation. */
function realPath(path: string): string {
  return realpathSync.native(path);
}

/**
 * Absolute path of `path`, named in a file that lies in `from`. Symbolic links are followed before the check, so
 * that nothing outside the root is read: what is uploaded comes from the commit alone.
 */
export function resolveInside(files: SourceFiles, from: string, path: string): Promise<string> {
  return Promise.resolve().then(() => insideOf(files, from, path));
}

function insideOf(files: SourceFiles, from: string, path: string): string {
  const root = realPath(files.root);
  const wanted = resolve(from, path);
  if (isAbsolute(path) && !isInside(root, wanted) && !isInside(files.root, wanted)) throw outside(path);
  let real: string;
  try {
    real = realPath(wanted);
  } catch (thrown) {
    if (!isInside(resolve(files.root), wanted) && !isInside(root, wanted)) throw outside(path);
    if ((thrown as NodeJS.ErrnoException).code === 'ELOOP') throw looping(shown(files, wanted));
    throw new SourceError(`there is no file or folder ${shown(files, wanted)}`, 'missing', path);
  }
  if (!isInside(root, real)) throw outside(path);
  return real;
}

export function looping(name: string): SourceError {
  return new SourceError(
    `${name} is a symbolic link that leads back to itself; remove it`,
    'unreadable',
    name,
  );
}

function outside(path: string): SourceError {
  return new SourceError(
    `${path} lies outside the repository; only files of the commit can be used`,
    'outside',
    path,
  );
}

/** How people know a path: relative to the repository's root (to `dir` where the root is the whole machine's). */
export function shown(files: SourceFiles, path: string): string {
  const from = files.root === parse(files.root).root ? files.dir : files.root;
  const name = relative(from, path).split(sep).join('/');
  return name === '' ? '.' : name;
}
