import { Buffer } from 'node:buffer';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { ResourceManagementClient } from '@azure/arm-resources';
import { DefaultAzureCredential } from '@azure/identity';
import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';

// Microsoft's JavaScript clients as their users write them: nothing but an endpoint and the printed variables.

const [step = '', endpoint = '', subscription = '', group = '', given = ''] = process.argv.slice(2);
const credential = new DefaultAzureCredential();
const ml = new AzureMachineLearningWorkspaces(credential, subscription, { endpoint });
const resources = new ResourceManagementClient(credential, subscription, { endpoint });
const polling = { updateIntervalInMs: 50 };
/** @type {import('@azure/arm-machinelearning').OnlineEndpoint} */
const endpointBody = { location: 'westeurope', properties: { authMode: 'Key', description: given } };

const template = {
  $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
  contentVersion: '1.0.0.0',
  parameters: { name: { type: 'string' } },
  resources: [
    {
      type: 'Microsoft.MachineLearningServices/workspaces',
      apiVersion: '2024-04-01',
      name: "[parameters('name')]",
      location: 'westeurope',
      properties: {},
    },
  ],
  outputs: { made: { type: 'string', value: "[parameters('name')]" } },
};

/** What each step does; its result is printed as one line of JSON. @type {Record<string, () => Promise<unknown>>} */
const steps = {
  async template() {
    const made = await resources.resourceGroups.createOrUpdate(group, { location: 'westeurope' });
    const parameters = { name: { value: given } };
    const deployment = await resources.deployments.beginCreateOrUpdateAndWait(
      group,
      'by-template',
      { properties: { mode: 'Incremental', template, parameters } },
      polling,
    );
    const workspace = await ml.workspaces.get(group, given);
    return { group: made.name, outputs: deployment.properties?.outputs, location: workspace.location };
  },

  async blob() {
    const { primary, secret } = await datastore();
    const service = new BlobServiceClient(given, new StorageSharedKeyCredential(accountOf(given), secret));
    const container = service.getContainerClient(primary);
    await container.createIfNotExists();
    const blob = container.getBlockBlobClient('from/javascript.txt');
    await blob.uploadData(Buffer.from('hello'));
    const names = [];
    for await (const { name } of container.listBlobsFlat({ prefix: 'from/' })) names.push(name);
    return { names, text: (await blob.downloadToBuffer()).toString() };
  },

  async assets() {
    const body = {
      properties: { modelUri: 'azureml://datastores/workspaceblobstore/paths/m', tags: { a: 'b' } },
    };
    await ml.modelVersions.createOrUpdate(group, 'ws1', 'js', '1', body);
    const versions = [];
    for await (const { name } of ml.modelVersions.list(group, 'ws1', 'js')) versions.push(name);
    const missing = await ml.modelVersions.get(group, 'ws1', 'js', '2').catch((error) => error);
    return {
      versions,
      missing: { status: missing.statusCode, code: missing.code, message: missing.message },
    };
  },

  /** Sends the PUT and ends while Azure still works. */
  async begin() {
    const poller = await ml.onlineEndpoints.beginCreateOrUpdate(
      group,
      'ws1',
      'resumed',
      endpointBody,
      polling,
    );
    return { state: poller.toString(), isDone: poller.isDone() };
  },

  async resume() {
    const resumeFrom = given;
    const options = { ...polling, resumeFrom };
    const poller = await ml.onlineEndpoints.beginCreateOrUpdate(
      group,
      'ws1',
      'resumed',
      endpointBody,
      options,
    );
    const { name, properties } = await poller.pollUntilDone();
    return { name, state: properties.provisioningState };
  },

  async fail() {
    const poller = await ml.onlineEndpoints.beginCreateOrUpdate(
      group,
      'ws1',
      'failing',
      endpointBody,
      polling,
    );
    const error = await poller.pollUntilDone().catch((/** @type {Error} */ thrown) => thrown);
    return { message: error instanceof Error ? error.message : 'it did not fail' };
  },
};

async function datastore() {
  for await (const { name, properties } of ml.datastores.list(group, 'ws1', { isDefault: true })) {
    const found = await ml.datastores.listSecrets(group, 'ws1', name ?? '');
    const primary = 'containerName' in properties ? String(properties.containerName) : '';
    return { primary, secret: 'key' in found ? String(found.key) : '' };
  }
  throw new Error('no default datastore');
}

/** @param {string} url */
function accountOf(url) {
  return new URL(url).pathname.slice(1);
}

const run = steps[step];
if (run === undefined) throw new Error(`no step ${step}`);
console.log(JSON.stringify(await run()));
// An operation that still runs would keep the client polling.
process.exit(0);
