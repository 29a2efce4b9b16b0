import { readFile } from 'node:fs/promises';
import type { TokenCredential } from '@azure/identity';
import { type AzureMl, createAzureMl } from './azureml/index.js';
import { formatMistake } from './domain/mistake.js';
import type { Policy, WorkspaceTarget } from './domain/policy.js';
import type { GitHub } from './github/index.js';
import { isLoopback, type Settings, SettingsError } from './settings.js';
import { parsePolicy } from './spec/index.js';

/** What the worker and the command line reach the world with, made from the settings in one place. */

/** The operators' policy; `undefined` where the settings name none. @throws SettingsError with every mistake */
export async function loadPolicy({ MLOPS_POLICY: path }: Settings): Promise<Policy | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SettingsError(
      `MLOPS_POLICY: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const parsed = parsePolicy(text, { file: path });
  if (!parsed.ok) throw new SettingsError(parsed.mistakes.map(formatMistake).join('\n'));
  return parsed.policy;
}

/** Makes workspaces' clients: one for each target, with the credential that the policy names for it. */
export function azureClients(
  settings: Settings,
  env: NodeJS.ProcessEnv,
): (target: WorkspaceTarget) => AzureMl {
  const clients = new Map<string, AzureMl>();
  return (target) => {
    const key = JSON.stringify(target);
    const client = clients.get(key) ?? azureClient(settings, env, target);
    clients.set(key, client);
    return client;
  };
}

function azureClient(settings: Settings, env: NodeJS.ProcessEnv, target: WorkspaceTarget): AzureMl {
  return createAzureMl(target, {
    credential: credential(settings, env, target.credential),
    ...(settings.MLOPS_AZURE_URL !== undefined && { armUrl: settings.MLOPS_AZURE_URL }),
    ...(settings.MLOPS_BLOB_URL !== undefined && { blobUrl: settings.MLOPS_BLOB_URL }),
    ...(settings.MLOPS_LOGS_URL !== undefined && { logsUrl: settings.MLOPS_LOGS_URL }),
    ...(settings.MLOPS_STUDIO_URL !== undefined && { studioUrl: settings.MLOPS_STUDIO_URL }),
  });
}

const anHourMs = 3_600_000;

/** The emulator checks no token; anything else gets DefaultAzureCredential, loaded when it is first asked. */
function credential(
  { MLOPS_AZURE_URL: url }: Settings,
  env: NodeJS.ProcessEnv,
  name: string,
): TokenCredential {
  if (url !== undefined && isLoopback(url)) {
    return { getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + anHourMs }) };
  }
  const identity = identityOf(name, env);
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= import('@azure/identity').then(
        ({ DefaultAzureCredential }) => new DefaultAzureCredential(identity),
      );
      return (await made).getToken(scopes, options);
    },
  };
}

/**
 * A credential that the policy names is a managed or workload identity whose client id the worker's settings hold.
 * A worker without it must not reach the workspace with another identity.
 */
function identityOf(
  name: string,
  env: NodeJS.ProcessEnv,
): { managedIdentityClientId?: string; workloadIdentityClientId?: string } {
  if (name === 'default') return {};
  const setting = `MLOPS_CREDENTIAL_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const clientId = env[setting];
  if (clientId === undefined || clientId === '') {
    throw new SettingsError(
      `the policy asks for credential "${name}", which this worker does not have: set ${setting} to the client id of a managed or workload identity`,
    );
  }
  return { managedIdentityClientId: clientId, workloadIdentityClientId: clientId };
}

/** GitHub as the App or the token of the settings. @throws SettingsError where an App's settings are not whole */
export async function gitHubOf(settings: Settings): Promise<GitHub> {
  const { MLOPS_GITHUB_URL: apiUrl, GITHUB_TOKEN: token, GITHUB_APP_ID: appId } = settings;
  const { GITHUB_APP_PRIVATE_KEY_FILE: keyFile, GITHUB_APP_INSTALLATION_ID: installationId } = settings;
  // Loaded by whoever needs it: most commands do not.
  const { createGitHub } = await import('./github/index.js');
  const place = apiUrl === undefined ? {} : { apiUrl };
  if (appId === undefined) return createGitHub({ ...place, ...(token !== undefined && { token }) });
  if (keyFile === undefined || installationId === undefined) {
    throw new SettingsError('GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY_FILE and GITHUB_APP_INSTALLATION_ID');
  }
  return createGitHub({
    ...place,
    app: { appId, privateKey: await readFile(keyFile, 'utf8'), installationId },
  });
}
