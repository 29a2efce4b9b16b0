import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What GitHub's archive of a commit holds no contents of, by path relative to `root`. */
export interface LeftOut {
  /** Pointers of Git LFS in place of files. */
  readonly pointers: readonly string[];
  readonly submodules: readonly string[];
}

/** First line of a pointer, as the specification of Git LFS gives it; a pointer has less than 1,024 bytes. */
const pointerStart = 'version https://git-lfs.github.com/spec/v1';
const longestPointer = 1024;

/** Looks through a folder of a fetched source. */
export async function leftOut(root: string, folder: string): Promise<LeftOut> {
  const here = relative(root, folder).split(sep).join('/');
  const [pointers, submodules] = await Promise.all([pointersBelow(folder), submodulesOf(root)]);
  return {
    pointers: pointers.map((file) => relative(root, file).split(sep).join('/')).sort(),
    submodules: submodules.filter(
      (path) => here === '' || path === here || isBelow(path, here) || isBelow(here, path),
    ),
  };
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

async function pointersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  // One after the other: a repository may have more files than a process may open.
  for (const file of files) if (await isPointer(file)) found.push(file);
  return found;
}

async function isPointer(file: string): Promise<boolean> {
  const { size } = await stat(file);
  if (size < pointerStart.length || size >= longestPointer) return false;
  const handle = await open(file);
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(pointerStart.length) });
    return buffer.toString('latin1') === pointerStart;
  } finally {
    await handle.close();
  }
}

/** Paths in `.gitmodules`, which is a git configuration file: `path = vendor/lib`. */
async function submodulesOf(root: string): Promise<string[]> {
  const text = await readFile(join(root, '.gitmodules'), 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*path\s*=\s*"?([^"\r\n]+?)"?\s*$/gm)].map(([, path]) => path ?? '');
}
