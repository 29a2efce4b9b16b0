import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { endpointName, type SourceFiles, validateFile, workspaceHash } from '../azureml/index.js';
import { endpointId, monitorScheduleId } from '../domain/keys.js';
import type { Mistake } from '../domain/mistake.js';
import { checkPolicy, type PolicyGrant } from '../domain/policy-check.js';
import type { Environment, FileRef, Project } from '../domain/project.js';
import { reachesFurther, reachOf, type ReachName, type ReachRules } from '../domain/reach.js';
import { loadedFromDefaultBranch } from '../domain/rules-in-force.js';
import type { SourceRef } from '../domain/source.js';
import {
  defaultBranch,
  fetchSource,
  firstParent,
  isAncestor,
  readFileAt,
  resolveCommit,
} from '../github/index.js';
import { parseProject } from '../spec/index.js';
import type { At, EndpointTarget } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed, SpecInvalid } from './errors.js';

/** A project with the rules that judge it, its files on this machine, and where it may go. */
export interface OpenProject {
  readonly project: Project;
  readonly files: SourceFiles;
  readonly grant: PolicyGrant;
  readonly endpoints: Readonly<Record<string, EndpointTarget>>;
  readonly branch: string;
  readonly reach: ReachName;
  readonly notes: readonly string[];
}

/**
 * Opens a commit's project: policy, source, spec, rules in force. Nothing here trusts what a caller says about rules:
 * they are read from the default branch and the operators' policy each time.
 * @throws SpecInvalid with every mistake, NotAllowed with every refusal
 */
export async function openProject(deps: Dependencies, { source, project: name }: At): Promise<OpenProject> {
  const root = await rootOf(deps, source);
  const files: SourceFiles = { root, dir: resolve(root, source.path) };
  const workspace = deps.policy?.projects.find((owner) => owner.name === name)?.workspace;
  const commits = parse(await specText(files), source, name, workspace);
  const rules = await rulesInForce(deps, source, commits.project, workspace);
  const names = await endpointNames(files, rules.project);
  const verdict = checkPolicy(deps.policy, rules.project, source, {
    loopback: deps.loopback,
    endpoints: names,
  });
  if (!verdict.ok) throw new NotAllowed(verdict.refusals);
  return {
    project: verdict.project,
    files,
    grant: verdict,
    endpoints: endpointTargets(verdict, names),
    branch: source.ref.replace(/^refs\/(heads\/)?/, ''),
    reach: source.directory === undefined ? reachFor(commits.on, source, rules.branch) : 'train',
    notes: [...commits.warnings, ...rules.notes, ...verdict.notes],
  };
}

/** Every file that the project names, checked before anything is started. */
export async function validateFiles({ files, project }: OpenProject): Promise<void> {
  const refs: FileRef[] = [
    ...project.setup,
    ...(project.data.prepare === undefined ? [] : [project.data.prepare]),
    ...project.candidates.map(({ job }) => job),
    ...project.environments.flatMap(({ endpoint, deployment }) => [endpoint, deployment]),
  ];
  const mistakes = (await Promise.all(refs.map((ref) => validateFile(files, ref)))).flat();
  const errors = unique(mistakes).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new SpecInvalid(errors);
}

export function environmentOf({ project }: OpenProject, name: string): Environment {
  const environment = project.environments.find((candidate) => candidate.name === name);
  if (environment !== undefined) return environment;
  const known = project.environments.map((candidate) => candidate.name).join(', ');
  throw new NotAllowed([
    {
      code: 'EnvironmentUnknown',
      message: `environment ${name} is not in force for ${project.name}; known: ${known}`,
    },
  ]);
}

async function rootOf(deps: Dependencies, source: SourceRef): Promise<string> {
  if (source.directory === undefined) return await fetchSource(deps.github, source, deps.cacheDir);
  if (deps.loopback && deps.policy === undefined) return source.directory;
  throw new NotAllowed([
    {
      code: 'LocalSourceForbidden',
      message:
        'an uncommitted tree is trained only by a worker for local use (loopback, no policy); push a commit instead',
    },
  ]);
}

async function specText({ dir }: SourceFiles): Promise<string> {
  try {
    return await readFile(join(dir, 'mlops.yaml'), 'utf8');
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

interface ParsedSpec {
  readonly project: Project;
  readonly on: ReachRules | undefined;
  readonly warnings: readonly string[];
}

function parse(text: string, source: SourceRef, name: string, workspace: string | undefined): ParsedSpec {
  const file = specPath(source);
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
async function rulesInForce(
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
  const text = base === undefined ? undefined : await readFileAt(github, repository, base, specPath(source));
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
    file: specPath(source),
    defaultName: project.name,
    ...(workspace !== undefined && { workspace }),
  });
  return parsed.ok ? { ...parsed.project, path: source.path } : { ...project, environments: [] };
}

function specPath({ path }: SourceRef): string {
  return path === '.' ? 'mlops.yaml' : `${path}/mlops.yaml`;
}

async function endpointNames(files: SourceFiles, project: Project): Promise<Record<string, string>> {
  const names = await Promise.all(
    project.environments.map(
      async ({ name, endpoint }) => [name, await endpointName(files, endpoint)] as const,
    ),
  );
  return Object.fromEntries(names);
}

function endpointTargets(
  grant: PolicyGrant,
  names: Readonly<Record<string, string>>,
): Record<string, EndpointTarget> {
  return Object.fromEntries(
    grant.project.environments.flatMap(({ name, workspace }) => {
      const endpoint = names[name];
      const place = grant.environments[name];
      if (endpoint === undefined || place === undefined) return [];
      const hash = workspaceHash(place);
      const target = {
        workspace,
        endpoint,
        workflowId: endpointId(hash, endpoint),
        scheduleId: monitorScheduleId(hash, endpoint),
      };
      return [[name, target]];
    }),
  );
}

function reachFor(on: ReachRules | undefined, source: SourceRef, branch: string): ReachName {
  return reachOf(on, source.ref, branch) ?? 'plan';
}

/** The shorter of what the spec allows and what the caller asks for. */
export function cappedReach(allowed: ReachName, asked: ReachName | undefined): ReachName {
  return asked === undefined || reachesFurther(asked, allowed) ? allowed : asked;
}

function unique(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values()];
}
