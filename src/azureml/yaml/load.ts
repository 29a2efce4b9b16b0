import { dirname, resolve } from 'node:path';
import type { Mistake } from '../../domain/mistake.js';
import type { FileRef } from '../../domain/project.js';
import { SourceError, resolveInside, shown } from '../source-files.js';
import type { SourceFiles } from '../source-files.js';
import type { Loaded, Opened, Place, Problem, Role } from './kind.js';
import { isError, mistakesOfText, problemsOf, toMistake } from './mistakes.js';
import { placeholdersIn } from './placeholders.js';
import type { Parsed } from './parse.js';
import { readYaml } from './read.js';
import { kindOf, possibleKinds } from './registry.js';
import { OverrideError, parsePath, setValue } from './set.js';
import { printed } from './timestamps.js';

/** Every mistake of a file at once. */
export class SpecError extends Error {
  constructor(readonly mistakes: readonly Mistake[]) {
    const [first] = mistakes;
    const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
    super(first === undefined ? 'invalid file' : `${first.file}: ${first.path}: ${first.message}${more}`);
    this.name = 'SpecError';
  }
}

export type { Loaded } from './kind.js';

export interface LoadOptions {
  readonly role?: Role;
  readonly family?: string;
  /** Applied after the reference's own overrides; what the caller decides (names, models). */
  readonly set?: Readonly<Record<string, unknown>>;
}

/** Reads a CLI v2 file. Answers all mistakes; `loaded` is there when none is an error. */
export function inspect(files: SourceFiles, ref: FileRef, options: LoadOptions = {}): Promise<Opened> {
  return inspectOne(files, ref, options, { known: new Map(), trail: [] });
}

/** Files that were opened on the way, and those above this one. */
interface Opening {
  readonly known: Map<string, Promise<Opened>>;
  readonly trail: readonly string[];
}

async function inspectOne(
  files: SourceFiles,
  ref: FileRef,
  options: LoadOptions,
  opening: Opening,
): Promise<Opened> {
  const found = await read(files, ref.file);
  if ('mistake' in found) return { mistakes: [found.mistake] };
  const { parsed, path } = found;
  const file = shown(files, path);
  const raw = parsed.value;
  const mistake = (problem: Problem) => toMistake(file, parsed, problem);
  const mistakes = mistakesOfText(file, parsed);
  if (mistakes.some(isError)) return { mistakes };

  const overrides = { ...ref.set, ...options.set };
  if (!isMapping(raw)) {
    const message = raw === null || raw === undefined ? 'the file is empty' : 'expected a mapping of keys';
    return { mistakes: [...mistakes, mistake({ path: [], message })] };
  }
  const refused = applyAll(raw, overrides);
  if (refused.length > 0) return { mistakes: [...mistakes, ...refused.map(mistake)] };

  const kind = kindOf(raw, options);
  if (kind === undefined) return { mistakes: [...mistakes, mistake(unknownKind(raw, options))] };
  const result = kind.schema.safeParse(raw);
  if (!result.success) {
    const problems = [...problemsOf(result.error, raw), ...placeholdersIn(raw)];
    return { mistakes: [...mistakes, ...problems.map(mistake)] };
  }
  const set = Object.keys(overrides).map((key) => JSON.stringify(parsePath(key)));
  const place: Place = {
    files,
    dir: dirname(path),
    isFloat: (at) => parsed.isFloat(at) && !set.includes(JSON.stringify(at)),
    open: (name, family, set = {}) =>
      openOther(files, dirname(path), { file: name, set }, family, below(opening, path)),
  };
  const value = parsed.hasTimes ? printed(result.data) : result.data;
  const alone = opening.trail.length === 0 ? (kind.checkAlone?.(value) ?? []) : [];
  const unattended = options.role === undefined ? [] : ((await kind.checkUnattended?.(value, place)) ?? []);
  const checked = [
    ...alone,
    ...unattended,
    ...placeholdersIn(raw),
    ...((await kind.check?.(value, place)) ?? []),
  ].flatMap((problem) => problem.mistakes ?? [mistake(problem)]);
  // A component that is named in many places is one file with its mistakes.
  const all = [...new Set([...mistakes, ...checked])];
  if (all.some(isError)) return { mistakes: all };
  return { loaded: { file, kind, value, place }, mistakes: all };
}

function below({ known, trail }: Opening, path: string): Opening {
  return { known, trail: [...trail, path] };
}

async function openOther(
  files: SourceFiles,
  dir: string,
  ref: FileRef,
  family: string,
  opening: Opening,
): Promise<Opened> {
  const path = resolve(dir, ref.file);
  const key = `${family} ${path} ${JSON.stringify(ref.set)}`;
  if (opening.trail.includes(path)) {
    const circle = [...opening.trail, path].map((one) => shown(files, one)).join(' → ');
    const message = `files name each other in a circle: ${circle}`;
    return { mistakes: [{ file: shown(files, path), path: '', message, severity: 'error' }] };
  }
  const known = opening.known.get(key);
  if (known !== undefined) return known;
  const doing = inspectOne({ ...files, dir }, ref, { family }, opening).then((opened) => {
    // The folder that the client runs in stays the same, whatever file is read.
    return opened.loaded === undefined
      ? opened
      : { ...opened, loaded: { ...opened.loaded, place: { ...opened.loaded.place, files } } };
  });
  opening.known.set(key, doing);
  return doing;
}

/** As `inspect`, for callers that go on with the file. Throws SpecError with every mistake. */
export async function load(files: SourceFiles, ref: FileRef, options: LoadOptions = {}): Promise<Loaded> {
  const { loaded, mistakes } = await inspect(files, ref, options);
  if (loaded === undefined) throw new SpecError(mistakes.filter(isError));
  return loaded;
}

async function read(
  files: SourceFiles,
  name: string,
): Promise<{ readonly parsed: Parsed; readonly path: string } | { readonly mistake: Mistake }> {
  try {
    const path = await resolveInside(files, files.dir, name);
    return { path, parsed: readYaml(path, shown(files, path)) };
  } catch (thrown) {
    if (!(thrown instanceof SourceError)) throw thrown;
    const message = thrown.message.replace(`${thrown.path} `, '');
    return { mistake: { file: name, path: '', message, severity: 'error' } };
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function applyAll(root: unknown, overrides: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(overrides).flatMap(([path, value]): Problem[] => {
    try {
      setValue(root, path, value);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof OverrideError)) throw thrown;
      return [{ path: parsePath(path), message: thrown.message }];
    }
  });
}

function unknownKind(value: Record<string, unknown>, options: LoadOptions): Problem {
  const possible = possibleKinds(options).map(({ name }) => name);
  return {
    path: 'type' in value ? ['type'] : ['$schema'],
    message: 'this kind of file is not understood',
    ...('type' in value ? { found: String(value['type']) } : {}),
    allowed: possible,
    fix: 'name the kind by its $schema, e.g. https://azuremlschemas.azureedge.net/latest/commandJob.schema.json',
  };
}
