import { stat } from 'node:fs/promises';
import { SourceError, resolveInside } from '../source-files.js';
import { filesOf } from '../walk.js';
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
    // What would be uploaded is walked now, so that a link out of the source or round in a circle is told here.
    if (isFolder && expected !== 'file') await filesOf(found, place.files.root);
    if (expected === 'any' || isFolder === (expected === 'folder')) return [];
    return [{ path: at, message: `${path} is a ${isFolder ? 'folder' : 'file'}; expected a ${expected}` }];
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    return [{ path: at, message: thrown.message, found: path }];
  }
}
