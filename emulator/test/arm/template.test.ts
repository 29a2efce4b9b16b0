import { ResourceManagementClient } from '@azure/arm-resources';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GROUP, SUBSCRIPTION, credential, loosen, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
let client: ResourceManagementClient;
const options = { updateIntervalInMs: 20 };
const base = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`;

beforeAll(async () => {
  test = await startTestEmulator();
  client = new ResourceManagementClient(credential, SUBSCRIPTION, {
    endpoint: test.url,
    allowInsecureConnection: true,
  });
  loosen(client.pipeline);
});
afterAll(() => test.stop());

const template = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: {
    name: { type: 'string' },
    location: { type: 'string', defaultValue: '[resourceGroup().location]' },
  },
  variables: { storage: "[concat('st', parameters('name'))]" },
  resources: [
    {
      type: 'Microsoft.MachineLearningServices/workspaces',
      apiVersion: '2024-04-01',
      name: "[parameters('name')]",
      location: "[parameters('location')]",
      identity: { type: 'SystemAssigned' },
      dependsOn: ["[resourceId('Microsoft.Storage/storageAccounts', variables('storage'))]", 'kv', 'ai'],
      properties: {
        storageAccount: "[resourceId('Microsoft.Storage/storageAccounts', variables('storage'))]",
        keyVault: "[resourceId('Microsoft.KeyVault/vaults', 'kv')]",
        applicationInsights: "[resourceId('Microsoft.Insights/components', 'ai')]",
      },
    },
    {
      type: 'Microsoft.Storage/storageAccounts',
      apiVersion: '2023-01-01',
      name: "[variables('storage')]",
      location: 'x',
      kind: 'StorageV2',
      sku: { name: 'Standard_LRS' },
    },
    {
      type: 'Microsoft.KeyVault/vaults',
      apiVersion: '2023-07-01',
      name: 'kv',
      location: 'x',
      properties: { sku: { name: 'standard' } },
    },
    {
      type: 'Microsoft.Insights/components',
      apiVersion: '2020-02-02',
      name: 'ai',
      location: 'x',
      kind: 'web',
      properties: { WorkspaceResourceId: "[resourceId('Microsoft.OperationalInsights/workspaces', 'logs')]" },
    },
    {
      type: 'Microsoft.OperationalInsights/workspaces',
      apiVersion: '2022-10-01',
      name: 'logs',
      location: 'x',
    },
    {
      type: 'Microsoft.Insights/diagnosticSettings',
      apiVersion: '2021-05-01-preview',
      name: 'traffic',
      scope: "[resourceId('Microsoft.MachineLearningServices/workspaces', parameters('name'))]",
      dependsOn: ["[parameters('name')]"],
      properties: {
        workspaceId: "[resourceId('Microsoft.OperationalInsights/workspaces', 'logs')]",
        logs: [],
      },
    },
  ],
  outputs: {
    guid: {
      type: 'string',
      value:
        "[reference(resourceId('Microsoft.MachineLearningServices/workspaces', parameters('name'))).workspaceId]",
    },
  },
};

it('makes the resources of a template in the order of their dependencies', async () => {
  const properties = { mode: 'Incremental' as const, template, parameters: { name: { value: 'wsp' } } };
  const done = await client.deployments.beginCreateOrUpdateAndWait(GROUP, 'd1', { properties }, options);
  expect(done.properties?.provisioningState).toBe('Succeeded');
  const workspace = await test.arm(
    'GET',
    `${base}/providers/Microsoft.MachineLearningServices/workspaces/wsp`,
  );
  expect(workspace.body).toMatchObject({
    location: 'westeurope',
    properties: {
      storageAccount: `${base}/providers/Microsoft.Storage/storageAccounts/stwsp`,
      provisioningState: 'Succeeded',
    },
  });
  expect(done.properties?.outputs).toEqual({
    guid: { type: 'string', value: workspace.body.properties['workspaceId'] },
  });
  const setting = await test.arm(
    'GET',
    `${String(workspace.body['id'])}/providers/Microsoft.Insights/diagnosticSettings/traffic`,
  );
  expect(setting.body.properties['workspaceId']).toBe(
    `${base}/providers/Microsoft.OperationalInsights/workspaces/logs`,
  );
  const made = [];
  for await (const resource of client.resources.listByResourceGroup(GROUP)) made.push(resource.name);
  expect(made.sort()).toEqual(['ai', 'kv', 'logs', 'stwsp', 'wsp']);
});

it('fails with the resource that failed and its reason', async () => {
  await test.control('POST', '/faults', {
    match: { operation: 'workspace.put' },
    times: 1,
    answer: { status: 403, code: 'AuthorizationFailed', message: 'no rights here' },
  });
  const properties = { mode: 'Incremental' as const, template, parameters: { name: { value: 'ws2' } } };
  await expect(
    client.deployments.beginCreateOrUpdateAndWait(GROUP, 'd2', { properties }, options),
  ).rejects.toThrow(/DeploymentFailed/);
  const after = await client.deployments.get(GROUP, 'd2');
  expect(after.properties?.provisioningState).toBe('Failed');
  expect(after.properties?.error).toMatchObject({
    code: 'DeploymentFailed',
    details: [{ code: 'AuthorizationFailed', message: 'no rights here' }],
  });
});

it.each([
  ['a parameter that is missing', { template, parameters: {} }, /'name' is not provided/],
  [
    'a function that nobody knows',
    {
      template: {
        ...template,
        parameters: {},
        resources: [{ type: 'A/b', apiVersion: '1', name: '[sausage()]' }],
      },
    },
    /'sausage'/,
  ],
  [
    'a circle',
    {
      template: {
        parameters: {},
        resources: [
          { type: 'Microsoft.KeyVault/vaults', apiVersion: '2023-07-01', name: 'a', dependsOn: ['b'] },
          { type: 'Microsoft.KeyVault/vaults', apiVersion: '2023-07-01', name: 'b', dependsOn: ['a'] },
        ],
      },
    },
    /depend on each other/,
  ],
])('refuses %s before anything is made', async (_, properties, message) => {
  const deployment = { properties: { mode: 'Incremental' as const, ...properties } };
  const refused = client.deployments.beginCreateOrUpdateAndWait(GROUP, 'd3', deployment, options);
  await expect(refused).rejects.toMatchObject({
    code: 'InvalidTemplate',
    message: expect.stringMatching(message) as string,
  });
  expect((await test.arm('GET', `${base}/providers/Microsoft.KeyVault/vaults/a`)).status).toBe(404);
});

it('removes a resource group with all that is in it', async () => {
  await test.arm('PUT', `/subscriptions/${SUBSCRIPTION}/resourceGroups/gone`, { location: 'x' });
  const vault = `/subscriptions/${SUBSCRIPTION}/resourceGroups/gone/providers/Microsoft.KeyVault/vaults/v`;
  await test.arm('PUT', vault, { location: 'x', properties: {} });
  await client.resourceGroups.beginDeleteAndWait('gone', options);
  expect((await client.resourceGroups.checkExistence('gone')).body).toBe(false);
  expect((await test.arm('GET', vault)).status).toBe(404);
});
