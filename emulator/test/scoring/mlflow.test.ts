import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_CODE_PACKAGES, createEnvironments } from '../../src/runner/environments.js';
import { listBlobs } from '../../src/runner/transfer.js';
import {
  CONDA,
  GUID,
  WORKSPACE,
  put,
  putDeployment,
  putEndpoint,
  putFolder,
} from '../support/deployments.js';
import { startScoringLab } from './lab.js';
import type { ScoringLab } from './lab.js';

const run = promisify(execFile);

const TRAIN = `import sys, yaml
import mlflow, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
x = pd.DataFrame({"age": [20.0, 30.0, 60.0, 70.0], "bmi": [20.0, 22.0, 35.0, 36.0]})
model = LogisticRegression().fit(x, [0, 0, 1, 1])
mlflow.sklearn.save_model(model, sys.argv[1], conda_env=yaml.safe_load(sys.argv[2]), serialization_format="cloudpickle", signature=infer_signature(x, model.predict(x)))
`;

const collect = {
  dataCollector: {
    collections: {
      model_inputs: { dataCollectionMode: 'Enabled' },
      model_outputs: { dataCollectionMode: 'enabled' },
    },
  },
};

let lab: ScoringLab;

beforeAll(async () => {
  lab = await startScoringLab();
}, 600_000);
afterAll(() => lab.stop());

describe('an MLflow model without code', () => {
  beforeAll(async () => {
    const { python } = await createEnvironments(lab.services.ctx).ensureFromConda(
      CONDA,
      NO_CODE_PACKAGES,
      () => undefined,
    );
    const dir = await mkdtemp(join(tmpdir(), 'mlflow-model-'));
    await writeFile(join(dir, 'train.py'), TRAIN);
    await run(python, [join(dir, 'train.py'), join(dir, 'model'), CONDA]);
    const modelUri = await putFolder(lab.services.ctx, 'trained/model', join(dir, 'model'));
    await rm(dir, { recursive: true });
    put(lab.services.ctx, `${WORKSPACE}/models/risk/versions/3`, { modelType: 'mlflow_model', modelUri });
    const endpointId = putEndpoint(lab.services.ctx, 'risk', { traffic: { v3: 100 } });
    const id = putDeployment(lab.services.ctx, endpointId, 'v3', undefined, {
      model: 'azureml:risk@latest',
      ...collect,
    });
    await lab.scoring.deploy(id);
  }, 600_000);

  it.each([
    {
      input_data: {
        columns: ['age', 'bmi'],
        index: [0, 1],
        data: [
          [22, 21],
          [66, 35],
        ],
      },
    },
    {
      input_data: [
        [22, 21],
        [66, 35],
      ],
    },
    {
      dataframe_split: {
        columns: ['bmi', 'age'],
        data: [
          [21, 22],
          [35, 66],
        ],
      },
    },
    {
      input_data: [
        { age: 22, bmi: 21 },
        { age: 66, bmi: 35 },
      ],
    },
  ])('predicts from %j', async (body) => {
    const answer = await lab.score('risk', body);
    expect(await answer.json()).toEqual([0, 1]);
    expect(answer.status).toBe(200);
  });

  it('answers 424 with status 400 for a body that it cannot read', async () => {
    const answer = await lab.score('risk', { rows: [] });
    expect(answer.status).toBe(424);
    expect(answer.headers.get('ms-azureml-model-error-statuscode')).toBe('400');
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('input_data') as string });
  });

  it('collects inputs and outputs as row objects that correlate', async () => {
    await lab.score('risk', { input_data: [[66, 35]] }, { 'x-ms-client-request-id': 'patient-1' });
    const lines = async (collection: string) => {
      const container = `azureml-blobstore-${GUID}`;
      const prefix = `modelDataCollector/risk/v3/${collection}`;
      const [name = ''] = await listBlobs(lab.services.ctx, { container, prefix });
      if (name === '') return [];
      expect(name).toMatch(/model_\w+\/\d{4}\/\d\d\/\d\d\/\d\d\/v3-[\w-]+\.jsonl$/);
      const blob = lab.services.ctx.blob.service.getContainerClient(container).getBlobClient(name);
      const rows = (await blob.downloadToBuffer()).toString().trim().split('\n');
      return rows
        .map((row) => JSON.parse(row) as Record<string, unknown>)
        .filter(({ correlationid }) => correlationid === 'patient-1');
    };
    await expect.poll(async () => (await lines('model_outputs')).length, { timeout: 10_000 }).toBe(1);
    const [[input], [output]] = [await lines('model_inputs'), await lines('model_outputs')];
    expect(input).toMatchObject({
      specversion: '1.0',
      type: 'azureml.inference.model_inputs',
      source: `${WORKSPACE}/onlineEndpoints/risk/deployments/v3`,
      data: [{ age: 66, bmi: 35 }],
      modelversion: '3',
      collectdatatype: 'pandas.core.frame.DataFrame',
    });
    expect(output).toMatchObject({ data: [{ output: 1 }], xrequestid: input?.['xrequestid'] });
  }, 30_000);
});
