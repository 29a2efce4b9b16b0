import { type Granted, lacking, type Needed } from '../domain/permissions.js';
import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { getOrUndefined, listAll } from './transport.js';

/** Whether who asks may do at one scope what a worker does there. */
export interface ScopeAccess {
  /** What people call the scope. */
  readonly scope: string;
  /** Azure's role that grants all of it. */
  readonly role: string;
  /** Operations that nothing grants. */
  readonly lacks: readonly string[];
  /** Why it could not be asked; then nothing is known of `lacks`. */
  readonly problem?: string;
}

const AUTHORIZATION_API = '2022-04-01';
const ML = 'Microsoft.MachineLearningServices/workspaces';
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** Names of operations: https://learn.microsoft.com/azure/role-based-access-control/permissions/ai-machine-learning */
const inWorkspace: Needed = {
  actions: [
    ...['jobs/read', 'jobs/write', 'jobs/cancel/action'],
    ...['data/versions/read', 'data/versions/write', 'datastores/listSecrets/action'],
    ...['codes/versions/write', 'components/versions/write', 'environments/versions/write'],
    ...['models/versions/read', 'models/versions/write'],
    ...['onlineEndpoints/read', 'onlineEndpoints/write', 'onlineEndpoints/listKeys/action'],
    ...['onlineEndpoints/deployments/write', 'onlineEndpoints/deployments/delete'],
    ...['batchEndpoints/write', 'batchEndpoints/deployments/write'],
  ].map((name) => `${ML}/${name}`),
};
const inStorage: Needed = { dataActions: ['read', 'write', 'delete'].map((name) => `${BLOBS}/${name}`) };
const inLogs: Needed = { actions: ['Microsoft.OperationalInsights/workspaces/query/read'] };
const inGroup: Needed = { actions: ['Microsoft.Insights/diagnosticSettings/write'] };

/** Asks Azure what it grants, by "Permissions - List": nothing is tried, and nothing is changed. */
export async function accessTo(ml: AzureMl): Promise<ScopeAccess[]> {
  const { name, resourceGroup, logAnalytics } = ml.target;
  const group = ml.id.slice(0, ml.id.toLowerCase().indexOf('/providers/'));
  const storage = await storageOf(ml);
  const scopes = [
    { scope: `workspace ${name}`, id: ml.id, needed: inWorkspace, role: 'AzureML Data Scientist' },
    ...(storage === undefined
      ? []
      : [{ ...storage, needed: inStorage, role: 'Storage Blob Data Contributor' }]),
    ...(logAnalytics === undefined
      ? []
      : [{ scope: named(logAnalytics), id: logAnalytics, needed: inLogs, role: 'Log Analytics Reader' }]),
    { scope: `resource group ${resourceGroup}`, id: group, needed: inGroup, role: 'Monitoring Contributor' },
  ];
  return Promise.all(
    scopes.map(async ({ scope, id, needed, role }) => {
      try {
        return { scope, role, lacks: lacking(needed, await grantedAt(ml, id)) };
      } catch (thrown) {
        return { scope, role, lacks: [], problem: problemOf(thrown) };
      }
    }),
  );
}

async function grantedAt(ml: AzureMl, scope: string): Promise<Granted[]> {
  const path = `${scope}/providers/Microsoft.Authorization/permissions`;
  return (await listAll(ml, path, { apiVersion: AUTHORIZATION_API })) as Granted[];
}

async function storageOf(ml: AzureMl): Promise<{ readonly scope: string; readonly id: string } | undefined> {
  const workspace = await getOrUndefined(ml, ml.id).catch(() => undefined);
  const id = (workspace as { properties?: { storageAccount?: string } } | undefined)?.properties
    ?.storageAccount;
  return id === undefined ? undefined : { scope: named(id), id };
}

/** `storageAccounts st…` of an ARM id. */
function named(id: string): string {
  return id.split('/').slice(-2).join(' ');
}

function problemOf(thrown: unknown): string {
  if (!(thrown instanceof AzureError)) return thrown instanceof Error ? thrown.message : String(thrown);
  return `${thrown.status ?? 'no answer'} ${thrown.code}: ${thrown.message}`;
}
