import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LeftOut, pointersAmong, submodulesAt } from '../left-out.js';
import { SourceError, resolveInside, shown } from '../source-files.js';
import { filesOf } from '../walk.js';
import type { Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { readYaml } from './read.js';
import { parseReference } from './references.js';

/**
 * Says what is wrong with a local path, if it is one, and with what would be uploaded from there. `yaml`: a file whose
 * text can be read, whatever it says.
 */
export async function checkPath(
  place: Place,
  path: string,
  at: Path,
  expected: 'file' | 'folder' | 'yaml' | 'any' = 'any',
): Promise<Problem[]> {
  if (parseReference(path) !== undefined) return [];
  const { files, dir } = place;
  const problemOf = (left: LeftOut): Problem => ({ path: at, found: path, ...left });
  try {
    const found = await resolveInside(files, dir, path);
    const isFolder = (await stat(found)).isDirectory();
    if (expected !== 'any' && isFolder !== (expected === 'folder')) {
      const wanted = expected === 'folder' ? 'folder' : 'file';
      return [{ path: at, message: `${path} is a ${isFolder ? 'folder' : 'file'}; expected a ${wanted}` }];
    }
    // What would be uploaded is walked now, so that a link out of the source or round in a circle is told here.
    const pointers = await pointersAmong(files, await filesOf(found, files));
    if (expected === 'yaml' && pointers === undefined) readYaml(found, shown(files, found));
    return [...(pointers === undefined ? [] : [pointers]), ...(await submodulesAt(files, found))].map(
      problemOf,
    );
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    const submodules = thrown.reason === 'missing' ? await submodulesAt(files, resolve(dir, path)) : [];
    if (submodules.length > 0) return submodules.map(problemOf);
    return [{ path: at, message: thrown.message, found: path }];
  }
}
