import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateFile, validateFile } from '../../src/azureml/index.js';

/** A repository with `file.yml`, and `src/run.py` beside it. */
async function repository(file: unknown): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'nodes-'));
  await mkdir(join(root, 'src'));
  await writeFile(join(root, 'src', 'run.py'), 'print(1)\n');
  // JSON is YAML.
  await writeFile(join(root, 'file.yml'), JSON.stringify(file));
  return root;
}

/** Errors of a file as `path: message`. */
async function errorsOf(file: unknown): Promise<string[]> {
  const root = await repository(file);
  const found = await validateFile({ root, dir: root }, { file: 'file.yml', set: {} });
  return found
    .filter(({ severity }) => severity === 'error')
    .map(({ path, message }) => `${path}: ${message}`);
}

/** Body of the file's own request. */
async function bodyOf(file: unknown): Promise<unknown> {
  const root = await repository(file);
  const { steps } = await translateFile({ root, dir: root }, { file: 'file.yml', set: {} });
  const last = steps.at(-1);
  return last?.kind === 'request' ? last.request.body : undefined;
}

const autoMl = {
  type: 'automl',
  task: 'forecasting',
  primary_metric: '${{parent.inputs.metric}}',
  target_column_name: '${{parent.inputs.target}}',
  training_data: '${{parent.inputs.table}}',
  limits: { max_trials: '${{parent.inputs.trials}}' },
  forecasting: { time_column_name: 'at', forecast_horizon: 12 },
  outputs: { best_model: { type: 'mlflow_model' } },
  more: 'goes along',
};
const inputs = {
  metric: 'r2_score',
  target: 'demand',
  trials: 3,
  table: { type: 'mltable', path: 'azureml:table:1' },
};
const withNode = (node: object) => ({
  type: 'pipeline',
  settings: { default_compute: 'azureml:c' },
  inputs,
  jobs: { learn: node },
});

describe('an AutoML node of a pipeline', () => {
  it('may take every value from the pipeline', async () => {
    expect(await errorsOf(withNode(autoMl))).toEqual([]);
  });

  it.each<[object, RegExp]>([
    [
      { forecasting: { forecast_horizon: true } },
      /jobs\.learn\.forecasting\.forecast_horizon: expected a whole/,
    ],
    [{ forecasting: { horizon: 12 } }, /jobs\.learn\.forecasting\.horizon: unknown key/],
    [{ primary_metric: 'accuracy' }, /jobs\.learn\.primary_metric: unknown value/],
    [{ training_data: undefined }, /jobs\.learn\.training_data: missing/],
    [{ task: 'guessing' }, /jobs\.learn\.task: unknown value/],
  ])('keeps to the rules of its task: %j', async (change, told) => {
    const errors = await errorsOf(withNode({ ...autoMl, ...change }));
    expect(errors.join('\n')).toMatch(told);
    expect(errors).toHaveLength(1);
  });
});

const conf = {
  'spark.driver.cores': 1,
  'spark.driver.memory': '2g',
  'spark.executor.cores': 2,
  'spark.executor.memory': '2g',
  'spark.executor.instances': 2,
};
const spark = {
  type: 'spark',
  code: './src',
  entry: { file: 'run.py' },
  conf,
  resources: { instance_type: 'standard_e8s_v3', runtime_version: '3.4' },
};

describe('a Spark run', () => {
  it('has its program in its code', async () => {
    expect(await errorsOf(spark)).toEqual([]);
    expect(await errorsOf(withNode(spark))).toEqual([]);
    const lost = { ...spark, entry: { file: 'walk.py' } };
    expect(await errorsOf(lost)).toEqual(['entry.file: ./src holds no such program']);
    expect(await errorsOf(withNode(lost))).toEqual(['jobs.learn.entry.file: ./src holds no such program']);
  });

  it('of code that is elsewhere is not looked into', async () => {
    expect(
      await errorsOf({
        ...spark,
        code: 'azureml:/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/codes/c/versions/1',
        entry: { file: 'walk.py' },
      }),
    ).toEqual([]);
  });

  it.each<[object, RegExp]>([
    [
      { resources: { instance_type: 'standard_e8s_v3', runtime_version: 'latest' } },
      /runtime_version: expected/,
    ],
    [{ conf: { ...conf, 'spark.x': null } }, /conf\.spark\.x: a setting needs a value/],
  ])('refuses %j', async (change, told) => {
    expect((await errorsOf({ ...spark, ...change })).join('\n')).toMatch(told);
  });
});

it('leaves data behind, not numbers', async () => {
  const command = { type: 'command', command: 'echo ${{outputs.sum}}', environment: 'azureml:e:1' };
  const node = (type: string) => withNode({ ...command, outputs: { sum: { type } } });
  expect(await errorsOf(node('uri_file'))).toEqual([]);
  expect(await errorsOf(node('number'))).toEqual(['jobs.learn.outputs.sum.type: unknown value']);
});

it('a component names its types as they are written', async () => {
  const component = (type: string) => ({
    $schema: 'https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json',
    name: 'c',
    version: 1,
    type: 'command',
    command: 'echo ${{outputs.sum}}',
    environment: 'azureml:e:1',
    outputs: { sum: { type } },
  });
  expect(await errorsOf(component('uri_folder'))).toEqual([]);
  expect(await errorsOf(component('URI_FOLDER'))).toEqual(['outputs.sum.type: unknown value']);
});

it('a batch deployment with settings is one of a model, whether its type is said or not', async () => {
  const deployment = {
    $schema: 'https://azuremlschemas.azureedge.net/latest/modelBatchDeployment.schema.json',
    name: 'blue',
    endpoint_name: 'scores',
    model: 'azureml:m:1',
    compute: 'azureml:c',
    settings: { mini_batch_size: 5 },
  };
  expect(await errorsOf(deployment)).toEqual([]);
  expect(await errorsOf({ ...deployment, type: 'Model' })).toEqual([]);
});

it.each(['azureml:code:1', 'azureml:code@latest', 'git+https://github.com/a/b', 'ftp://x.test/code.zip'])(
  'code is a folder here or a version by its ARM id, not %s',
  async (code) => {
    const job = { command: 'echo', environment: 'azureml:e:1', code };
    expect(await errorsOf(job)).toEqual([expect.stringMatching(/^code: code is a local folder or file/)]);
  },
);

describe('a text for an input of a component', () => {
  const component = {
    type: 'command',
    command: 'echo ${{inputs.data}} ${{inputs.word}}',
    environment: 'azureml:e:1',
    inputs: { data: { type: 'uri_folder' }, word: { type: 'string' } },
  };
  const given = (data: string) => withNode({ type: 'command', component, inputs: { data, word: './src' } });
  /** What is sent of the node's inputs. */
  const sent = async (data: string) => {
    const body = await bodyOf(given(data));
    return (body as { properties: { jobs: { learn: { inputs: unknown } } } }).properties.jobs.learn.inputs;
  };
  const word = { value: './src', job_input_type: 'literal' };

  it('is a path or a reference where the component takes data', async () => {
    expect(await sent('azureml:table:1')).toEqual({
      data: { uri: '{ws}/data/table/versions/1', job_input_type: 'uri_folder' },
      word,
    });
    expect(await sent('./src')).toMatchObject({
      data: { uri: expect.stringMatching(/LocalUpload\/[0-9a-f]+\/src\/$/) as unknown },
      word,
    });
  });

  it('that names nothing is told', async () => {
    expect(await errorsOf(given('./nowhere'))).toEqual([
      expect.stringMatching(/^jobs\.learn\.inputs\.data: .*nowhere/),
    ]);
    expect(await errorsOf(given('azureml:table'))).toHaveLength(1);
  });
});

it.each(['https://x.test/c', 'azureml:c', 'azureml://datastores/d/paths/c'])(
  'a component is named with its version, not %s',
  async (component) => {
    expect(await errorsOf(withNode({ type: 'command', component }))).toEqual([
      expect.stringMatching(/^jobs\.learn\.component: expected azureml:<component>:<version>/),
    ]);
  },
);

it('the type of a job is written small', async () => {
  const $schema = 'https://azuremlschemas.azureedge.net/latest/commandJob.schema.json';
  const job = { $schema, type: 'Command', command: 'echo', environment: 'azureml:e:1' };
  expect(await errorsOf(job)).toEqual(['type: unknown value']);
});

describe('a node that runs a component of the workspace', () => {
  const component = 'azureml:c1:1';
  const sent = async (node: object) => {
    const body = await bodyOf(withNode(node));
    return (body as { properties: { jobs: { learn: unknown } } }).properties.jobs.learn;
  };

  it('brings along what the client does not know of it, but for empty values', async () => {
    const node = { type: 'command', component, more: { deep: [1] }, nothing: null };
    expect(await sent(node)).toMatchObject({ more: { deep: [1] } });
    expect(await sent(node)).not.toHaveProperty('nothing');
    expect(await errorsOf(withNode(node))).toEqual([]);
  });

  it('says what program Spark runs', async () => {
    const resources = { instance_type: 'standard_e4s_v3', runtime_version: '3.4' };
    const entry = { file: 'run.py' };
    const node = { type: 'spark', component, resources, entry, args: '--x 1', py_files: ['a.py'] };
    expect(await sent({ ...node, environment: 'azureml:e:1' })).toEqual({
      ...{ name: 'learn', type: 'spark', _source: 'REMOTE.WORKSPACE.COMPONENT', resources },
      ...{ args: '--x 1', py_files: ['a.py'], identity: { identity_type: 'UserIdentity' } },
      entry: { file: 'run.py', spark_job_entry_type: 'SparkJobPythonEntry' },
      componentId: '{ws}/components/c1/versions/1',
    });
  });

  it.each([
    [{ type: 'parallel', component, environment_variables: { A: 1 } }, /environment_variables\.A/],
    [
      {
        type: 'sweep',
        trial: 'azureml://registries/r/components/c/versions/1',
        objective: { goal: 'minimize', primary_metric: 'loss' },
        limits: { max_total_trials: 1 },
      },
      /trial: a sweep within a pipeline takes no component of a registry/,
    ],
  ])('refuses what the client refuses: %#', async (node, error) => {
    expect(await errorsOf(withNode(node))).toEqual([expect.stringMatching(error)]);
  });
});

it('a pipeline component brings along what the client does not know of it', async () => {
  const body = await bodyOf({
    $schema: 'https://azuremlschemas.azureedge.net/latest/pipelineComponent.schema.json',
    ...{ type: 'pipeline', name: 'pc', version: '1', settings: { default_compute: 'azureml:c' }, more: 1 },
    jobs: { learn: { type: 'command', component: 'azureml:c1:1' } },
  });
  expect(body).toMatchObject({
    properties: { componentSpec: { settings: { default_compute: 'azureml:c' }, more: 1 } },
  });
});
