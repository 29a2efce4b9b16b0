import { expect, test } from 'vitest';
import { azureClients } from '../src/connections.js';
import type { WorkspaceTarget } from '../src/domain/policy.js';
import { loadSettings } from '../src/settings.js';

const target = (credential: string): WorkspaceTarget => ({
  alias: 'prod',
  subscription: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'rg',
  name: 'ws',
  location: 'westeurope',
  taskQueue: 'mlops',
  credential,
});

test('a workspace whose credential this worker does not hold is not reached by another one', () => {
  const clients = azureClients(loadSettings({}), { MLOPS_CREDENTIAL_DEV: '1', MLOPS_CREDENTIAL_PROD: '' });
  expect(() => clients(target('prod'))).toThrow(
    /credential "prod".*set MLOPS_CREDENTIAL_PROD to the client id/,
  );
  expect(() => clients(target('eu-west.prod'))).toThrow('MLOPS_CREDENTIAL_EU_WEST_PROD');
});

test('each workspace has one client, made with the credential that the policy names for it', () => {
  const clients = azureClients(loadSettings({}), { MLOPS_CREDENTIAL_PROD: 'client-id' });
  expect(clients(target('prod'))).toBe(clients(target('prod')));
  expect(clients(target('prod'))).not.toBe(clients(target('default')));
});

test('no identity leaves this machine for an emulator on it', async () => {
  const settings = loadSettings({ MLOPS_AZURE_URL: 'http://127.0.0.1:4510' });
  const { connection } = azureClients(settings, {})(target('prod'));
  expect(await connection.credential.getToken('https://management.azure.com/.default')).toMatchObject({
    token: 'local',
  });
});
