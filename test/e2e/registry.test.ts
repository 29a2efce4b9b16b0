import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerOf, score } from '../../tools/local/traffic.js';
import { edit, Stack } from '../support/stack.js';
import type { LifecycleStatus } from '../../src/workflows/messages.js';

const repository = { owner: 'contoso', name: 'shipping' };
const other = { owner: 'contoso', name: 'elsewhere' };

let stack: Stack;
let dir: string;
let first: LifecycleStatus;

beforeAll(async () => {
  stack = await Stack.start({
    shipping: { repository: 'contoso/shipping', registries: ['shared'] },
    elsewhere: { repository: 'contoso/elsewhere' },
  });
  await stack.repositories(repository, other);
  dir = await stack.checkout('examples/registry');
});
afterAll(() => stack.stop());

interface Model {
  readonly id: string;
  readonly properties: {
    readonly modelUri: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly properties: Readonly<Record<string, string>>;
  };
}

function versionOf({ models }: LifecycleStatus): string {
  return models[0]?.version ?? '';
}

async function released(seed: string): Promise<LifecycleStatus> {
  await edit(dir, 'azureml/train.yml', ['seed: 1', seed]);
  const id = await stack.start({ repository, dir });
  await stack.approve(id);
  return await stack.ended(id);
}

test('a model crosses by the registry, and production serves it without registering or training it', async () => {
  const since = await stack.azure.now();
  const id = await stack.start({ repository, dir });
  const { approval } = await stack.until(
    id,
    'an approval is asked',
    (status) => status.approval !== undefined,
  );
  await stack.approve(id);
  first = await stack.ended(id);
  expect(first.verdict).toBe('released');

  const path = `models/shipping/versions/${versionOf(first)}`;
  const own = await stack.azure.get<Model>('dev', path);
  const shared = await stack.azure.registry<Model>('contoso-models', path);
  expect(shared?.id).toBe(`azureml://registries/contoso-models/${path}`);
  expect(shared?.properties.tags).toEqual(own?.properties.tags);
  const hash = own?.properties.tags['mlops.hash'];
  expect(shared?.properties.properties['mlops.hash']).toBe(hash);
  expect(approval?.evidence.model).toMatchObject({ hash, registry: { id: shared?.id, hash } });
  expect(await stack.azure.get('prod', path)).toBeUndefined();

  const [name = ''] = (await stack.azure.endpoint('prod', 'shipping')).deployments;
  const deployment = await stack.azure.get<{ properties: { model: string } }>(
    'prod',
    `onlineEndpoints/shipping/deployments/${name}`,
  );
  expect(deployment?.properties.model).toBe(shared?.id);
  const puts = await stack.azure.puts('jobs', since);
  expect(puts.every(({ path: put }) => put.includes('mlops-dev'))).toBe(true);
  const uri = Object.values(first.releases)[0]?.scoringUri ?? '';
  const caller = await callerOf(stack.machine.addresses, 'prod', 'shipping', uri);
  const answer = await score(caller, '{"km": [12.5, 980]}');
  expect(JSON.parse(answer.body)).toEqual([false, true]);
});

test('the next model is held against what serves from the registry, and takes its place', async () => {
  const second = await released('seed: 4');
  expect(second.verdict).toBe('released');
  expect(second.gate?.summary).toContain('champion');
  expect(versionOf(second)).not.toBe(versionOf(first));
});

test('an environment that production does not have crosses with the model', async () => {
  const conda = await readFile(join(dir, 'azureml/conda.yml'), 'utf8');
  await stack.azure.put('dev', 'environments/serving/versions/3', {
    properties: { image: 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04', condaFile: conda },
  });
  await edit(dir, 'azureml/deployment.yml', ['azureml:shipping:1', 'azureml:serving:3']);
  await edit(dir, 'azureml/train.yml', ['seed: 4', 'seed: 15']);
  const id = await stack.start({ repository, dir });
  await stack.approve(id);
  const end = await stack.ended(id);
  expect(end.verdict).toBe('released');
  expect(end.notes.join('\n')).toContain('with the environments serving:3');
  const { traffic } = await stack.azure.endpoint('prod', 'shipping');
  const [serving = ''] = Object.keys(traffic);
  const deployment = await stack.azure.get<{ properties: { environmentId: string } }>(
    'prod',
    `onlineEndpoints/shipping/deployments/${serving}`,
  );
  expect(deployment?.properties.environmentId).toBe(
    'azureml://registries/contoso-models/environments/serving/versions/3',
  );
  expect(await stack.azure.get('prod', 'environments/serving/versions/3')).toBeUndefined();
});

test('a registry that is not there blocks, and says who can make it', async () => {
  await stack.azure.fault({
    match: { method: 'GET', path: '/registries/' },
    times: 2,
    answer: { status: 404, code: 'ResourceNotFound', message: 'not found' },
  });
  await edit(dir, 'azureml/train.yml', ['seed: 15', 'seed: 130']);
  await edit(dir, 'mlops.yaml', ['setup: [azureml/registry.yml, ', 'setup: [']);
  const id = await stack.start({ repository, dir });
  const { blocked } = await stack.until(id, 'it is blocked', (status) => status.blocked !== undefined);
  expect(blocked?.type).toBe('InfrastructureMissing');
  expect(blocked?.message).toContain('there is no registry contoso-models in resource group mlops-dev');
  await stack.client.workflow.getHandle(id).cancel();
  expect((await stack.ended(id)).verdict).toBe('cancelled');
});

test('a registry that may not be written blocks with who lacks which right; one that holds other contents is never changed', async () => {
  await stack.azure.fault({
    match: { method: 'POST', path: '/registries/' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'no write' },
  });
  await edit(dir, 'mlops.yaml', ['setup: [', 'setup: [azureml/registry.yml, ']);
  const id = await stack.start({ repository, dir });
  const { blocked } = await stack.until(id, 'it is blocked', (status) => status.blocked !== undefined);
  expect(blocked?.type).toBe('NotAuthorized');
  expect(blocked?.message).toContain('workspace mlops-dev may not write registry contoso-models');
  expect(blocked?.message).toContain('AzureML Registry User');

  const { models } = await stack.status(id);
  const path = `models/shipping/versions/${models[0]?.version ?? ''}`;
  await stack.azure.putRegistry('contoso-models', path, {
    properties: { modelType: 'custom_model', modelUri: 'https://elsewhere.blob.core.windows.net/a/b' },
  });
  await stack.client.workflow.getHandle(id).signal('retry');
  const end = await stack.ended(id);
  expect(end.verdict).toBe('failed');
  expect(end.why).toContain('that something else put there');
});

test('a project that the policy gives no registry is refused before anything starts', async () => {
  const place = await stack.checkout('examples/registry');
  await edit(place, 'mlops.yaml', ['name: shipping\n', 'name: elsewhere\n']);
  const end = await stack.ended(await stack.start({ repository: other, dir: place }));
  expect(end.verdict).toBe('failed');
  expect(end.why).toContain('registry: elsewhere may not put models into shared; allowed are none');
});
