import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, resolve, sep } from 'node:path';
import { isMap, isPair, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { defaultProjectName, projectName } from '../../src/domain/project-name.js';
import { reaches, type ReachName, type ReachRules } from '../../src/domain/reach.js';

/** What the Action needs to know of a project; the worker reads and checks the rest. */
export interface FoundProject {
  readonly name: string;
  /** Folder of its file, relative to the repository, `.` for its root. */
  readonly path: string;
  /** Folders, files or patterns relative to the repository whose changes start it. */
  readonly paths: readonly string[];
  readonly on?: ReachRules;
}

const deepest = 8;
const skipped = new Set(['node_modules', '__pycache__', 'venv']);

/**
 * Finds every project below a folder of the checkout.
 * @throws Error with all mistakes, each with file and line, or when there is no checkout or no project.
 */
export async function findProjects(
  workspace: string,
  folder: string,
  config: string,
  repository: string,
): Promise<FoundProject[]> {
  const root = resolve(workspace, folder);
  if (relative(workspace, root).startsWith('..'))
    throw new Error(`path: ${folder} leads out of the checkout.`);
  const files = await findFiles(root, config, 0);
  if (files.length === 0) await explainNothingFound(workspace, folder, config);
  const problems: string[] = [];
  const projects: FoundProject[] = [];
  for (const file of files.sort()) {
    const shown = relative(workspace, file).split(sep).join('/');
    const project = readProject(await readFile(file, 'utf8'), shown, repository, problems);
    const twin = projects.find((other) => other.name === project.name);
    if (twin)
      problems.push(
        `${shown}: the name ${project.name} is taken by the project in ${twin.path}; set another \`name:\``,
      );
    projects.push(project);
  }
  if (problems.length > 0) throw new Error(`Nothing was started:\n- ${problems.join('\n- ')}`);
  return projects;
}

async function findFiles(folder: string, config: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const here = entries
    .filter((entry) => entry.isFile() && entry.name === config)
    .map((entry) => join(folder, entry.name));
  if (depth === deepest) return here;
  const below = entries.filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !skipped.has(entry.name),
  );
  const nested = await Promise.all(
    below.map((entry) => findFiles(join(folder, entry.name), config, depth + 1)),
  );
  return [...here, ...nested.flat()];
}

async function explainNothingFound(workspace: string, folder: string, config: string): Promise<never> {
  const entries = await readdir(workspace).catch(() => []);
  throw new Error(
    entries.length === 0
      ? `The workspace ${workspace} is empty: add the step \`- uses: actions/checkout@v5\` before this one.`
      : `No ${config} below ${folder === '.' ? 'the checkout' : folder}: add one (two lines are enough: \`train:\` and \`gate:\`), or set the input \`path\`.`,
  );
}

function readProject(text: string, file: string, repository: string, problems: string[]): FoundProject {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const folder = posix.dirname(file);
  const place = (key: string): string => `${file}:${lineOf(document, lines, key)}`;
  for (const error of document.errors)
    problems.push(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0] ?? ''}`);
  const content: unknown = document.errors.length > 0 ? {} : document.toJS();
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`${file}:1: a map is expected, at least with \`train:\``);
    return { name: folder, path: folder, paths: [folder] };
  }
  const { name, paths, on } = content as Record<string, unknown>;
  if (name !== undefined && !isName(name))
    problems.push(
      `${place('name')}: name: found ${JSON.stringify(name)}; allowed: up to 63 letters, digits, "_" and "-"`,
    );
  if (paths !== undefined && !isStrings(paths))
    problems.push(`${place('paths')}: paths: a list of folders is expected`);
  if (on !== undefined && !isRules(on))
    problems.push(
      `${place('on')}: on: a map from branch, pattern or pull_request to ${reaches.join(', ')} is expected`,
    );
  return {
    name: isName(name) ? name : defaultProjectName(repository, folder),
    path: folder,
    paths: (isStrings(paths) ? paths : ['.']).map((path) => posix.join(folder, path)),
    ...(isRules(on) && { on }),
  };
}

function lineOf(document: Document, lines: LineCounter, key: string): number {
  const map = document.contents;
  const pair = isMap(map)
    ? map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
    : undefined;
  const start = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  return start === undefined ? 1 : lines.linePos(start).line;
}

const isName = (value: unknown): value is string => typeof value === 'string' && projectName.test(value);
const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isRules = (value: unknown): value is Record<string, ReachName> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((reach) => reaches.some((name) => name === reach));
