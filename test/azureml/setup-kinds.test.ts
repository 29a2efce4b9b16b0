import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySetupItem, planSetup, waitForOperation } from '../../src/azureml/index.js';
import type { AzureMl, SetupItem, SourceFiles } from '../../src/azureml/index.js';
import { startAzure } from './support/workspace.js';
import type { TestAzure } from './support/workspace.js';

const schema = (kind: string) => `https://azuremlschemas.azureedge.net/latest/${kind}.schema.json`;
const sub = '/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g/providers';
const command = { command: 'echo', environment: 'azureml:training:1', compute: 'azureml:cpu' };
const cron = { type: 'cron', expression: '0 3 * * *', time_zone: 'UTC' };

/** A file of every kind that setup takes, by its name. */
const kinds: Readonly<Record<string, object>> = {
  compute: {
    $schema: schema('amlCompute'),
    name: 'cpu',
    type: 'amlcompute',
    max_instances: 2,
    size: 'Standard_DS3_v2',
  },
  instance: {
    $schema: schema('computeInstance'),
    name: 'desk-1',
    type: 'computeinstance',
    size: 'Standard_DS3_v2',
  },
  kubernetes: {
    $schema: schema('kubernetesCompute'),
    name: 'k8s',
    type: 'kubernetes',
    resource_id: `${sub}/Microsoft.ContainerService/managedClusters/k8s`,
    namespace: 'ml',
  },
  machine: {
    $schema: schema('vmCompute'),
    name: 'machine',
    type: 'virtualmachine',
    resource_id: `${sub}/Microsoft.Compute/virtualMachines/machine`,
    ssh_settings: { admin_username: 'me', admin_password: 'not-a-secret' },
  },
  synapse: {
    type: 'synapsespark',
    name: 'pool',
    resource_id: `${sub}/Microsoft.Synapse/workspaces/w/bigDataPools/pool`,
    identity: { type: 'system_assigned' },
  },
  blobs: {
    $schema: schema('azureBlob'),
    name: 'blobs',
    type: 'azure_blob',
    account_name: 'acc',
    container_name: 'rows',
    tags: { team: 'ml' },
  },
  shares: {
    $schema: schema('azureFile'),
    name: 'shares',
    type: 'azure_file',
    account_name: 'acc',
    file_share_name: 'share',
  },
  lake1: {
    $schema: schema('azureDataLakeGen1'),
    name: 'lake1',
    type: 'azure_data_lake_gen1',
    store_name: 'lake',
  },
  lake2: {
    $schema: schema('azureDataLakeGen2'),
    name: 'lake2',
    type: 'azure_data_lake_gen2',
    account_name: 'acc',
    filesystem: 'files',
  },
  onelake: {
    name: 'onelake',
    type: 'one_lake',
    one_lake_workspace_name: 'w',
    endpoint: 'x.dfs.fabric.microsoft.com',
    artifact: { type: 'lake_house', name: 'a' },
  },
  git: {
    name: 'git-1',
    type: 'git',
    target: 'https://github.com/a/b',
    credentials: { type: 'pat', pat: 'not-a-secret' },
  },
  table: { $schema: schema('data'), name: 'table', version: '1', type: 'uri_folder', path: './rows' },
  cloud: {
    $schema: schema('data'),
    name: 'cloud',
    version: '2',
    type: 'uri_file',
    path: 'azureml://datastores/workspaceblobstore/paths/rows.csv',
    tags: { since: '2024' },
  },
  environment: {
    $schema: schema('environment'),
    name: 'training',
    version: '1',
    image: 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04',
    conda_file: { name: 'e', dependencies: ['python=3.10', { pip: ['numpy'] }] },
  },
  build: { $schema: schema('environment'), name: 'built', version: '1', build: { path: './docker' } },
  model: { $schema: schema('model'), name: 'scorer', version: '1', type: 'custom_model', path: './rows' },
  step: {
    $schema: schema('commandComponent'),
    name: 'step',
    version: '1',
    type: 'command',
    code: './src',
    ...command,
    compute: undefined,
  },
  pipeline: {
    $schema: schema('pipelineComponent'),
    name: 'steps',
    version: '1',
    type: 'pipeline',
    jobs: { one: { type: 'command', component: 'azureml:step:1' } },
  },
  batch: {
    $schema: schema('batchEndpoint'),
    name: 'nightly-scores',
    auth_mode: 'aad_token',
    tags: { team: 'ml' },
  },
  schedule: {
    $schema: schema('schedule'),
    name: 'retrain',
    trigger: cron,
    create_job: './job.yml',
  },
  registry: {
    $schema: schema('registry'),
    name: 'shared-models',
    location: 'westeurope',
    replication_locations: [{ location: 'westeurope' }],
  },
};

const beside: Readonly<Record<string, string>> = {
  'rows/a.csv': 'a\n1\n',
  'docker/Dockerfile': 'FROM scratch\n',
  'src/run.py': 'print(1)\n',
  'job.yml': JSON.stringify({
    type: 'pipeline',
    jobs: { one: { type: 'command', component: 'azureml:step:1', compute: 'azureml:cpu' } },
  }),
};
const refs = Object.keys(kinds).map((name) => ({ file: `${name}.yml`, set: {} }));

describe('setup of every kind', () => {
  let azure: TestAzure;
  let files: SourceFiles;
  beforeAll(async () => {
    azure = await startAzure();
    const root = await mkdtemp(join(tmpdir(), 'setup-kinds-'));
    files = { root, dir: root };
    const texts = Object.entries(kinds).map(([name, kind]) => [`${name}.yml`, JSON.stringify(kind)] as const);
    for (const [name, text] of [...texts, ...Object.entries(beside)]) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
  });
  afterAll(async () => {
    await azure.stop();
    await rm(files.root, { recursive: true, force: true });
  });

  const apply = async (ml: AzureMl, item: SetupItem) =>
    waitForOperation(ml, await applySetupItem(ml, files, refs, item), { pauseMs: 50 });

  it('makes each once, and a second run finds all of them', async () => {
    const ml = azure.connect('kinds');
    const plan = await planSetup(ml, files, refs);
    expect(plan.filter(({ change }) => change !== 'create')).toEqual([]);
    for (const item of plan) await apply(ml, item);
    const again = await planSetup(azure.connect('kinds'), files, refs);
    expect(again.filter(({ change }) => change !== 'none')).toEqual([]);
  });

  it('goes on where answers were lost after the work was done, and makes nothing twice', async () => {
    const ml = azure.connect('faulty');
    const plan = await planSetup(ml, files, refs);
    const foundations = ['resourceGroup', 'logAnalytics', 'workspace'];
    for (const item of plan.filter(({ kind }) => foundations.includes(kind))) await apply(ml, item);
    for (const item of plan.filter(({ kind }) => !foundations.includes(kind))) {
      await azure.fault({ method: 'PUT', path: '/workspaces/faulty/|/registries/' }, 'lost');
      // Each time as another worker would, who knows nothing of the attempts before.
      await apply(azure.connect('faulty'), item).catch(() => apply(azure.connect('faulty'), item));
    }
    expect((await planSetup(ml, files, refs)).filter(({ change }) => change !== 'none')).toEqual([]);
    for (const asset of ['data/table', 'environments/training', 'models/scorer', 'components/step']) {
      const { body } = await ml.send({ method: 'GET', path: `/${asset}/versions` });
      expect((body as { value: unknown[] }).value).toHaveLength(1);
    }
  });
});
