import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmulator } from '../../emulator/src/index.js';
import { type CliRun, folderOf, runHere } from '../cli/support.js';
import { policyText } from '../support/policy-text.js';
import { startTemporalServer, type TemporalServer } from '../support/temporal-server.js';

let server: TemporalServer;
let emulator: Awaited<ReturnType<typeof startEmulator>>;
let dataDir: string;
let env: Record<string, string>;

async function control(method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${emulator.url}/_emulator/${path}`, {
    ...{ method, headers },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mlops-doctor-'));
  [server, emulator] = await Promise.all([startTemporalServer(), startEmulator({ dataDir, quiet: true })]);
  await control('POST', 'github/users', { login: 'worker', token: 'worker-token' });
  await control('POST', 'github/users', { login: 'reader', token: 'reader-token' });
  const collaborators = { worker: 'write', reader: 'read' };
  await control('POST', 'github/repos', { owner: 'contoso', name: 'models', collaborators });
  const folder = await folderOf({ 'policy.yml': policyText({ models: { repository: 'contoso/models' } }) });
  env = {
    TEMPORAL_ADDRESS: server.address,
    MLOPS_POLICY: join(folder, 'policy.yml'),
    MLOPS_AZURE_URL: emulator.url,
    MLOPS_GITHUB_URL: `${emulator.url}/github`,
    GITHUB_TOKEN: 'worker-token',
  };
});
afterAll(async () => {
  await Promise.all([server.stop(), emulator.stop()]);
  await rm(dataDir, { recursive: true });
});

function doctor(more: Record<string, string> = {}): Promise<CliRun> {
  return runHere(['doctor', '--worker', '--ports', 'history=1'], { env: { ...env, ...more } });
}

/** The lines of Azure and GitHub, with what to do about them. */
function access({ out }: CliRun): string[] {
  return out
    .replaceAll(/\n {4}→/g, ' →')
    .split('\n')
    .filter((line) => /^\S (azure|github) /.test(line));
}

test('a worker that may do everything is told so, place by place', async () => {
  expect(access(await doctor())).toEqual([
    '✔ azure dev: workspace mlops-dev: all that a worker does there',
    '✔ azure dev: resource group mlops-dev: all that a worker does there',
    '✔ azure prod: workspace mlops-prod: all that a worker does there',
    '✔ azure prod: resource group mlops-prod: all that a worker does there',
    '✔ github contoso/models: metadata: read, contents: read, pull requests: read, issues: write, deployments: write, commit statuses: write',
  ]);
});

test('operations that no role grants are named, with the role that does', async () => {
  const notActions = [
    'Microsoft.MachineLearningServices/workspaces/jobs/*',
    'Microsoft.Insights/diagnosticSettings/write',
  ];
  await control('PUT', 'conditions', { permissions: { notActions } });
  const run = await doctor();
  await control('PUT', 'conditions', {});
  expect(run.code).toBe(1);
  expect(access(run).slice(0, 2)).toEqual([
    "✘ azure dev: workspace mlops-dev: nothing grants Microsoft.MachineLearningServices/workspaces/jobs/read, Microsoft.MachineLearningServices/workspaces/jobs/write, Microsoft.MachineLearningServices/workspaces/jobs/cancel/action → give the worker's identity AzureML Data Scientist on it",
    "✘ azure dev: resource group mlops-dev: nothing grants Microsoft.Insights/diagnosticSettings/write → give the worker's identity Monitoring Contributor on it",
  ]);
});

test('a token that may only read is refused permission by permission; a wrong one says that it is wrong', async () => {
  const reader = access(await doctor({ GITHUB_TOKEN: 'reader-token' })).filter((line) =>
    line.includes('github'),
  );
  expect(reader.map((line) => /^✘ github contoso\/models: ([a-z: ]+): /.exec(line)?.[1])).toEqual([
    'deployments: write',
    'commit statuses: write',
  ]);
  const wrong = access(await doctor({ GITHUB_TOKEN: 'nobody' })).filter((line) => line.includes('github'));
  expect(wrong[0]).toContain('the token or the App key is wrong or has expired');
  expect(wrong.join()).not.toContain('nobody');
});

test('without a policy there is nothing to look at', async () => {
  const run = await doctor({ MLOPS_POLICY: '' });
  expect(run.out).toContain('✘ policy: MLOPS_POLICY names none');
});
