import type { CodeOptions } from '../code-folder.js';
import { resolveInside } from '../source-files.js';
import type { Assets, Place, Problem } from './kind.js';
import type { Path } from './parse.js';
import { checkPath } from './paths.js';
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

/**
 * `code:` of a job or component is a folder or file here, or a version in Azure by its whole ARM id; `registry`: one of a
 * registry too. The official client takes an address for jobs as well; nothing here knows what lies there.
 */
export async function checkCode(
  place: Place,
  code: string,
  at: Path,
  { registry = false }: { readonly registry?: boolean } = {},
): Promise<Problem[]> {
  const reference = parseReference(code);
  if (reference === undefined) return checkPath(place, code, at);
  if (reference.kind === 'arm' && code.startsWith('azureml:')) return [];
  if (registry && code.startsWith('azureml://registries/')) return [];
  const message = 'code is a local folder or file, or a version in Azure by its ARM id';
  const fix = 'write a path, or azureml:/subscriptions/…/codes/<name>/versions/<version>';
  return [{ path: at, message, found: code, fix }];
}
