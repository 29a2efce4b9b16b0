import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { translateFile } from '../../src/azureml/index.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fine-tuning-'));
  await writeFile(join(dir, 'train.jsonl'), '{"a":1}\n');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Properties of the job that is sent; the file is JSON, which is YAML too. */
async function sent(job: object): Promise<unknown> {
  const file = { type: 'finetuning', task: 'chat_completion', ...job };
  await writeFile(join(dir, 'job.yml'), JSON.stringify(file));
  const { steps } = await translateFile({ root: dir, dir }, { file: 'job.yml', set: {} });
  const last = steps.at(-1);
  return last?.kind === 'request' ? (last.request.body as { properties: unknown }).properties : undefined;
}

const model = { path: 'azureml://registries/azureml/models/phi/versions/3', type: 'mlflow_model' };
const rows = 'azureml:rows:1';
const trainingData = { uri: '{ws}/data/rows/versions/1', jobInputType: 'uri_file' };

// What azure-ai-ml 1.35.2 sent for the same files.
it('sends a custom model with machines and parameters of its own', async () => {
  const job = await sent({
    name: 'tuned',
    model_provider: 'custom',
    compute: 'azureml:gpu',
    resources: { instance_types: ['a', 'b'] },
    queue_settings: { job_tier: 'standard', priority: 'high' },
    model: { path: 'azureml:phi:3' },
    training_data: { path: rows, type: 'uri_folder', mode: 'direct' },
    validation_data: 'https://example.org/rows.jsonl',
    hyperparameters: { n: '1', m: null },
    outputs: { registered_model: { name: 'm', type: 'mlflow_model' } },
  });
  expect(job).toMatchObject({
    displayName: 'tuned',
    computeId: 'gpu',
    fineTuningDetails: {
      taskType: 'chatCompletion',
      model: { uri: 'phi:3', jobInputType: 'mlflow_model' },
      modelProvider: 'Custom',
      trainingData,
      validationData: { uri: 'https://example.org/rows.jsonl', jobInputType: 'uri_file' },
      hyperParameters: { n: '1', m: null },
    },
    outputs: { registered_model: { assetName: 'm', jobOutputType: 'mlflow_model' } },
    resources: { instanceTypes: ['a', 'b'] },
    queueSettings: { jobTier: 'Standard', priority: 3 },
    jobType: 'FineTuning',
  });
});

it('sends no machines for a model of Azure OpenAI, which brings its own', async () => {
  const job = await sent({
    model_provider: 'azure_open_ai',
    compute: 'gpu',
    model,
    training_data: { path: rows },
    hyperparameters: { n_epochs: 2, learning_rate_multiplier: 1, batch_size: '4' },
  });
  expect(job).toMatchObject({
    fineTuningDetails: {
      modelProvider: 'AzureOpenAI',
      hyperParameters: { nEpochs: 2, learningRateMultiplier: 1, batchSize: 4 },
    },
  });
  expect(job).not.toHaveProperty('computeId');
});

it('uploads a file of this machine, from where the client runs', async () => {
  const job = await sent({ model_provider: 'custom', model, training_data: 'train.jsonl' });
  const uri = expect.stringMatching(/\/LocalUpload\/[0-9a-f]{64}\/train\.jsonl$/) as string;
  expect(job).toMatchObject({ fineTuningDetails: { trainingData: { uri, jobInputType: 'uri_file' } } });
});

it.each([
  [{ model_provider: 'Custom' }, /model_provider/],
  [{ task: 'ChatCompletions' }, /task/],
  [{ model: {} }, /model\.path: missing/],
  [{ training_data: { path: rows, type: 'mltable' } }, /training_data\.type/],
  [{ training_data: 'nothing.jsonl' }, /there is no file or folder/],
  [{ compute: 'local' }, /does not run on the machine of the client/],
  [{ tags: { a: 1 } }, /tags\.a/],
])('refuses %o', async (wrong, told) => {
  const job = { model_provider: 'custom', model, training_data: rows, ...wrong };
  await expect(sent(job)).rejects.toThrow(told);
});
