import { ContainerClient } from '@azure/storage-blob';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildBin, startBin } from '../support/bin.js';
import type { BinProcess } from '../support/bin.js';
import { CONDA } from '../support/deployments.js';

const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg';
const W = `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws1`;
const SCORE = `import os
def init():
    open(os.environ["PID_FILE"], "w").write(str(os.getpid()))
def run(data):
    return []
`;

let dataDir: string;
let emulator: BinProcess;
let url: string;

beforeAll(buildBin);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'azureml-emulator-'));
  emulator = startBin(dataDir, '--no-https');
  ({ url } = await emulator.ready());
});
afterEach(async () => {
  if (emulator.child.exitCode === null) emulator.child.kill('SIGKILL');
  await emulator.ended;
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

type Body = { properties: Record<string, unknown> } & Record<string, unknown>;

async function arm(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await fetch(`${url}${path}?api-version=2024-04-01`, {
    method,
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

function settled(path: string, timeout: number): Promise<void> {
  const state = async () => (await arm('GET', path)).properties['provisioningState'];
  return expect.poll(state, { timeout, interval: 200 }).toBe('Succeeded');
}

async function makeWorkspace(): Promise<void> {
  await arm('PUT', GROUP, { location: 'westeurope' });
  await arm('PUT', W, { location: 'westeurope', properties: {} });
  await settled(W, 10_000);
  await arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'x', condaFile: CONDA } });
}

async function deploy(pidFile: string): Promise<void> {
  const pending = await arm('POST', `${W}/codes/c/versions/1/startPendingUpload`, {});
  const { blobUri, credential } = pending['blobReferenceForConsumption'] as {
    blobUri: string;
    credential: { sasUri: string };
  };
  const container = new ContainerClient(credential.sasUri);
  await container.getBlockBlobClient('code/score.py').upload(SCORE, SCORE.length);
  await arm('PUT', `${W}/codes/c/versions/1`, { properties: { codeUri: `${blobUri}/code` } });
  await arm('PUT', `${W}/onlineEndpoints/killed`, {
    location: 'westeurope',
    properties: { authMode: 'Key' },
  });
  await settled(`${W}/onlineEndpoints/killed`, 10_000);
  await arm('PUT', `${W}/onlineEndpoints/killed/deployments/blue`, {
    location: 'westeurope',
    sku: { name: 'Default', capacity: 1 },
    properties: {
      endpointComputeType: 'Managed',
      instanceType: 'Standard_DS3_v2',
      environmentId: `${W}/environments/e/versions/1`,
      codeConfiguration: { codeId: `${W}/codes/c/versions/1`, scoringScript: 'score.py' },
      environmentVariables: { PID_FILE: pidFile },
    },
  });
  await settled(`${W}/onlineEndpoints/killed/deployments/blue`, 500_000);
}

async function pidIn(file: string): Promise<number> {
  const read = async () => Number(await readFile(file, 'utf8').catch(() => ''));
  await expect.poll(read, { timeout: 500_000, interval: 200 }).toBeGreaterThan(0);
  return read();
}

/** A zombie, which nobody has waited for, is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

it('leaves neither a job nor a server behind when it is killed', async () => {
  await makeWorkspace();
  const files = { job: join(dataDir, 'job.pid'), server: join(dataDir, 'server.pid') };
  await deploy(files.server);
  await arm('PUT', `${W}/jobs/long`, {
    properties: {
      jobType: 'Command',
      command: `sleep 600 & echo $! > ${files.job}; wait`,
      environmentId: `${W}/environments/e/versions/1`,
    },
  });
  const pids = [await pidIn(files.job), await pidIn(files.server)];
  expect(pids.map(isAlive)).toEqual([true, true]);
  emulator.child.kill('SIGKILL');
  await emulator.ended;
  await expect.poll(() => pids.map(isAlive), { timeout: 20_000 }).toEqual([false, false]);

  emulator = startBin(dataDir, '--no-https');
  ({ url } = await emulator.ready());
  expect((await arm('GET', `${W}/jobs/long`)).properties).toMatchObject({
    status: 'Failed',
    error: { code: 'EmulatorStopped' },
  });
}, 600_000);
