import { stat } from 'node:fs/promises';
import type { Include } from '../../code-folder.js';
import { SourceError, type SourceFiles, resolveInside } from '../../source-files.js';
import { codeId } from '../code.js';
import type { Assets, Place } from '../kind.js';
import { parseReference } from '../references.js';

/** ARM id of a component's code, with what it includes from elsewhere; undefined when it has neither. */
export async function componentCodeId(
  {
    code,
    additional_includes: includes = [],
  }: {
    readonly code?: string | undefined;
    readonly additional_includes?: readonly string[] | undefined;
  },
  place: Place,
  assets: Assets,
): Promise<string | undefined> {
  if (code !== undefined && parseReference(code) !== undefined) return codeId(code, place, assets);
  if (code === undefined && includes.length === 0) return undefined;
  return assets.code(code === undefined ? undefined : await resolveInside(place.files, place.dir, code), {
    component: true,
    includes: await Promise.all(includes.map((include) => resolveInclude(include, place))),
    dir: place.dir,
  });
}

/** `x.zip` that is not there stands for the folder `x`, packed. @throws SourceError where neither is there */
export async function resolveInclude(include: string, { files, dir }: Place): Promise<Include> {
  const folder = include.endsWith('.zip') ? include.slice(0, -'.zip'.length) : undefined;
  try {
    return { path: await resolveInside(files, dir, include), zipped: false };
  } catch (thrown) {
    const isMissing = thrown instanceof SourceError && thrown.reason === 'missing';
    const path = folder === undefined || !isMissing ? undefined : await folderInside(files, dir, folder);
    if (path === undefined) throw thrown;
    return { path, zipped: true };
  }
}

async function folderInside(files: SourceFiles, dir: string, folder: string): Promise<string | undefined> {
  try {
    const path = await resolveInside(files, dir, folder);
    return (await stat(path)).isDirectory() ? path : undefined;
  } catch (thrown) {
    if (thrown instanceof SourceError) return undefined;
    throw thrown;
  }
}
