import { readFile } from 'node:fs/promises';
import { resolveInside, type SourceFiles } from '../azureml/index.js';
import type { Project } from '../domain/project.js';
import type { ReachRules } from '../domain/reach.js';
import { loadedFromDefaultBranch } from '../domain/rules-in-force.js';
import type { SourceRef } from '../domain/source.js';
import {
  defaultBranch,
  firstParent,
  forkOf,
  isAncestor,
  readFileAt,
  resolveCommit,
  verifyTrainComment,
} from '../github/index.js';
import { parseProject } from '../spec/index.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed, SpecInvalid } from './errors.js';

/** Text of the commit's `mlops.yaml`. */
export async function specText(files: SourceFiles): Promise<string> {
  try {
    return await readFile(await resolveInside(files, files.dir, 'mlops.yaml'), 'utf8');
  } catch (error) {
    throw new SpecInvalid([
      {
        file: 'mlops.yaml',
        path: '',
        severity: 'error',
        message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      },
    ]);
  }
}

export interface ParsedSpec {
  readonly project: Project;
  readonly on: ReachRules | undefined;
  readonly warnings: readonly string[];
}

/** @throws SpecInvalid with every mistake */
export function parseSpec(
  text: string,
  source: SourceRef,
  name: string,
  workspace: string | undefined,
): ParsedSpec {
  const file = specPath(source.path);
  const parsed = parseProject(text, {
    file,
    defaultName: name,
    ...(workspace !== undefined && { workspace }),
  });
  if (!parsed.ok) throw new SpecInvalid(parsed.mistakes);
  const project = { ...parsed.project, path: source.path };
  if (project.name !== name) {
    throw new SpecInvalid([
      {
        file,
        path: 'name',
        severity: 'error',
        message: `is ${project.name}, but the lifecycle was started for ${name}`,
      },
    ]);
  }
  return {
    project,
    on: parsed.on,
    warnings: parsed.warnings.map(({ message, path }) => `${file}: ${path}: ${message}`),
  };
}

/** Environments come from the default branch as it was before this commit: a commit must not bring the rules that judge it. */
export async function rulesInForce(
  deps: Dependencies,
  source: SourceRef,
  project: Project,
  workspace: string | undefined,
): Promise<{ project: Project; notes: readonly string[]; branch: string }> {
  if (source.directory !== undefined)
    return { project: { ...project, environments: [] }, notes: [], branch: '' };
  const { github } = deps;
  const { repository, commit } = source;
  const branch = await defaultBranch(github, repository);
  const tip = await resolveCommit(github, repository, branch);
  const onBranch = await isAncestor(github, repository, commit, tip);
  const base = onBranch ? await firstParent(github, repository, commit) : tip;
  const text =
    base === undefined ? undefined : await readFileAt(github, repository, base, specPath(source.path));
  const rules = loadedFromDefaultBranch(
    project,
    text === undefined ? undefined : baseProject(text, source, project, workspace),
    branch,
  );
  return { ...rules, branch };
}

/** A base whose spec cannot be read has no environments: nothing is released by rules that nobody can read. */
function baseProject(
  text: string,
  source: SourceRef,
  project: Project,
  workspace: string | undefined,
): Project {
  const parsed = parseProject(text, {
    file: specPath(source.path),
    defaultName: project.name,
    ...(workspace !== undefined && { workspace }),
  });
  return parsed.ok ? { ...parsed.project, path: source.path } : { ...project, environments: [] };
}

/** `mlops.yaml` from the repository's root; `path` is the project's folder. */
export function specPath(path: string): string {
  return path === '.' ? 'mlops.yaml' : `${path}/mlops.yaml`;
}

/**
 * Whether a maintainer asked for this commit of a fork; false for a commit of the repository itself.
 * @throws NotAllowed for a fork's commit that nobody asked for: training runs a stranger's code
 */
export async function askedForFork({ github }: Dependencies, source: SourceRef): Promise<boolean> {
  const { repository, commit, ref, askedBy } = source;
  const [, pull] = /^refs\/pull\/(\d+)\//.exec(ref) ?? [];
  if (pull === undefined || source.directory !== undefined) return false;
  const fork = await forkOf(github, repository, Number(pull));
  if (fork === undefined) return false;
  const proof =
    askedBy === undefined
      ? undefined
      : await verifyTrainComment(github, repository, askedBy, { commit, pull: Number(pull) });
  if (proof?.allowed === true) return true;
  const reason = proof?.problem ?? 'nobody asked for it';
  const message = `#${pull} comes from ${fork}: ${reason}; a maintainer who has read the code comments: /train ${commit}`;
  throw new NotAllowed([{ code: 'ForkNotAsked', message }]);
}
