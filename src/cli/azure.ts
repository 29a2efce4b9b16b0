import { type AzureMl, AzureError } from '../azureml/index.js';
import { azureClients, loadPolicy } from '../connections.js';
import { localTarget } from '../domain/policy-check.js';
import type { WorkspaceTarget } from '../domain/policy.js';
import { isLoopback, type Settings } from '../settings.js';
import { badInput, type CliError, failed, unreachable } from './failures.js';

/** Which workspace is meant: by its alias, else the one that trains the project. */
export interface WorkspaceChoice {
  readonly workspace?: string;
  readonly project?: string;
}

/** Alias that local use gives to a workspace that nothing names (`spec/normalise.ts`). */
const localAlias = 'dev';

/** Client of a workspace. @throws CliError when the policy does not know it */
export async function azureFor(settings: Settings, choice: WorkspaceChoice): Promise<AzureMl> {
  return azureClients(settings, process.env)(await targetOf(settings, choice));
}

/** The workspace behind an alias, as the operators' policy or local use defines it. */
export async function targetOf(
  settings: Settings,
  { workspace, project }: WorkspaceChoice,
): Promise<WorkspaceTarget> {
  const policy = await loadPolicy(settings);
  if (policy === undefined) return local(settings, workspace ?? localAlias);
  const alias = workspace ?? policy.projects.find(({ name }) => name === project)?.workspace;
  const target = alias === undefined ? undefined : policy.workspaces[alias];
  if (target !== undefined) return target;
  const known = Object.keys(policy.workspaces).join(', ');
  throw badInput(
    `${settings.MLOPS_POLICY ?? 'policy.yml'} has no ${alias === undefined ? `project ${project ?? ''}` : `workspace ${alias}`}; name one with --workspace: ${known}`,
  );
}

/** Aliases that the policy knows; without one, those that local use makes up. */
export async function knownWorkspaces(settings: Settings): Promise<string[]> {
  const policy = await loadPolicy(settings);
  return policy === undefined ? [localAlias] : Object.keys(policy.workspaces);
}

function local({ MLOPS_AZURE_URL: url }: Settings, alias: string): WorkspaceTarget {
  if (url !== undefined && isLoopback(url)) return localTarget(alias);
  throw badInput(
    `which Azure workspace ${alias} is cannot be told: set MLOPS_POLICY to the operators' policy.yml, or MLOPS_AZURE_URL to the local emulator`,
  );
}

/** What an answer of Azure, or the lack of one, means to somebody at a terminal. */
export function explainAzure(error: Error, env: NodeJS.ProcessEnv): CliError {
  if (!(error instanceof AzureError)) return failed(error.message);
  const { status, operation, requestId, code } = error;
  const what = `${operation}: ${error.message} (${code}${requestId === undefined ? '' : `, request ${requestId}`})`;
  if (status !== undefined && status !== 401 && status !== 403 && status < 500)
    return failed(`Azure: ${what}`);
  const tried = env['MLOPS_AZURE_URL'] ?? 'https://management.azure.com';
  return unreachable(
    `Azure could not be used at ${tried}: ${what}\nSet MLOPS_AZURE_URL and MLOPS_BLOB_URL (a local emulator), or sign in for DefaultAzureCredential (\`az login\`, AZURE_CLIENT_ID, …) with a right to read the workspace.`,
  );
}
