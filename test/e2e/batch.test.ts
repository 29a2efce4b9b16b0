import { afterAll, beforeAll, expect, test } from 'vitest';
import { endpointId } from '../../src/domain/keys.js';
import { workspaceHash } from '../../src/azureml/index.js';
import { type EndpointStatus, type LifecycleStatus, messages } from '../../src/workflows/messages.js';
import { workspaceOf } from '../../tools/local/workspace.js';
import { runHere, runProcess } from '../cli/support.js';
import { edit, Stack } from '../support/stack.js';

const repository = { owner: 'contoso', name: 'parcels' };

let stack: Stack;
let dir: string;
let first: string;

beforeAll(async () => {
  stack = await Stack.start({ parcels: { repository: 'contoso/parcels' } });
  await stack.repositories(repository);
  dir = await stack.checkout('examples/batch');
});
afterAll(() => stack.stop());

interface BatchEndpoint {
  readonly properties: { readonly defaults?: { readonly deploymentName?: string | null } };
}

/** The default deployment of an endpoint; empty where there is none. */
async function defaultOf(workspace: string, endpoint: string): Promise<string> {
  const found = await stack.azure.get<BatchEndpoint>(workspace, `batchEndpoints/${endpoint}`);
  return found?.properties.defaults?.deploymentName ?? '';
}

async function deployments(): Promise<string[]> {
  const path = 'batchEndpoints/parcels/deployments';
  const found = await stack.azure.get<{ value: { name: string }[] }>('prod', path);
  return (found?.value ?? []).map(({ name }) => name);
}

async function owner(): Promise<EndpointStatus> {
  return await stack.client.workflow.getHandle(await ownerId()).query<EndpointStatus>(messages.status);
}

async function ownerId(): Promise<string> {
  const { target } = await workspaceOf(stack.machine.addresses, 'prod');
  return endpointId(workspaceHash(target), 'parcels');
}

async function asked(id: string): Promise<LifecycleStatus> {
  return await stack.until(id, 'an approval is asked', (status) => status.approval !== undefined);
}

test('a deployment is tested by a job, then approved, then the default', async () => {
  const id = await stack.start({ repository, dir });
  const { approval, notes } = await asked(id);
  expect(approval?.evidence.trial).toMatchObject({ rows: 8 });
  expect(approval?.evidence.rollout).toBe('the default at once');
  expect(notes.join('\n')).toMatch(/production: d-\w+: 8 rows scored by job \S+, the first: A-1,in time/);
  expect(await defaultOf('prod', 'parcels')).toBe('');
  const [tried] = await deployments();
  expect(await defaultOf('dev', 'parcels-staging')).toMatch(/^d-/);

  await stack.approve(id);
  const end = await stack.ended(id);
  expect(end.verdict).toBe('released');
  first = await defaultOf('prod', 'parcels');
  expect(first).toBe(tried);
  // The test of the trial was found finished, not run once more.
  const jobs = await stack.azure.get<{ value: unknown[] }>('prod', 'batchEndpoints/parcels/jobs');
  expect(jobs?.value).toHaveLength(1);
});

test('a worker killed during the test costs no second job, and a rollback makes the first model the default again', async () => {
  await edit(dir, 'azureml/train.yml', ['seed: 1', 'seed: 4']);
  await edit(dir, 'serve/score.py', ['def init():\n', 'def init():\n    __import__("time").sleep(3)\n']);
  const id = await stack.start({ repository, dir, timing: { heartbeatMs: 4_000, answerMs: 5_000 } });
  await stack.scheduled(await ownerId(), 'lookAtJob', 2);
  await stack.machine.killWorker();
  await stack.machine.startWorker();
  await asked(id);
  expect(await defaultOf('prod', 'parcels')).toBe(first);
  await stack.approve(id);
  expect((await stack.ended(id)).verdict).toBe('released');
  const second = await defaultOf('prod', 'parcels');
  expect(second).not.toBe(first);
  const path = `batchEndpoints/parcels/deployments/${second}/jobs`;
  const jobs = await stack.azure.get<{ value: unknown[] }>('prod', path);
  expect(jobs?.value).toHaveLength(1);

  await stack.client.workflow.getHandle(await ownerId()).signal(messages.rollback);
  await stack.eventually(
    () => 'the first model is the default again',
    async () => ((await owner()).champion?.deployment === first ? true : undefined),
  );
  expect(await defaultOf('prod', 'parcels')).toBe(first);
  expect((await deployments()).sort()).toEqual([first, second].sort());
});

test('people score by the default deployment, wait for it, and find a job again by its name', async () => {
  const { emulator, blob } = stack.machine.addresses;
  const env = { MLOPS_AZURE_URL: emulator, MLOPS_BLOB_URL: blob, MLOPS_POLICY: stack.policy };
  const call = (...args: readonly string[]) =>
    runHere(['invoke', 'parcels', '--workspace', 'prod', ...args], { cwd: dir, env });
  const scored = await call('--input', 'sample', '--name', 'tonight', '--json');
  expect(scored.code, scored.err).toBe(0);
  expect(JSON.parse(scored.out)).toMatchObject({ job: 'tonight', status: 'Completed', rows: 8 });
  expect(scored.err).toContain('started tonight: http');
  const again = await call('--input', 'sample', '--name', 'tonight', '--json');
  expect(again.err).toContain('found tonight');
  const wrong = await call('--input', 'azureml:nothing@latest');
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain('has no data asset nothing, version latest');
  const elsewhere = await runHere(['invoke', 'no-such', '--workspace', 'prod', '--input', 'sample'], {
    cwd: dir,
    env,
  });
  expect(elsewhere.err).toContain('batch endpoint no-such does not exist in workspace mlops-prod');
});

test('whoever would retire the endpoint reads who called it, by its jobs', async () => {
  const { emulator, blob, temporal } = stack.machine.addresses;
  const env = {
    ...{ MLOPS_AZURE_URL: emulator, MLOPS_BLOB_URL: blob, MLOPS_POLICY: stack.policy },
    TEMPORAL_ADDRESS: temporal,
  };
  const told = await runProcess(['retire', 'parcels', '--dry-run'], { cwd: dir, env });
  expect(told.code, told.err).toBe(0);
  expect(told.out).toMatch(/\d+ requests/);
  expect(told.out).toContain(first);
});

test('a job that fails says why, and leaves the default as it was', async () => {
  const before = await defaultOf('dev', 'parcels-staging');
  await edit(dir, 'serve/score.py', ['parcel["km"]', 'parcel["kilometres"]']);
  const end = await stack.ended(await stack.start({ repository, dir }));
  expect(end.verdict).toBe('failed');
  expect(end.why).toMatch(/the test of d-\w+ failed: job parcels-staging-d-\w+-test-\w+ failed/);
  expect(end.why).toContain("KeyError: 'kilometres'");
  expect(await defaultOf('dev', 'parcels-staging')).toBe(before);
  const path = 'batchEndpoints/parcels-staging/deployments';
  const left = await stack.azure.get<{ value: { name: string }[] }>('dev', path);
  expect(left?.value.map(({ name }) => name)).toContain(before);
  expect(left?.value).toHaveLength(2);
});
