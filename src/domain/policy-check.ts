import { boundApprovals } from './policy-approvals.js';
import type { Policy, ProjectPolicy, RegistryTarget, WorkspaceTarget } from './policy.js';
import type { Project } from './project.js';
import type { Refusal } from './refusal.js';
import type { SourceRef } from './source.js';
import type { Operators } from './steering.js';
import { nearest } from './text.js';

/** What the check needs besides the spec. */
export interface PolicyContext {
  /** Whether Temporal and Azure ML are both on this machine. */
  readonly loopback: boolean;
  /** Environment → endpoint name, from the endpoint's YAML file with the environment's `set` applied. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface PolicyGrant {
  readonly ok: true;
  /** The project with the policy's workspace and with approvals as strict as the policy asks. */
  readonly project: Project;
  /** Where it trains and registers. */
  readonly training: WorkspaceTarget;
  /** Environment → workspace. */
  readonly environments: Readonly<Record<string, WorkspaceTarget>>;
  /** Where its models cross; absent where it names none. */
  readonly registry?: RegistryTarget;
  readonly setup: 'check' | 'apply';
  /** Who may pause, hold, abort and roll back. */
  readonly operators: Operators;
  /** What the policy tightened, and that there is none. */
  readonly notes: readonly string[];
}

export type PolicyVerdict = PolicyGrant | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * Holds a project against what the operators allow, before anything is started. All refusals at once.
 * Without a policy only local use is served: everything then runs in made-up workspaces of this machine.
 */
export function checkPolicy(
  policy: Policy | undefined,
  project: Project,
  source: SourceRef,
  context: PolicyContext,
): PolicyVerdict {
  if (policy === undefined) return context.loopback ? local(project) : { ok: false, refusals: [noPolicy()] };
  const owner = findOwner(policy, project, source, context);
  if ('code' in owner) return { ok: false, refusals: [owner] };
  const training = workspaceOf(policy, owner.workspace, `workspace of ${owner.name} in policy.yml`);
  const targets = project.environments.map(({ name, workspace }) => ({
    name,
    target: workspaceOf(policy, workspace, `environments.${name}.workspace`),
  }));
  const registry = registryOf(policy, owner, project);
  const approvals = boundApprovals(owner, project);
  const refusals = [
    ...[training, ...targets.map(({ target }) => target)].filter((target) => 'code' in target),
    ...endpointRefusals(policy, owner, project, context.endpoints),
    ...(registry !== undefined && 'code' in registry ? [registry] : []),
    ...approvals.refusals,
  ];
  if (refusals.length > 0 || 'code' in training) return { ok: false, refusals };
  const known = targets.flatMap(({ name, target }) => ('code' in target ? [] : [[name, target] as const]));
  return {
    ok: true,
    project: { ...project, workspace: owner.workspace, environments: approvals.environments },
    training,
    environments: Object.fromEntries(known),
    ...(registry !== undefined && !('code' in registry) && { registry }),
    setup: owner.setup,
    operators: owner.operators,
    notes: approvals.notes,
  };
}

/** Where local use puts a workspace alias: nothing of it exists in any cloud. */
export function localTarget(alias: string): WorkspaceTarget {
  return {
    alias,
    subscription: '00000000-0000-0000-0000-000000000001',
    resourceGroup: `mlops-${alias}`,
    name: `mlops-${alias}`,
    location: 'westeurope',
    taskQueue: 'mlops',
    credential: 'default',
  };
}

/** Likewise of a registry. */
function localRegistry(alias: string): RegistryTarget {
  return {
    alias,
    subscription: '00000000-0000-0000-0000-000000000001',
    resourceGroup: `mlops-${alias}`,
    name: alias,
  };
}

function local(project: Project): PolicyGrant {
  return {
    ok: true,
    project,
    training: localTarget(project.workspace),
    environments: Object.fromEntries(
      project.environments.map(({ name, workspace }) => [name, localTarget(workspace)]),
    ),
    ...(project.registry !== undefined && { registry: localRegistry(project.registry) }),
    setup: 'apply',
    operators: 'anyone',
    notes: ['no policy.yml: local use only, every project of this machine is served'],
  };
}

function noPolicy(): Refusal {
  return {
    code: 'PolicyMissing',
    message:
      'no policy.yml was given, and Temporal or Azure ML is not on this machine; without a policy only local use is served. Write policy.yml (docs/policy.md) and name it in MLOPS_POLICY.',
  };
}

/** The policy's entry for this repository, folder and project name: each of the three must fit. */
function findOwner(
  policy: Policy,
  project: Project,
  source: SourceRef,
  { loopback }: PolicyContext,
): ProjectPolicy | Refusal {
  const here = policy.projects.filter((entry) => sameRepository(entry.repository, source.repository));
  if (source.directory !== undefined && !loopback) {
    return {
      code: 'LocalSourceForbidden',
      message: `an uncommitted folder (${source.directory}) was asked for; that is local use only. Commit and push it.`,
    };
  }
  const unlisted = unlistedRepository(policy, source);
  if (unlisted !== undefined) return unlisted;
  const entry = here.find(({ name, path }) => name === project.name && samePath(path, source.path));
  return entry ?? notOwned(policy, here, project, source);
}

/** A refusal for a repository that the policy does not name at all; asked before anything of it is fetched. */
export function unlistedRepository(policy: Policy, { repository }: SourceRef): Refusal | undefined {
  if (policy.projects.some((entry) => sameRepository(entry.repository, repository))) return undefined;
  return {
    code: 'RepositoryNotListed',
    message: `${repository} is not in policy.yml; listed are ${listed(policy.projects.map((entry) => entry.repository))}. Ask the operators to add it.`,
  };
}

function notOwned(
  policy: Policy,
  here: readonly ProjectPolicy[],
  project: Project,
  source: SourceRef,
): Refusal {
  const owner = policy.projects.find(({ name }) => name === project.name);
  const claim = `${source.path}/mlops.yaml in ${source.repository} calls itself ${project.name}`;
  const allowed = `allowed here: ${listed(here.map(({ name, path }) => `${name} in ${path}`))}`;
  const whose =
    owner === undefined ? '' : `; ${project.name} belongs to ${owner.repository}, folder ${owner.path}`;
  const meant = nearest(
    project.name,
    here.map(({ name }) => name),
  );
  const hint = meant === undefined || meant === project.name ? '' : ` Did you mean ${meant}?`;
  return {
    code: 'ProjectNotOwned',
    message: `${claim}${whose}; ${allowed}.${hint} Set \`name\` in mlops.yaml, or ask the operators to list it in policy.yml.`,
  };
}

function workspaceOf(policy: Policy, alias: string, where: string): WorkspaceTarget | Refusal {
  const target = Object.hasOwn(policy.workspaces, alias) ? policy.workspaces[alias] : undefined;
  if (target !== undefined) return target;
  const aliases = Object.keys(policy.workspaces);
  const meant = nearest(alias, aliases);
  return {
    code: 'WorkspaceUnknown',
    message: `${where}: ${alias} is no workspace of policy.yml; known are ${listed(aliases)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  };
}

/** A registry is read by other teams: what goes there is the operators' to say. */
function registryOf(
  { registries = {} }: Policy,
  { name, registries: allowed = [] }: ProjectPolicy,
  { registry: alias }: Project,
): RegistryTarget | Refusal | undefined {
  if (alias === undefined) return undefined;
  const target = Object.hasOwn(registries, alias) ? registries[alias] : undefined;
  if (target !== undefined && allowed.includes(alias)) return target;
  const known = Object.keys(registries);
  const meant = nearest(alias, target === undefined ? known : allowed);
  return {
    code: 'RegistryNotAllowed',
    message:
      target === undefined
        ? `registry: ${alias} is no registry of policy.yml; known are ${listed(known)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
        : `registry: ${name} may not put models into ${alias}; allowed are ${listed(allowed)}. Ask the operators to list it under projects.${name}.registries.`,
  };
}

function endpointRefusals(
  policy: Policy,
  owner: ProjectPolicy,
  project: Project,
  endpoints: Readonly<Record<string, string>>,
): Refusal[] {
  const known = project.environments.filter(({ workspace }) => Object.hasOwn(policy.workspaces, workspace));
  return known.flatMap(({ name, workspace }) => {
    const endpoint = endpoints[name];
    if (endpoint === undefined) {
      return [
        {
          code: 'EndpointNotOwned' as const,
          message: `environments.${name}.endpoint: its file gives the endpoint no name; add \`name\`.`,
        },
      ];
    }
    const owned = endpointsOf(owner, workspace);
    if (owned.includes(endpoint)) return [];
    const other = policy.projects.find((entry) => endpointsOf(entry, workspace).includes(endpoint));
    const whose = other === undefined ? '' : `, which belongs to ${other.name} (${other.repository})`;
    return [
      {
        code: 'EndpointNotOwned' as const,
        message: `environments.${name} deploys to endpoint ${endpoint} in ${workspace}${whose}; ${owner.name} owns there: ${listed(owned)}. Change the name, or ask the operators to list it under projects.${owner.name}.endpoints.${workspace}.`,
      },
    ];
  });
}

function endpointsOf(entry: ProjectPolicy, workspace: string): readonly string[] {
  return Object.hasOwn(entry.endpoints, workspace) ? (entry.endpoints[workspace] ?? []) : [];
}

/** GitHub's names do not tell upper from lower case. */
function sameRepository(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function samePath(a: string, b: string): boolean {
  const plain = (path: string): string =>
    path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
  return plain(a) === plain(b);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...new Set(names)].join(', ');
}
