import { z } from 'zod';
import { endpointName } from '../domain/endpoint-name.js';
import type { Mistake } from '../domain/mistake.js';
import type { LeastApproval, Policy, ProjectPolicy, WorkspaceTarget } from '../domain/policy.js';
import { resolvePath } from './checks.js';
import { type Fault, place } from './fault.js';
import { faultsOf } from './issues.js';
import { readYaml } from './read-yaml.js';
import { toPlain } from './tree.js';
import { duration, name, people, relativePath, verification } from './values.js';

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const workspace = z.strictObject({
  subscription: z.string().regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
    error: 'must be a subscription id (a GUID)',
  }),
  resource_group: z
    .string()
    .regex(/^[\w().-]{0,89}[\w()-]$/, { error: 'must be the name of a resource group' }),
  name: z.string().regex(/^[A-Za-z0-9][\w-]{2,32}$/, {
    error: 'must be a workspace name: 3 to 33 letters, digits, - and _',
  }),
  location: z.string().regex(/^[a-z0-9]+$/, { error: 'must be an Azure region such as westeurope' }),
  task_queue: z.string().min(1).default('mlops'),
  credential: z.string().min(1).default('default'),
  log_analytics: z
    .string()
    .regex(
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+$/i,
      {
        error: 'must be the ARM id of a Log Analytics workspace',
      },
    )
    .optional(),
});

const registry = z.strictObject({
  subscription: workspace.shape.subscription,
  resource_group: workspace.shape.resource_group,
  name: workspace.shape.name,
});

const approval = z.strictObject({
  required: z.int().min(1).max(20).default(1),
  approvers: people.min(1).optional(),
  verify: z.array(verification).min(1).default(['github', 'principal']),
  max_expires: duration.optional(),
  max_rejections: z.int().min(1).max(20).optional(),
  allow_authors: z.boolean().default(false),
});

const endpoint = z.string().regex(endpointName, {
  error: 'must be an endpoint name: 3 to 32 letters, digits and dashes, starting with a letter',
});

const project = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, { error: 'must be owner/name on GitHub' }),
  path: relativePath.default('.'),
  workspace: name.optional(),
  setup: z.enum(['check', 'apply']).default('check'),
  endpoints: z.record(name, z.array(endpoint)).default({}),
  registries: z.array(name).default([]),
  operators: z
    .union([z.literal('anyone'), people], { error: 'must be a list of people, or "anyone"' })
    .default([]),
  environments: z.record(name, z.strictObject({ approval })).default({}),
});

/** `policy.yml`, the operators' file; docs/policy.md explains each key. */
export const policyFile = z.strictObject({
  version: z.literal(1).optional(),
  workspaces: z
    .record(name, workspace)
    .refine((all) => Object.keys(all).length > 0, { error: 'must name a workspace' }),
  registries: z.record(name, registry).default({}),
  projects: z.record(name, project),
  workers: z.array(z.string().min(1)).min(1).optional(),
});

type PolicyFile = z.output<typeof policyFile>;

/** Reads `policy.yml`: the policy with its defaults, or every mistake at once. */
export function parsePolicy(text: string | Uint8Array, { file }: { readonly file: string }): PolicyResult {
  const read = readYaml(text, file);
  if (!read.ok) return read;
  const parsed = policyFile.safeParse(toPlain(read.tree));
  const faults = parsed.success ? contradictions(parsed.data) : faultsOf(parsed.error, read.tree, policyFile);
  if (!parsed.success || faults.length > 0) {
    return { ok: false, mistakes: faults.map((fault) => place(fault, read.tree, file)) };
  }
  const { workspaces, registries, projects, workers } = parsed.data;
  const first = Object.keys(workspaces)[0] ?? '';
  return {
    ok: true,
    policy: {
      workspaces: Object.fromEntries(
        Object.entries(workspaces).map(([alias, value]) => [alias, toTarget(alias, value)]),
      ),
      registries: Object.fromEntries(
        Object.entries(registries).map(([alias, { resource_group: resourceGroup, ...rest }]) => [
          alias,
          { alias, resourceGroup, ...rest },
        ]),
      ),
      projects: Object.entries(projects).map(([key, value]) => toProjectPolicy(key, value, first)),
      ...(workers !== undefined && { workers }),
    },
  };
}

/** What would leave two projects with one thing, or a project with nothing that exists. */
function contradictions({ workspaces, registries, projects }: PolicyFile): Fault[] {
  const aliases = Object.keys(workspaces);
  const folders = new Map<string, string>();
  const endpoints = new Map<string, string>();
  return Object.entries(projects).flatMap(([key, entry]) => {
    const faults: Fault[] = [];
    const path = ['projects', key];
    const folder = resolvePath('.', entry.path);
    if (folder === undefined)
      faults.push({ path: [...path, 'path'], message: 'points outside the repository', found: entry.path });
    claim(folders, `${entry.repository.toLowerCase()} ${folder ?? ''}`, key, [...path, 'repository'], faults);
    for (const alias of [
      ...(entry.workspace === undefined ? [] : [entry.workspace]),
      ...Object.keys(entry.endpoints),
    ]) {
      if (aliases.includes(alias)) continue;
      const at =
        alias === entry.workspace
          ? { path: [...path, 'workspace'] }
          : { path: [...path, 'endpoints'], key: alias };
      faults.push({ ...at, message: 'is no workspace of this file', found: alias, allowed: aliases });
    }
    entry.registries.forEach((alias, index) => {
      if (Object.hasOwn(registries, alias)) return;
      const allowed = Object.keys(registries);
      faults.push({
        path: [...path, 'registries', index],
        ...{ message: 'is no registry of this file', found: alias, allowed },
      });
    });
    for (const [alias, names] of Object.entries(entry.endpoints)) {
      names.forEach((endpoint, index) => {
        claim(
          endpoints,
          `${alias} ${endpoint.toLowerCase()}`,
          key,
          [...path, 'endpoints', alias, index],
          faults,
        );
      });
    }
    return faults;
  });
}

function claim(
  owners: Map<string, string>,
  thing: string,
  project: string,
  path: Fault['path'],
  faults: Fault[],
): void {
  const owner = owners.get(thing);
  if (owner === undefined) owners.set(thing, project);
  else faults.push({ path, message: `belongs to ${owner} already`, fix: 'give it to one project only' });
}

function toTarget(alias: string, value: PolicyFile['workspaces'][string]): WorkspaceTarget {
  const {
    resource_group: resourceGroup,
    task_queue: taskQueue,
    log_analytics: logAnalytics,
    ...rest
  } = value;
  return { alias, ...rest, resourceGroup, taskQueue, ...(logAnalytics !== undefined && { logAnalytics }) };
}

function toProjectPolicy(key: string, value: PolicyFile['projects'][string], first: string): ProjectPolicy {
  const environments = Object.entries(value.environments).map(([environment, rule]) => [
    environment,
    toLeast(rule.approval),
  ]);
  return {
    name: key,
    repository: value.repository,
    path: resolvePath('.', value.path) ?? '.',
    workspace: value.workspace ?? first,
    endpoints: value.endpoints,
    registries: value.registries,
    setup: value.setup,
    environments: Object.fromEntries(environments) as Record<string, LeastApproval>,
    operators: value.operators,
  };
}

function toLeast(value: z.output<typeof approval>): LeastApproval {
  const { required, verify, approvers, max_rejections: maxRejections } = value;
  const { max_expires: maxExpiresMs, allow_authors: allowAuthors } = value;
  return {
    required,
    verify,
    allowAuthors,
    ...(approvers !== undefined && { approvers }),
    ...(maxExpiresMs !== undefined && { maxExpiresMs }),
    ...(maxRejections !== undefined && { maxRejections }),
  };
}
