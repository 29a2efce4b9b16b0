import type { CodeOptions } from '../code-folder.js';
import { resolveInside } from '../source-files.js';
import type { Assets, Place } from './kind.js';
import { assetId, parseReference } from './references.js';

/** ARM id of `code:`, uploaded when it is local. */
export async function codeId(
  code: string,
  place: Place,
  assets: Assets,
  options?: CodeOptions,
): Promise<string> {
  const reference = parseReference(code);
  if (reference?.kind === 'version')
    return `${assets.workspace}/codes/${reference.name}/versions/${reference.version}`;
  if (reference !== undefined) return assetId(assets, 'components', reference);
  return assets.code(await resolveInside(place.files, place.dir, code), options);
}

/** ARM id of a component's code, with what it includes from elsewhere; undefined when it has neither. */
export async function componentCodeId(
  {
    code,
    additional_includes: includes = [],
  }: { readonly code?: string | undefined; readonly additional_includes?: readonly string[] | undefined },
  place: Place,
  assets: Assets,
): Promise<string | undefined> {
  if (code !== undefined && parseReference(code) !== undefined) return codeId(code, place, assets);
  if (code === undefined && includes.length === 0) return undefined;
  const inside = (path: string) => resolveInside(place.files, place.dir, path);
  return assets.code(code === undefined ? undefined : await inside(code), {
    component: true,
    includes: await Promise.all(includes.map(inside)),
  });
}
