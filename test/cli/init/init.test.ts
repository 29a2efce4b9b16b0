import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { init, type InitOptions } from '../../../src/cli/commands/init.js';
import type { Asker } from '../../../src/cli/init/asking.js';
import { usualAnswers } from '../../../src/cli/init/asking.js';
import { parsePolicy, parseProject } from '../../../src/spec/index.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mlops-init-'));
  execFileSync('git', ['init', '-q', root]);
  execFileSync('git', ['-C', root, 'remote', 'add', 'origin', 'git@github.com:contoso/churn.git']);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function files(all: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function run(options: InitOptions = {}, ask: Asker = usualAnswers, folder?: string) {
  const out = new PassThrough();
  const err = new PassThrough();
  const code = await init({ out, err, env: {}, cwd: root, tty: false }, folder, options, ask);
  return { code, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

const written = (path: string) => readFile(join(root, path), 'utf8');

const schema = (name: string) => `$schema: https://azuremlschemas.azureedge.net/latest/${name}.schema.json\n`;

const trained = {
  'jobs/train.yml': `${schema('commandJob')}command: python train.py --rate \${{inputs.rate}}\ncode: ../src\nenvironment: azureml:sklearn@latest\ncompute: azureml:cpu\ninputs: { rate: 0.1 }\n`,
  'src/train.py': 'mlflow.log_metric("loss", 1)\nmlflow.log_metrics({"AUC": auc, "train_time": t})\n',
};
const served = {
  'deploy/endpoint.yml': `${schema('managedOnlineEndpoint')}name: churn\nauth_mode: key\n`,
  'deploy/blue.yml': `${schema('managedOnlineDeployment')}name: blue\nendpoint_name: churn\nmodel: azureml:churn-model@latest\ninstance_type: Standard_DS2_v2\ninstance_count: 1\n`,
  'deploy/sample-request.json': '{"input_data": []}',
};
const scripted = {
  '.github/workflows/train.yml': `on: push
env: { RG: ml-rg, WS: ml-ws }
jobs:
  train:
    runs-on: ubuntu-latest
    steps:
      - run: az account set -s 6d6b9a2e-0000-4000-8000-000000000001
      - run: |
          az ml compute create -n cpu --type AmlCompute --size Standard_DS3_v2 --min-instances 0 --max-instances 2 -g $RG -w $WS
          az ml job create --file train.yml --set inputs.rate=0.5 tags.run=\${{ github.run_id }} -g $RG -w $WS
        working-directory: jobs
      - run: az ml online-deployment create -f deploy/blue.yml --all-traffic --set instance_count=2 model=azureml:churn-model:1
`,
};

describe('mlops init', () => {
  test('reads job, endpoint, deployment, their overrides, cluster and workspace off the repository', async () => {
    await files({ ...trained, ...served, ...scripted });
    const { code, out } = await run();
    expect(code).toBe(0);
    const project = parse(await written('mlops.yaml')) as unknown;
    expect(project).toEqual({
      version: 1,
      name: 'churn',
      setup: ['azureml/cpu.yml'],
      train: { job: 'jobs/train.yml', set: { 'inputs.rate': '0.5' } },
      gate: { metric: 'AUC', goal: 'maximize' },
      register: { name: 'churn-model' },
      environments: {
        staging: {
          endpoint: 'deploy/endpoint.yml',
          deployment: 'deploy/blue.yml',
          test: { requests: 'deploy/sample-request.json' },
          set: { 'endpoint.name': 'churn-staging', 'deployment.instance_count': '2' },
        },
        production: { extends: 'staging', set: { 'endpoint.name': 'churn' } },
      },
    });
    expect(parse(await written('azureml/cpu.yml'))).toMatchObject({ name: 'cpu', size: 'Standard_DS3_v2' });
    expect(parse(await written('policy.yml'))).toMatchObject({
      workspaces: {
        dev: { subscription: '6d6b9a2e-0000-4000-8000-000000000001', resource_group: 'ml-rg', name: 'ml-ws' },
      },
      projects: { churn: { repository: 'contoso/churn', endpoints: { dev: ['churn-staging', 'churn'] } } },
    });
    expect(out).toContain('written   mlops.yaml');
    expect(await written('.github/workflows/mlops-rollback.yml')).toContain('signal: rollback');
  });

  test('what it writes is a valid project, and a policy that refuses what nobody said', async () => {
    await files({ ...trained, ...served });
    const { err } = await run();
    const parsed = parseProject(await written('mlops.yaml'), { file: 'mlops.yaml', defaultName: 'x' });
    expect(parsed.ok).toBe(true);
    const policy = parsePolicy(await written('policy.yml'), { file: 'policy.yml' });
    expect(policy.ok ? [] : policy.mistakes.map(({ path }) => path)).toEqual([
      'workspaces.dev.subscription',
      'workspaces.dev.resource_group',
      'workspaces.dev.name',
      'workspaces.dev.location',
    ]);
    expect(err).toContain('policy.yml');
  });

  test('assets and clusters that the job refers to are set up, whatever made them before', async () => {
    await files({
      'jobs/train.yml': `${schema('commandJob')}command: ls \${{inputs.table}}\nenvironment: azureml:skl@latest\ncompute: azureml:cpu\ninputs: { table: { type: uri_file, path: 'azureml:rows@latest' } }\n`,
      'azure/env.yml': `${schema('environment')}name: skl\nimage: ubuntu\n`,
      'azure/data.yml': `${schema('data')}name: rows\ntype: uri_file\npath: rows.csv\n`,
      'azure/rows.csv': 'a\n1\n',
      'azure/cluster.yml': `${schema('amlCompute')}name: cpu\ntype: amlcompute\n`,
      'azure/other.yml': `${schema('amlCompute')}name: gpu\ntype: amlcompute\n`,
      'azure/model.yml': `${schema('model')}name: skl\npath: ./rows.csv\n`,
    });
    await run();
    expect(parse(await written('mlops.yaml'))).toMatchObject({
      setup: ['azure/cluster.yml', 'azure/data.yml', 'azure/env.yml'],
    });
  });

  test('a second run changes nothing', async () => {
    await files({ ...trained, ...served, ...scripted });
    await run();
    const { out } = await run();
    expect(out).toContain('unchanged mlops.yaml');
    expect(out).not.toContain('written');
  });

  test('a file that is there is shown as a diff and kept, unless somebody says otherwise', async () => {
    await files({ ...trained, 'mlops.yaml': 'train: mine.yml\n' });
    const kept = await run();
    expect(kept.out).toContain('-train: mine.yml');
    expect(await written('mlops.yaml')).toBe('train: mine.yml\n');
    await run({}, { ...usualAnswers, confirm: () => Promise.resolve(true) });
    expect(await written('mlops.yaml')).toContain('jobs/train.yml');
  });

  test('writes nothing with --dry-run', async () => {
    await files(trained);
    const { out } = await run({ dryRun: true });
    expect(out).toContain('+train: jobs/train.yml');
    await expect(written('mlops.yaml')).rejects.toThrow();
  });

  test('asks where several jobs could be meant', async () => {
    await files({ ...trained, 'jobs/other-train.yml': trained['jobs/train.yml'] });
    const asked: string[] = [];
    await run(
      {},
      {
        ...usualAnswers,
        choose: ({ question, options }) => {
          asked.push(question);
          return Promise.resolve(options.at(question.includes('job') ? 1 : 0)?.value ?? '');
        },
      },
    );
    expect(asked).toEqual(['Which job trains the model?', 'Which metric decides whether a model is better?']);
    expect(await written('mlops.yaml')).toContain('train: jobs/train.yml');
  });

  test('a project in a folder of its own names its files from there', async () => {
    await files({
      'churn/jobs/train.yml': trained['jobs/train.yml'],
      'churn/src/train.py': trained['src/train.py'],
    });
    await run({}, usualAnswers, 'churn');
    expect(parse(await written('churn/mlops.yaml'))).toMatchObject({
      name: 'churn',
      train: 'jobs/train.yml',
    });
    expect(parse(await written('policy.yml'))).toMatchObject({ projects: { churn: { path: 'churn' } } });
  });

  test('says what it found where no job is', async () => {
    await files(served);
    await expect(run()).rejects.toThrow(
      /no job file is here: found managedOnlineDeployment, managedOnlineEndpoint/,
    );
  });
});

test('proposes the managed endpoint where there is one on Kubernetes too', async () => {
  await files({
    ...trained,
    ...served,
    'deploy/a-cluster.yml': `${schema('kubernetesOnlineEndpoint')}name: churn-k8s\nauth_mode: key\ncompute: azureml:k8s\n`,
    'deploy/a-cluster-blue.yml': `${schema('kubernetesOnlineDeployment')}type: kubernetes\nname: blue\nendpoint_name: churn-k8s\nmodel: azureml:churn-model@latest\n`,
  });
  await run();
  const { environments } = parse(await written('mlops.yaml')) as {
    environments: { staging: { endpoint: string; deployment: string } };
  };
  expect(environments.staging).toMatchObject({
    endpoint: 'deploy/endpoint.yml',
    deployment: 'deploy/blue.yml',
  });
});
