import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { filesOf } from './walk.js';
import type { SourceFile } from './walk.js';

/** Code as it is uploaded: a folder's name, and what lies in it. */
export interface CodeFolder {
  /** Empty where the code is a single file, which is uploaded without a folder. */
  readonly name: string;
  /** Start of the blobs' names. */
  readonly prefix: string;
  readonly files: readonly SourceFile[];
}

export interface CodeOptions {
  /** Code of a component: `__pycache__` stays behind (`ComponentIgnoreFile` of azure-ai-ml). */
  readonly component?: boolean;
  /** Absolute paths that are laid beside what is in the folder (`additional_includes`). */
  readonly includes?: readonly string[];
}

/** Name of the folder that azure-ai-ml copies code and includes to (`_additional_includes.py`). */
const MERGED = 'code_with_additional_includes';

/** What `code:` brings, ignore files applied. `path` is undefined where a component has includes alone. */
export async function codeFolder(
  path: string | undefined,
  root: string,
  options: CodeOptions = {},
): Promise<CodeFolder> {
  const extra = options.component === true ? ['__pycache__'] : [];
  const own = path === undefined ? [] : await filesOf(path, root, extra);
  const { includes = [] } = options;
  if (includes.length === 0) {
    const name = path !== undefined && (await stat(path)).isDirectory() ? basename(path) : '';
    return { name, prefix: name === '' ? '' : `${name}/`, files: own };
  }
  const included = await Promise.all(includes.map((include) => includedFiles(include, root, extra)));
  // An include of the same name goes over what was there: azure-ai-ml copies one after the other.
  const merged = new Map([...own, ...included.flat()].map((file) => [file.name, file]));
  return { name: MERGED, prefix: `${MERGED}/`, files: [...merged.values()] };
}

async function includedFiles(include: string, root: string, extra: readonly string[]): Promise<SourceFile[]> {
  const files = await filesOf(include, root, extra);
  if (!(await stat(include)).isDirectory()) return files;
  return files.map((file) => ({ ...file, name: `${basename(include)}/${file.name}` }));
}
