import { BlobServiceClient, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP, W, makeWorkspace, mlClient, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;

beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
});
afterAll(() => test.stop());

describe("a workspace, by Microsoft's client", () => {
  it('is made with a long-running operation and shows the addresses of its services', async () => {
    const client = mlClient(test.url);
    const made = await client.workspaces.beginCreateOrUpdateAndWait(
      GROUP,
      'ws2',
      { location: 'westeurope' },
      { updateIntervalInMs: 20 },
    );
    expect(made.provisioningState).toBe('Succeeded');
    expect(made.mlFlowTrackingUri).toBe(
      `azureml://${new URL(test.url).host}/mlflow/v1.0${W.replace(/ws1$/, 'ws2')}`,
    );
    const names = [];
    for await (const workspace of client.workspaces.listByResourceGroup(GROUP)) names.push(workspace.name);
    expect(names.sort()).toEqual(['ws1', 'ws2']);
  });

  it('brings its default datastore with a container that takes blobs by the listed key', async () => {
    const client = mlClient(test.url);
    const stores = [];
    for await (const store of client.datastores.list(GROUP, 'ws1', { isDefault: true })) stores.push(store);
    expect(stores.map(({ name }) => name)).toEqual(['workspaceblobstore']);
    const { containerName, accountName } = stores[0]?.properties as {
      containerName?: string;
      accountName?: string;
    };
    const workspace = await client.workspaces.get(GROUP, 'ws1');
    expect(containerName).toBe(`azureml-blobstore-${workspace.workspaceId ?? ''}`);
    const secrets = await client.datastores.listSecrets(GROUP, 'ws1', 'workspaceblobstore');
    const { key } = secrets as { key?: string };
    const blobs = new BlobServiceClient(
      test.emulator.blobUrl,
      new StorageSharedKeyCredential(accountName ?? '', key ?? ''),
    );
    const blob = blobs.getContainerClient(containerName ?? '').getBlockBlobClient('a/b.txt');
    await blob.upload('hello', 5);
    expect((await blob.downloadToBuffer()).toString()).toBe('hello');
  });

  it('does not show secrets in a datastore', async () => {
    const { body } = await test.arm('GET', `${W}/datastores/workspaceblobstore`);
    expect(JSON.stringify(body)).not.toContain('Eby8');
    expect(Object.keys(body).filter((key) => key.startsWith('_'))).toEqual([]);
  });

  it('finds resources whatever the case of the id', async () => {
    const { status, body } = await test.arm('GET', `${W.toLowerCase()}/DATASTORES/WorkspaceBlobStore`);
    expect(status).toBe(200);
    expect(body['id']).toBe(`${W}/datastores/workspaceblobstore`);
  });

  it('makes, resizes by PATCH and deletes a compute', async () => {
    const client = mlClient(test.url);
    const compute = {
      location: 'westeurope',
      properties: {
        computeType: 'AmlCompute' as const,
        properties: { vmSize: 'Standard_DS3_v2', scaleSettings: { minNodeCount: 0, maxNodeCount: 2 } },
      },
    };
    const options = { updateIntervalInMs: 20 };
    const made = await client.computeOperations.beginCreateOrUpdateAndWait(
      GROUP,
      'ws1',
      'cpu',
      compute,
      options,
    );
    expect(made.properties?.provisioningState).toBe('Succeeded');
    const larger = { properties: { scaleSettings: { maxNodeCount: 5 } } };
    await client.computeOperations.beginUpdateAndWait(GROUP, 'ws1', 'cpu', larger, options);
    const { body } = await test.arm('GET', `${W}/computes/cpu`);
    expect(body.properties['properties']).toMatchObject({
      vmSize: 'Standard_DS3_v2',
      scaleSettings: { maxNodeCount: 5 },
    });
    await client.computeOperations.beginDeleteAndWait(GROUP, 'ws1', 'cpu', 'Delete', options);
    await expect(client.computeOperations.get(GROUP, 'ws1', 'cpu')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });
});

describe('versioned assets', () => {
  const data = (path: string) => ({
    properties: { dataType: 'uri_folder', dataUri: `azureml://datastores/workspaceblobstore/paths/${path}` },
  });

  it('count versions up and answer the latest first', async () => {
    for (const version of ['1', '2'])
      await test.arm('PUT', `${W}/data/table/versions/${version}`, data(`t${version}`));
    const container = await test.arm('GET', `${W}/data/table`);
    expect(container.body.properties).toMatchObject({ latestVersion: '2', nextVersion: '3' });
    const newest = await test.arm('GET', `${W}/data/table/versions?$top=1&$orderBy=createdtime desc`);
    expect(newest.body.value.map(({ name }) => name)).toEqual(['2']);
    expect(newest.body['nextLink']).toContain('skip=1');
    const labelled = await test.arm('GET', `${W}/data/table/labels/latest`);
    expect(labelled.body['name']).toBe('2');
  });

  it("keep their path, take new tags, and say so in Azure's words", async () => {
    await test.arm('PUT', `${W}/data/fixed/versions/1`, data('a'));
    const moved = await test.arm('PUT', `${W}/data/fixed/versions/1`, data('b'));
    expect(moved.status).toBe(400);
    expect(moved.body['error']).toMatchObject({
      code: 'UserError',
      message: expect.stringContaining('Asset paths cannot be updated') as string,
    });
    const same = data('a');
    const tagged = await test.arm('PUT', `${W}/data/fixed/versions/1`, {
      properties: { ...same.properties, tags: { k: 'v' } },
    });
    expect(tagged.status).toBe(200);
    expect(tagged.body.properties['tags']).toEqual({ k: 'v' });
  });

  it('answer 409 where an environment version is another one already', async () => {
    await test.arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'a' } });
    expect(
      (await test.arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'b' } })).status,
    ).toBe(409);
    expect(
      (await test.arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'a' } })).status,
    ).toBe(200);
  });

  it('filter models by tags', async () => {
    const model = (tags: Record<string, string>) => ({
      properties: {
        modelUri: 'azureml://jobs/j/outputs/artifacts/paths/model',
        modelType: 'mlflow_model',
        tags,
      },
    });
    await test.arm('PUT', `${W}/models/m/versions/1`, model({ commit: 'abc' }));
    await test.arm('PUT', `${W}/models/m/versions/2`, model({ commit: 'def' }));
    const client = mlClient(test.url);
    const found = [];
    for await (const version of client.modelVersions.list(GROUP, 'ws1', 'm', { tags: 'commit=abc' }))
      found.push(version.name);
    expect(found).toEqual(['1']);
  });

  it('take code through a pending upload, and find it again by its hash under any name', async () => {
    const started = await test.arm('POST', `${W}/codes/c1/versions/1/startPendingUpload`, {
      pendingUploadType: 'TemporaryBlobReference',
    });
    const reference = started.body['blobReferenceForConsumption'] as {
      blobUri: string;
      credential: { sasUri: string };
    };
    await new ContainerClient(reference.credential.sasUri).getBlockBlobClient('src/train.py').upload('x', 1);
    const properties = {
      codeUri: `${reference.blobUri}/src`,
      properties: { hash_sha256: 'h1', hash_version: '202208' },
    };
    expect((await test.arm('PUT', `${W}/codes/c1/versions/1`, { properties })).status).toBe(201);
    const found = await test.arm('GET', `${W}/codes/other/versions?hash=h1&hashVersion=202208`);
    expect(found.body.value.map(({ id }) => id)).toEqual([`${W}/codes/c1/versions/1`]);
    expect(
      (await test.arm('GET', `${W}/codes/other/versions?hash=h2&hashVersion=202208`)).body.value,
    ).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    ['no token', { path: W, headers: {}, status: 401, code: 'AuthenticationFailed' }],
    [
      'no api-version',
      { path: W, headers: { authorization: 'Bearer x' }, status: 400, code: 'MissingApiVersionParameter' },
    ],
    [
      'a garbled api-version',
      {
        path: `${W}?api-version=soon`,
        headers: { authorization: 'Bearer x' },
        status: 400,
        code: 'InvalidApiVersionParameter',
      },
    ],
    ['no such route', { path: '/nowhere', headers: {}, status: 404, code: 'NotFound' }],
  ])('%s', async (_, { path, headers, status, code }) => {
    const answer = await fetch(`${test.url}${path}`, { headers: headers as Record<string, string> });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });

  it.each([
    [
      'a workspace that does not exist',
      'GET',
      W.replace(/ws1$/, 'nope/jobs/j'),
      undefined,
      404,
      'ResourceNotFound',
    ],
    [
      'a group that does not exist',
      'PUT',
      W.replace('/rg1/', '/nope/'),
      { location: 'x' },
      404,
      'ResourceGroupNotFound',
    ],
    ['a job that does not exist', 'GET', `${W}/jobs/nope`, undefined, 404, 'UserError'],
    ['a type that does not exist', 'GET', `${W}/sausages/x`, undefined, 404, 'InvalidResourceType'],
    ['a verb that does not exist', 'PATCH', `${W}/schedules/x`, {}, 405, 'MethodNotAllowed'],
    [
      'properties of the wrong type',
      'PUT',
      `${W}/data/x/versions/1`,
      { properties: 'text' },
      400,
      'UserError',
    ],
    ['a body of the wrong type', 'PUT', `${W}/data/x/versions/1`, [1], 400, 'InvalidRequestContent'],
    [
      'a workspace with a storage account that does not exist',
      'PUT',
      W.replace(/ws1$/, 'w9'),
      { location: 'x', properties: { storageAccount: '/nope' } },
      400,
      'UserError',
    ],
  ])('%s', async (_, method, path, body, status, code) => {
    const answer = await test.arm(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toMatchObject({ code });
  });

  it('broken JSON', async () => {
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json' };
    const answer = await fetch(`${test.url}${W}?api-version=2024-04-01`, {
      method: 'PUT',
      headers,
      body: '{"a":',
    });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'InvalidRequestContent' } });
    expect(text).not.toMatch(/\bat .*\.[jt]s:\d+/);
  });
});
