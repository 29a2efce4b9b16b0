import { stat } from 'node:fs/promises';
import { SourceError, resolveInside } from '../source-files.js';
import type { Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { parseReference } from './references.js';

/** Says what is wrong with a local path, if it is one. */
export async function checkPath(
  place: Place,
  path: string,
  at: Path,
  expected: 'file' | 'folder' | 'any' = 'any',
): Promise<Problem[]> {
  if (parseReference(path) !== undefined) return [];
  try {
    const found = await resolveInside(place.files, place.dir, path);
    const isFolder = (await stat(found)).isDirectory();
    if (expected === 'any' || isFolder === (expected === 'folder')) return [];
    return [{ path: at, message: `${path} is a ${isFolder ? 'folder' : 'file'}; expected a ${expected}` }];
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    return [{ path: at, message: thrown.message, found: path }];
  }
}
