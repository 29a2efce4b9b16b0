import { type AzureMl, accessTo } from '../azureml/index.js';
import { azureClients, gitHubOf, loadPolicy } from '../connections.js';
import type { Policy } from '../domain/policy.js';
import { accessToRepository, accessToTeam, type GitHub } from '../github/index.js';
import type { Settings } from '../settings.js';
import type { Finding } from '../temporal/findings.js';
import { reasonOf } from './failures.js';

/** What Azure and GitHub grant to a worker with these settings, a finding for each place of the policy. */
export async function workerAccess(settings: Settings, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const policy = await loadPolicy(settings);
  if (policy === undefined) {
    const todo = 'set MLOPS_POLICY as the worker has it';
    return [{ state: 'bad', what: 'policy', found: 'MLOPS_POLICY names none: nothing to look at', todo }];
  }
  const clients = azureClients(settings, env);
  const azure = Object.values(policy.workspaces).map(async (target) => {
    try {
      return await azureAccess(clients(target), target.alias);
    } catch (error) {
      return [{ state: 'warn' as const, what: `azure ${target.alias}`, found: reasonOf(error) }];
    }
  });
  return [...(await Promise.all(azure)).flat(), ...(await gitHubAccess(await gitHubOf(settings), policy))];
}

async function azureAccess(ml: AzureMl, alias: string): Promise<Finding[]> {
  const what = `azure ${alias}`;
  return (await accessTo(ml)).map(({ scope, role, lacks, problem }): Finding => {
    if (problem !== undefined) return { state: 'bad', what, found: `${scope}: ${problem}` };
    if (lacks.length === 0) return { state: 'ok', what, found: `${scope}: all that a worker does there` };
    const found = `${scope}: nothing grants ${lacks.join(', ')}`;
    return { state: 'bad', what, found, todo: `give the worker's identity ${role} on it` };
  });
}

async function gitHubAccess(github: GitHub, policy: Policy): Promise<Finding[]> {
  const repositories = [...new Set(policy.projects.map(({ repository }) => repository))];
  const looked = repositories.map(async (repository): Promise<Finding[]> => {
    const what = `github ${repository}`;
    const access = await accessToRepository(github, repository);
    const refused = access.filter(({ granted }) => !granted);
    if (refused.length === 0)
      return [{ state: 'ok', what, found: access.map(({ permission }) => permission).join(', ') }];
    return refused.map(({ permission, problem }) => ({
      ...{ state: 'bad', what, found: `${permission}: ${problem ?? 'refused'}` },
      todo: `grant "${permission}" to the App or the token, and accept it in the installation`,
    }));
  });
  const teams = [...new Set(policy.projects.flatMap(teamsOf))];
  const read = teams.map(async (team): Promise<Finding> => {
    const { granted, problem = 'refused', permission } = await accessToTeam(github, team);
    if (granted) return { state: 'ok', what: `github ${team}`, found: permission };
    const todo = 'use a GitHub App with "members: read", or name people in place of the team';
    return { state: 'bad', what: `github ${team}`, found: `nobody of it can approve: ${problem}`, todo };
  });
  return [...(await Promise.all(looked)).flat(), ...(await Promise.all(read))];
}

function teamsOf({ environments, operators }: Policy['projects'][number]): string[] {
  const approvers = Object.values(environments).flatMap((environment) => environment.approvers ?? []);
  const people = operators === 'anyone' ? approvers : [...approvers, ...operators];
  return people.filter((name) => /^@?[^/@]+\/[^/]+$/.test(name));
}
