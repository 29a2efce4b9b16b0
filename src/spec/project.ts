import type { Mistake } from '../domain/mistake.js';
import type { Environment, Project } from '../domain/project.js';
import type { ReachRules } from '../domain/reach.js';
import { checkEnvironment, checkPaths, checkTargets, checkTraining, resolvePath } from './checks.js';
import { complete, type Surroundings } from './complete.js';
import { type Fault, place } from './fault.js';
import { faultsOf } from './issues.js';
import { toEnvironment, toProject } from './normalise.js';
import { readYaml } from './read-yaml.js';
import { fullEnvironment, fullProject, projectFile } from './schema.js';
import { child, entriesOf, toPlain, type Tree } from './tree.js';

export interface ParseOptions extends Surroundings {
  /** Path of the file in the repository, for messages and to resolve paths: `models/a/mlops.yaml`. */
  readonly file: string;
}

export interface ParsedProject {
  readonly ok: true;
  readonly project: Project;
  /** `undefined`: the defaults, which depend on the default branch's name (`reachOf`). */
  readonly on: ReachRules | undefined;
  /** Folders and files that start the project when they change, from the repository's root; `.` is all of it. */
  readonly paths: readonly string[];
  readonly warnings: readonly Mistake[];
}

export type ParseResult = ParsedProject | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/**
 * Reads `mlops.yaml`: everything filled in, or every mistake at once (warnings among them).
 * @param text the file; bytes are decoded strictly as UTF-8.
 */
export function parseProject(text: string | Uint8Array, options: ParseOptions): ParseResult {
  const read = readYaml(text, options.file);
  if (!read.ok) return read;
  const { tree: file } = read;
  const completed = complete(file, options);
  const folder = folderOf(options.file);
  const parsed = parseCompleted(completed.tree, folder);
  const early = [...completed.faults, ...checkTraining(completed.tree, file)].map((fault) =>
    place(fault, file, options.file),
  );
  const raw = projectFile.safeParse(toPlain(file));
  const mistakes = unique([
    ...(raw.success ? [] : faultsOf(raw.error, file, projectFile)).map((fault) =>
      place(fault, file, options.file),
    ),
    ...early,
    ...parsed.faults.map((fault) => place(fault, completed.tree, options.file)),
  ]);
  const warnings = mistakes.filter(({ severity }) => severity === 'warning');
  if (parsed.project === undefined || warnings.length < mistakes.length) return { ok: false, mistakes };
  return { ok: true, project: parsed.project, on: parsed.on, paths: parsed.paths, warnings };
}

interface Outcome {
  readonly faults: readonly Fault[];
  readonly project?: Project;
  readonly on: ReachRules | undefined;
  readonly paths: readonly string[];
}

function parseCompleted(tree: Tree, folder: string): Outcome {
  const environments = entriesOf(child(tree, 'environments'));
  const read = environments.map(([name, environment], index) =>
    readEnvironment(tree, name, environment, index === environments.length - 1),
  );
  const good = read.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
  const rest = fullProject.safeParse(toPlain(tree));
  const all = [
    ...checkPaths(tree, folder),
    ...(rest.success ? [] : faultsOf(rest.error, tree, fullProject)),
    ...read.flatMap((one) => one.faults),
    ...checkTargets(good),
  ];
  if (!rest.success) return { faults: all, on: undefined, paths: [] };
  const paths = rest.data.paths.flatMap((path) => resolvePath(folder, path) ?? []);
  return { faults: all, project: toProject(rest.data, good, folder), on: rest.data.on, paths };
}

function readEnvironment(
  tree: Tree,
  name: string,
  environment: Tree,
  isLast: boolean,
): { readonly faults: readonly Fault[]; readonly environment?: Environment } {
  const faults = checkEnvironment(name, environment, isLast);
  const parsed = fullEnvironment.safeParse(toPlain(environment));
  if (parsed.success) return { environment: toEnvironment(name, parsed.data, environment), faults };
  return { faults: [...faultsOf(parsed.error, tree, fullEnvironment, ['environments', name]), ...faults] };
}

/** The file is checked as written and as completed; a mistake that both find is told once, in the first words. */
function unique(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  return mistakes
    .filter(({ line, column, message, path }) => {
      const key = line === undefined ? `${path} ${message}` : `${line}:${column ?? 0} ${message}`;
      return !seen.has(key) && seen.add(key).has(key);
    })
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** Folder of a file, `.` for the root. */
export function folderOf(file: string): string {
  return resolvePath('.', file.split('/').slice(0, -1).join('/')) ?? '.';
}
