import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path/posix';
import { type Identified, identifyFile } from '../../azureml/index.js';
import { workingFiles } from '../working-files.js';
import type { AzCommand } from './az-command.js';
import { isOpen } from './az-command.js';
import { type CodeHints, codeHints } from './code-hints.js';
import { findingsOf, isScript } from './scripts.js';

/** A CLI v2 file of the repository. Paths are relative to the repository's root, with forward slashes. */
export interface AzFile extends Identified {
  readonly path: string;
}

export interface FoundCommand extends AzCommand {
  /** The script or workflow that it stands in. */
  readonly script: string;
  /** The file of `--file`, where it can be told. */
  readonly file?: string;
}

/** What a repository holds that concerns Azure ML. */
export interface Survey {
  readonly files: readonly AzFile[];
  readonly commands: readonly FoundCommand[];
  /** CLI v2 files that a workflow names otherwise, as inputs of reusable workflows are. */
  readonly named: ReadonlySet<string>;
  /** Every file, for whatever else is looked for. */
  readonly paths: readonly string[];
  hints(folder: string): Promise<CodeHints>;
}

const mostBytes = 1_000_000;
const atOnce = 32;

/** Reads every YAML file and script below a folder. `root` is absolute. */
export async function survey(root: string): Promise<Survey> {
  const paths = (await workingFiles(root, ['venv'])).sort();
  const files = await some(paths.filter(isYaml), async (path) => {
    const found = (await isSmall(root, path)) ? identifyFile(join(root, path)) : undefined;
    return found === undefined ? [] : [{ ...found, path }];
  });
  const known = new Set(paths);
  const scripts = await some(paths.filter(isScript), async (path) => {
    if (!(await isSmall(root, path))) return [];
    return [{ path, ...findingsOf(path, await readFile(join(root, path), 'utf8')) }];
  });
  return {
    files,
    paths,
    commands: scripts.flatMap(({ path, commands }) =>
      commands.map((command) => {
        const file = locate(command.options['file']?.[0], path, command.dir, known);
        return { ...command, script: path, ...(file === undefined ? {} : { file }) };
      }),
    ),
    named: new Set(
      scripts.flatMap(({ path, paths: values }) =>
        values.flatMap((value) => locate(value, path, '.', known) ?? []),
      ),
    ),
    hints: (folder) => hintsBelow(root, paths, folder),
  };
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !/(^|\/)(\.github|node_modules)\//.test(path);
}

async function isSmall(root: string, path: string): Promise<boolean> {
  const found = await stat(join(root, path)).catch(() => undefined);
  return found?.isFile() === true && found.size <= mostBytes;
}

/** From the folder that the script stands in at that line, else from the root, else the one file that ends like it. */
export function locate(
  file: string | undefined,
  script: string,
  dir: string,
  known: ReadonlySet<string>,
): string | undefined {
  if (file === undefined || isOpen(file)) return undefined;
  const places = [join(dir, file), join(dirname(script), dir, file), join(dirname(script), file), file].map(
    normalize,
  );
  const there = places.find((place) => known.has(place));
  if (there !== undefined) return there;
  const alike = [...known].filter((path) => path.endsWith(`/${normalize(file).replace(/^(\.\.?\/)+/, '')}`));
  return alike.length === 1 ? alike[0] : undefined;
}

async function hintsBelow(root: string, paths: readonly string[], folder: string): Promise<CodeHints> {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const python = paths.filter((path) => path.startsWith(prefix) && /\.(py|ipynb)$/.test(path));
  const texts = await some(python, async (path) =>
    (await isSmall(root, path)) ? [await readFile(join(root, path), 'utf8')] : [],
  );
  // As one text: what one file measures another one logs.
  return codeHints(texts.join('\n'));
}

/** Results of all items in their order, a bounded number of them under way. */
async function some<T, R>(items: readonly T[], work: (item: T) => Promise<R[]>): Promise<R[]> {
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(atOnce);
  return (await Promise.all(items.map((item) => limit(() => work(item))))).flat();
}
