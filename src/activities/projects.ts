import { ApplicationFailure } from '@temporalio/common';
import {
  endpointName,
  mixedKinds,
  resolveInside,
  type SourceFiles,
  validateEvaluation,
  validateFile,
  validateRequests,
  validateServing,
  workspaceHash,
} from '../azureml/index.js';
import { endpointId, monitorScheduleId } from '../domain/keys.js';
import type { Mistake } from '../domain/mistake.js';
import { checkPolicy, type PolicyGrant, unlistedRepository } from '../domain/policy-check.js';
import {
  type Environment,
  type FileRef,
  kindOfEndpoint,
  type MonitorPlan,
  type Project,
} from '../domain/project.js';
import { reachesFurther, reachOf, type ReachName, type ReachRules } from '../domain/reach.js';
import type { SourceRef } from '../domain/source.js';
import { fetchSource } from '../github/index.js';
import type { At, EndpointTarget } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed, SpecInvalid } from './errors.js';
import { askedForFork, parseSpec, rulesInForce, specPath, specText } from './rules.js';

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

/** Rules read once serve the activities of these milliseconds: one activity may open a project several times. */
const freshForMs = 10_000;
const opened = new WeakMap<Dependencies, Map<string, { at: number; open: Promise<OpenProject> }>>();

/**
 * Opens a commit's project: policy, source, spec, rules in force. Nothing here trusts what a caller says about rules:
 * they are read from the default branch and the operators' policy.
 * @throws SpecInvalid with every mistake, NotAllowed with every refusal
 */
export async function openProject(deps: Dependencies, { source, project }: At): Promise<OpenProject> {
  const known = opened.get(deps) ?? new Map<string, { at: number; open: Promise<OpenProject> }>();
  opened.set(deps, known);
  const now = Date.now();
  for (const [key, { at }] of known) if (now - at > freshForMs) known.delete(key);
  const key = JSON.stringify([source, project]);
  const open = known.get(key)?.open ?? readProject(deps, source, project);
  if (!known.has(key)) known.set(key, { at: now, open });
  // A failure is not remembered: what the world mends must show at the next try.
  open.catch(() => known.delete(key));
  return await open;
}

async function readProject(deps: Dependencies, source: SourceRef, name: string): Promise<OpenProject> {
  refuseUnlisted(deps, source);
  const asked = await askedForFork(deps, source);
  const root = await rootOf(deps, source);
  const files: SourceFiles = { root, dir: await resolveInside({ root, dir: root }, root, source.path) };
  const workspace = deps.policy?.projects.find((owner) => owner.name === name)?.workspace;
  const spec = parseSpec(await specText(files), source, name, workspace);
  const rules = await rulesInForce(deps, source, spec.project, workspace);
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
    reach: asked || source.directory !== undefined ? 'train' : reachFor(spec.on, source, rules.branch),
    notes: [...spec.warnings, ...rules.notes, ...verdict.notes],
  };
}

/** Every file that the project names, checked before anything is started. */
export async function validateFiles({ files, project }: OpenProject): Promise<void> {
  const refs: FileRef[] = [
    ...project.setup,
    ...(project.data.prepare === undefined ? [] : [project.data.prepare]),
    ...project.candidates.map(({ job }) => job),
  ];
  const { evaluate } = project.gate ?? {};
  const file = specPath(project.path);
  const mistakes = (
    await Promise.all([
      ...refs.map((ref) => validateFile(files, ref)),
      ...(evaluate === undefined ? [] : [validateEvaluation(files, evaluate.job)]),
      ...project.environments.map((environment) => validateServing(files, environment)),
      ...project.environments.map((environment) => validateRequests(files, file, environment)),
    ])
  ).flat();
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

export function monitorOf(open: OpenProject, environment: string): MonitorPlan {
  const { monitor } = environmentOf(open, environment);
  if (monitor !== undefined) return monitor;
  throw ApplicationFailure.nonRetryable(`environment ${environment} has no monitor any more`, 'SpecInvalid');
}

/** A repository that the policy does not list is refused before anything of it is fetched. */
function refuseUnlisted({ policy }: Dependencies, source: SourceRef): void {
  const unlisted = policy === undefined ? undefined : unlistedRepository(policy, source);
  if (unlisted !== undefined) throw new NotAllowed([unlisted]);
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

async function endpointNames(files: SourceFiles, project: Project): Promise<Record<string, string>> {
  const { environments } = project;
  const mixed = await Promise.all(environments.map((environment) => mixedKinds(files, environment)));
  if (mixed.flat().length > 0) throw new SpecInvalid(unique(mixed.flat()));
  const names = await Promise.all(
    environments.map(async (environment) => {
      const { name, endpoint } = environment;
      return [name, await endpointName(files, endpoint, kindOfEndpoint(environment))] as const;
    }),
  );
  return Object.fromEntries(names);
}

function endpointTargets(
  grant: PolicyGrant,
  names: Readonly<Record<string, string>>,
): Record<string, EndpointTarget> {
  return Object.fromEntries(
    grant.project.environments.flatMap((environment) => {
      const { name, workspace } = environment;
      const endpoint = names[name];
      const place = grant.environments[name];
      if (endpoint === undefined || place === undefined) return [];
      const hash = workspaceHash(place);
      const target = {
        workspace,
        endpoint,
        workflowId: endpointId(hash, endpoint),
        scheduleId: monitorScheduleId(hash, endpoint),
        ...(environment.batch !== undefined && { kind: kindOfEndpoint(environment) }),
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
