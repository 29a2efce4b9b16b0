import { lstat, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { resolveInside } from '../../source-files.js';
import type { Place, Problem } from '../kind.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';

/** What `additional_includes` names and is not there, or stands in the way of what `code:` holds. */
export async function checkIncludes(
  includes: readonly string[],
  code: string | undefined,
  place: Place,
): Promise<Problem[]> {
  const found = await Promise.all(
    includes.map(async (include, index): Promise<Problem[]> => {
      const path = ['additional_includes', index];
      const missing = await checkPath(place, include, path);
      if (missing.length > 0 || code === undefined || parseReference(code) !== undefined) return missing;
      const source = await resolveInside(place.files, place.dir, include);
      const target = join(place.dir, code, basename(include));
      if (!(await stands(target)) || (await isLinkTo(target, source))) return [];
      return [
        { path, message: `${code} holds a ${basename(include)} of its own; rename one`, found: include },
      ];
    }),
  );
  return found.flat();
}

async function stands(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function isLinkTo(path: string, source: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink() && (await realpath(path).catch(() => '')) === source;
}
