import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { filesOf, ignoredBy } from './walk.js';
import type { SourceFile, WalkOptions } from './walk.js';
import { zippedFolder } from './zipped-folder.js';

/** Code as it is uploaded: a folder's name, and what lies in it. */
export interface CodeFolder {
  /** Empty where the code is a single file, which is uploaded without a folder. */
  readonly name: string;
  /** Start of the blobs' names. */
  readonly prefix: string;
  readonly files: readonly SourceFile[];
}

/** One of `additional_includes`. */
export interface Include {
  /** Absolute, of a file or folder. */
  readonly path: string;
  /** Whether the folder is packed as `<name>.zip`. */
  readonly zipped: boolean;
}

export interface CodeOptions {
  /** Code of a component: `__pycache__` stays behind (`ComponentIgnoreFile` of azure-ai-ml). */
  readonly component?: boolean;
  /** What is laid beside what is in the folder. */
  readonly includes?: readonly Include[];
  /** Absolute folder of the YAML file, whose ignore file counts where includes are all there is. */
  readonly dir?: string;
}

/** Name of the folder that azure-ai-ml copies code and includes to (`_additional_includes.py`). */
const MERGED = 'code_with_additional_includes';

/** What `code:` brings, ignore files applied. `path` is undefined where a component has includes alone. */
export async function codeFolder(
  path: string | undefined,
  root: string,
  options: CodeOptions = {},
): Promise<CodeFolder> {
  const { component = false, includes = [], dir } = options;
  const walk = { root, extra: component ? ['__pycache__'] : [] };
  if (path !== undefined && includes.length === 0) {
    const name = (await stat(path)).isDirectory() ? basename(path) : '';
    return { name, prefix: name === '' ? '' : `${name}/`, files: await filesOf(path, walk) };
  }
  return { name: MERGED, prefix: `${MERGED}/`, files: await merged(path, includes, walk, dir) };
}

type Walk = Required<Pick<WalkOptions, 'root' | 'extra'>>;

/**
 * Code and includes copied over each other into one folder, as azure-ai-ml does: ignore files of all folders below
 * count, those of the code's folder for each include as well, and what lies in the merged folder is judged once more.
 */
async function merged(
  path: string | undefined,
  includes: readonly Include[],
  walk: Walk,
  dir: string | undefined,
): Promise<readonly SourceFile[]> {
  const own = path === undefined ? [] : await filesOf(path, { ...walk, nested: true });
  const above = await rulesForIncludes(path, walk.extra, dir);
  const included = await Promise.all(includes.map((include) => includedFiles(include, walk, above)));
  const files = [...new Map([...own, ...included.flat()].map((file) => [file.name, file])).values()];
  const leftOut = await rulesOfMerged(files, walk.extra);
  return files.filter(({ name }) => !leftOut(name));
}

/** Rules of the code's folder; where there is no code, those of the YAML file's; of code that is a file, none. */
async function rulesForIncludes(
  path: string | undefined,
  extra: readonly string[],
  dir: string | undefined,
): Promise<(name: string) => boolean> {
  const folder = path ?? dir;
  if (folder === undefined || !(await stat(folder)).isDirectory()) return () => false;
  const rules = await ignoredBy(folder, extra);
  return (name) => rules?.ignores(name) ?? false;
}

async function includedFiles(
  { path, zipped }: Include,
  walk: Walk,
  above: (name: string) => boolean,
): Promise<SourceFile[]> {
  const base = basename(path);
  if (!(await stat(path)).isDirectory()) return above(base) ? [] : await filesOf(path, walk);
  const leftOut = (name: string): boolean => above(`${base}/${name}`);
  const files = await filesOf(path, { ...walk, nested: !zipped, leftOut });
  if (zipped) return [await zippedFolder(path, files)];
  return files.map((file) => ({ ...file, name: `${base}/${file.name}` }));
}

async function rulesOfMerged(
  files: readonly SourceFile[],
  extra: readonly string[],
): Promise<(name: string) => boolean> {
  const named = (wanted: string) => files.find(({ name }) => name === wanted);
  const file = named('.amlignore') ?? named('.gitignore');
  const rules = file === undefined ? undefined : await ignoredBy(dirname(file.path), extra);
  return (name) => rules?.ignores(name) ?? false;
}
