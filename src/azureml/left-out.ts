import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fetchIt, isPointer, notTheFile, pointerBytes } from '../domain/lfs.js';
import { shown, type SourceFiles } from './source-files.js';
import { type SourceFile, staysBehind } from './walk.js';

/** What stands in a source without its contents. Training with it would fail late or, worse, go through. */
export interface LeftOut {
  readonly message: string;
  readonly fix: string;
  readonly severity: 'error' | 'warning';
}

const mostNamed = 5;

/** Pointers of Git LFS among files that would be uploaded. */
export async function pointersAmong(
  source: SourceFiles,
  files: readonly SourceFile[],
): Promise<LeftOut | undefined> {
  const pointers = files.filter(
    ({ path, size }) =>
      size >= pointerBytes.least && size < pointerBytes.below && isPointer(readFileSync(path, 'latin1')),
  );
  if (pointers.length === 0) return undefined;
  const names = pointers
    .slice(0, mostNamed)
    .map(({ path }) => shown(source, path))
    .sort();
  const more = pointers.length - names.length;
  const which = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const message =
    pointers.length === 1 ? `${which} ${notTheFile}` : `${which} are pointers of Git LFS, not the files`;
  return { message, fix: await fixOf(source), severity: 'error' };
}

/** Objects on another server are never part of what GitHub packs. */
async function fixOf({ root }: SourceFiles): Promise<string> {
  const settings = await readFile(join(root, '.lfsconfig'), 'utf8').catch(() => '');
  return /^\s*(lfs)?url\s*=/im.test(settings)
    ? 'in a checkout: `git lfs pull`; the worker cannot get it, because .lfsconfig keeps objects on another server than GitHub: keep the file in a data asset'
    : fetchIt;
}

const submoduleFix =
  'copy the files that are needed into the project, or install them in the environment: the worker reads GitHub’s archive of a commit, which holds no submodules';

/** Submodules that `path` (absolute) is, lies in, or brings along. */
export async function submodulesAt(source: SourceFiles, path: string): Promise<LeftOut[]> {
  const root = await rootAbove(source, path);
  const here = relative(root, path).split(sep).join('/');
  const concerned = (await submodulesOf(root)).filter(
    (submodule) => here === '' || submodule === here || isBelow(submodule, here) || isBelow(here, submodule),
  );
  const found = await Promise.all(
    concerned.map(async (submodule): Promise<LeftOut[]> => {
      const at = join(root, submodule);
      if (isBelow(submodule, here) && (await staysBehind(path, relative(path, at)))) return [];
      const isEmpty = (await readdir(at).catch(() => [])).length === 0;
      // A checkout may hold it: only the worker's copy will not.
      return [
        isEmpty
          ? { message: `${submodule} is a submodule, and empty`, fix: submoduleFix, severity: 'error' }
          : { message: `${submodule} is a submodule`, fix: submoduleFix, severity: 'warning' },
      ];
    }),
  );
  return found.flat();
}

/** Paths that were followed lie below the root's real path, others below the path that it is known by. */
async function rootAbove({ root }: SourceFiles, path: string): Promise<string> {
  return path === root || path.startsWith(root + sep) ? root : await realpath(root);
}

const isBelow = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);

/** Paths in `.gitmodules`, which is a git configuration file: `path = vendor/lib`. */
async function submodulesOf(root: string): Promise<string[]> {
  const text = await readFile(join(root, '.gitmodules'), 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*path\s*=\s*"?([^"\r\n]+?)"?\s*$/gm)].map(([, path]) => path ?? '');
}
