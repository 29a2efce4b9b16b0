import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AzureRequest } from '../support/azure-control.js';
import { edit, Stack } from '../support/stack.js';
import { slower, type Tiny, tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;
let project: Tiny;

/** A dead worker's step goes on soon; a machine busy with tests still answers within these. */
const timing = { heartbeatMs: 6_000, answerMs: 8_000 };

beforeAll(async () => {
  stack = await Stack.start(tinyEntries('crash'));
  project = await tiny(stack, 'crash');
});
afterAll(() => stack.stop());

async function replaceWorker(): Promise<void> {
  await stack.machine.killWorker();
  await stack.machine.startWorker();
}

test('the Temporal server is killed during training and goes on from its database', async () => {
  await slower(project, 3);
  const id = await stack.start({ ...project, timing });
  await stack.scheduled(`${id}/train/low`, 'lookAtJob');
  await stack.machine.crashTemporal();

  await stack.approve(id);
  expect((await stack.ended(id)).verdict).toBe('released');
  expect(created(await stack.azure.puts('jobs'))).toHaveLength(3);
});

test('a worker killed in every phase is replaced: same end, and nothing is made twice', async () => {
  const first = await stack.azure.endpoint('prod', 'crash');
  const since = await stack.azure.now();
  await edit(project.dir, 'azureml/environment.yml', ["version: '1'", "version: '2'"]);
  await edit(project.dir, 'azureml/prepare.yml', ['rows: 200', 'rows: 300'], ['seconds: 0', 'seconds: 2']);
  const [staging, production] = await Promise.all([endpointOwner('crash-staging'), endpointOwner('crash')]);
  const deployments = await stack.countScheduled(staging, 'beginDeployment');
  const promotions = await stack.countScheduled(production, 'beginDeployment');

  const id = await stack.start({ ...project, timing });
  const die = async (workflow: string, activity: string, before = 0): Promise<void> => {
    await stack.scheduled(workflow, activity, before);
    await replaceWorker();
  };
  await die(`${id}/setup`, 'applySetupItem');
  await die(id, 'lookAtJob');
  await die(`${id}/train/low`, 'lookAtJob');
  await die(id, 'registerModel');
  await die(staging, 'beginDeployment', deployments);

  const { approval } = await stack.until(
    id,
    'an approval is asked',
    (status) => status.approval !== undefined,
  );
  await stack.machine.killWorker();
  await stack.client.workflow.getHandle(id).signal(approval?.approve ?? '', { by: 'grace-hopper' });
  await stack.machine.startWorker();

  await die(production, 'beginDeployment', promotions);
  await die(production, 'compareDeployments');
  await die(id, 'upsertMonitor');

  const end = await stack.ended(id);
  expect(end.verdict).toBe('released');
  expect(end.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
    'setup done',
    'train done',
    'register done',
    'stage done',
    'promote done',
    'monitor done',
  ]);
  expect(end.decisions).toHaveLength(1);

  const requests = await stack.azure.requests(since);
  const made = (type: string): string[] => created(requests.filter(isPut(type)));
  expect(made('jobs').map(withoutHash)).toEqual(['crash-low', 'crash-middle', 'crash-prepare']);
  expect(made('environments/tiny/versions').sort()).toEqual(['2', '2']);
  // Registered where it was trained, copied to where it serves.
  const version = end.models[0]?.version;
  expect(made('models/crash/versions')).toEqual([version, version]);
  expect(made('deployments')).toHaveLength(2);
  const now = await stack.azure.endpoint('prod', 'crash');
  expect(now.deployments).toHaveLength(2);
  expect(now.deployments).toEqual(expect.arrayContaining([...first.deployments]));
  expect(Object.values(now.traffic)).toEqual([100]);
  expect(Object.keys(now.traffic)).not.toEqual(Object.keys(first.traffic));
});

const isPut =
  (type: string) =>
  ({ method, path }: AzureRequest): boolean =>
    method === 'PUT' && new RegExp(`/${type}/[^/]+$`).test(path);

/** Names of what PUTs really made: the same PUT again is answered 200. */
function created(puts: readonly AzureRequest[]): string[] {
  return puts
    .filter(({ status }) => status === 201)
    .map(({ path }) => path.split('/').at(-1) ?? '')
    .sort();
}

const withoutHash = (job: string): string => job.replace(/-[0-9a-f]{10}$/, '');

async function endpointOwner(endpoint: string): Promise<string> {
  for await (const { workflowId } of stack.client.workflow.list({ query: `WorkflowType = 'endpoint'` }))
    if (workflowId.endsWith(`/${endpoint}`)) return workflowId;
  throw new Error(`nobody owns endpoint ${endpoint}`);
}
