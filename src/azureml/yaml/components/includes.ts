import { lstat, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Place, Problem } from '../kind.js';
import type { Path } from '../parse.js';
import { checkPath } from '../paths.js';
import { parseReference } from '../references.js';
import { resolveInclude } from './component-code.js';

/** What `additional_includes` names and is not there, or stands in the way of what `code:` holds. */
export async function checkIncludes(
  includes: readonly string[],
  code: string | undefined,
  place: Place,
): Promise<Problem[]> {
  const found = await Promise.all(
    includes.map(async (include, index): Promise<Problem[]> => {
      const path = ['additional_includes', index];
      const missing = await checkInclude(include, place, path);
      if (missing.length > 0 || code === undefined || parseReference(code) !== undefined) return missing;
      const source = (await resolveInclude(include, place)).path;
      const target = join(place.dir, code, basename(include));
      if (!(await stands(target)) || (await isLinkTo(target, source))) return [];
      return [
        { path, message: `${code} holds a ${basename(include)} of its own; rename one`, found: include },
      ];
    }),
  );
  return found.flat();
}

async function checkInclude(include: string, place: Place, path: Path): Promise<Problem[]> {
  const isZipped = await resolveInclude(include, place).then(
    ({ zipped }) => zipped,
    () => false,
  );
  return checkPath(place, isZipped ? include.slice(0, -'.zip'.length) : include, path);
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
