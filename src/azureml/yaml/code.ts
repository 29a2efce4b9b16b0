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
  if (reference?.kind === 'uri' && isAddress(code)) return assets.codeAt(code);
  if (reference !== undefined) return assetId(assets, 'components', reference);
  return assets.code(await resolveInside(place.files, place.dir, code), options);
}

/**
 * `code:` of a job or component is a folder or file here, or a version in Azure by its whole ARM id; `registry`: one of a
 * registry too; `address`: what lies on the web too, as the official client takes it for jobs.
 */
export async function checkCode(
  place: Place,
  code: string,
  at: Path,
  { registry = false, address = false }: { readonly registry?: boolean; readonly address?: boolean } = {},
): Promise<Problem[]> {
  const reference = parseReference(code);
  if (reference === undefined) return checkPath(place, code, at);
  if (reference.kind === 'arm' && code.startsWith('azureml:')) return [];
  if (registry && code.startsWith('azureml://registries/')) return [];
  if (address && isAddress(code)) return [elsewhere(code, at)];
  const message = 'code is a local folder or file, or a version in Azure by its ARM id';
  const fix = 'write a path, or azureml:/subscriptions/…/codes/<name>/versions/<version>';
  return [{ path: at, message, found: code, fix }];
}

function isAddress(code: string): boolean {
  return /^https?:\/\//i.test(code) && URL.canParse(code);
}

/** What lies elsewhere can change after the commit: no lifecycle can say what it trained with. */
function elsewhere(code: string, at: Path): Problem {
  const message = 'code lies outside the commit: what will run is what lies there then';
  return { path: at, message, found: code, fix: 'copy it into the repository', severity: 'warning' };
}
