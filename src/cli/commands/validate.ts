import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { validateFile } from '../../azureml/index.js';
import { formatMistake, type Mistake } from '../../domain/mistake.js';
import { parsePolicy } from '../../spec/index.js';
import { badInput, type ExitCode, exitCodes } from '../failures.js';
import { readCheckout } from '../git.js';
import { type Io, say, sayJson } from '../io.js';
import { countText, errorsOf } from '../mistakes.js';
import { checkProject, projectText, unique } from '../project-check.js';
import { placeOf, projectFile } from '../project-place.js';

export interface ValidateOptions {
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** Every mistake of projects, policies and CLI v2 files, all at once and without asking Azure. */
export async function validate(
  io: Io,
  paths: readonly string[],
  options: ValidateOptions,
): Promise<ExitCode> {
  const named = paths.length === 0 ? ['.'] : paths;
  const files = (await Promise.all(named.map((path) => filesAt(io.cwd, path)))).flat();
  const mistakes = unique((await Promise.all(files.map(checkFile))).flat());
  const ok = errorsOf(mistakes, options.strict).length === 0;
  if (options.json === true) {
    sayJson(io, { ok, files: files.map((file) => relative(io.cwd, file).split(sep).join('/')), mistakes });
  } else {
    for (const mistake of mistakes) say(io, formatMistake(mistake));
    say(
      io,
      ok && mistakes.length === 0
        ? `${files.length} ${files.length === 1 ? 'file' : 'files'} checked, with all that they name: no mistake`
        : countText(mistakes, options.strict),
    );
  }
  return ok ? exitCodes.ok : exitCodes.badInput;
}

/** A file as it is; of a folder every `mlops.yaml` in it and below. */
async function filesAt(cwd: string, path: string): Promise<string[]> {
  const found = resolve(cwd, path);
  const kind = await stat(found).catch(() => undefined);
  if (kind === undefined) throw badInput(`${path}: there is no such file or folder`);
  if (!kind.isDirectory()) return [found];
  const projects = await projectsBelow(found, 0);
  if (projects.length > 0) return projects;
  throw badInput(`${path}: no ${projectFile} in this folder or below; name the files to check`);
}

const deepest = 8;
const skipped = new Set(['node_modules', '__pycache__', 'venv']);

async function projectsBelow(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const here = entries
    .filter((entry) => entry.isFile() && entry.name === projectFile)
    .map(({ name }) => join(folder, name));
  const below = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name),
  );
  if (depth === deepest) return here;
  const nested = await Promise.all(below.map(({ name }) => projectsBelow(join(folder, name), depth + 1)));
  return [...here, ...nested.flat()].sort();
}

async function checkFile(file: string): Promise<readonly Mistake[]> {
  const dir = dirname(file);
  const place = placeOf(dir, await readCheckout(dir));
  const name = basename(file);
  if (name === projectFile) return (await checkProject(place, await projectText(place))).mistakes;
  if (/^policy\.ya?ml$/.test(name)) {
    const shown = relative(place.files.root, file).split(sep).join('/');
    const parsed = parsePolicy(await readFile(file, 'utf8'), { file: shown });
    return parsed.ok ? [] : parsed.mistakes;
  }
  return await validateFile(place.files, { file: name, set: {} });
}
