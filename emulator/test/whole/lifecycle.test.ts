import { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONDA } from '../support/deployments.js';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

const TRAIN = `
import sys, mlflow, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
data = pd.read_csv(sys.argv[1])
X, y = data[["a", "b"]], data["y"]
with mlflow.start_run():
    model = LogisticRegression().fit(X, y)
    mlflow.log_metric("accuracy", model.score(X, y))
    mlflow.sklearn.log_model(model, name="model", signature=infer_signature(X, model.predict(X)), serialization_format="cloudpickle")
`;
const ROWS = ['a,b,y', ...Array.from({ length: 40 }, (_, n) => `${n},${n % 7},${n > 19 ? 1 : 0}`)].join('\n');

let test: TestEmulator;
beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
});
afterAll(() => test.stop());

async function upload(name: string, text: string): Promise<string> {
  const { body } = await test.arm('POST', `${W}/codes/up/versions/1/startPendingUpload`, {});
  const { blobUri, credential } = body['blobReferenceForConsumption'] as {
    blobUri: string;
    credential: { sasUri: string };
  };
  await new ContainerClient(credential.sasUri).getBlockBlobClient(`src/${name}`).upload(text, text.length);
  return `${blobUri}/src`;
}

async function score(rows: number[][]): Promise<unknown> {
  const endpoint = await test.arm('GET', `${W}/onlineEndpoints/whole`);
  const keys = await test.arm('POST', `${W}/onlineEndpoints/whole/listKeys`);
  const answer = await fetch(String(endpoint.body.properties['scoringUri']), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${String(keys.body['primaryKey'])}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ input_data: { columns: ['a', 'b'], index: rows.map((_, n) => n), data: rows } }),
  });
  expect(answer.status).toBe(200);
  return answer.json();
}

async function finished(name: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { body } = await test.arm('GET', `${W}/jobs/${name}`);
    if (['Completed', 'Failed', 'Canceled'].includes(String(body.properties['status'])))
      return body.properties;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it('carries uploaded code from a job over its metrics and model to a scored endpoint that survives a restart', async () => {
  await test.arm('PUT', `${W}/codes/c/versions/1`, {
    properties: { codeUri: await upload('train.py', TRAIN) },
  });
  await test.arm('PUT', `${W}/data/d/versions/1`, {
    properties: { dataType: 'uri_file', dataUri: `${await upload('rows.csv', ROWS)}/rows.csv` },
  });
  await test.arm('PUT', `${W}/environments/e/versions/1`, {
    properties: { image: 'mcr.microsoft.com/azureml/base', condaFile: CONDA },
  });
  const submitted = await test.arm('PUT', `${W}/jobs/train1`, {
    properties: {
      jobType: 'Command',
      command: 'python train.py ${{inputs.data}}',
      environmentId: `${W}/environments/e/versions/1`,
      codeId: `${W}/codes/c/versions/1`,
      inputs: { data: { jobInputType: 'uri_file', uri: `${W}/data/d/versions/1` } },
    },
  });
  expect(submitted.status).toBe(201);
  expect(await finished('train1')).toMatchObject({ status: 'Completed' });

  const workspace = await test.arm('GET', W);
  const tracking = String(workspace.body.properties['mlFlowTrackingUri']).replace('azureml://', 'http://');
  const run = (await (await fetch(`${tracking}/api/2.0/mlflow/runs/get?run_id=train1`)).json()) as {
    run: { data: { metrics: { key: string; value: number }[] } };
  };
  expect(run.run.data.metrics.find(({ key }) => key === 'accuracy')?.value).toBeGreaterThan(0.9);

  const model = await test.arm('PUT', `${W}/models/m/versions/1`, {
    properties: {
      modelType: 'mlflow_model',
      modelUri: 'azureml://jobs/train1/outputs/artifacts/paths/model/',
      jobName: 'train1',
    },
  });
  expect(model.status).toBe(201);
  await test.settle(
    await test.arm('PUT', `${W}/onlineEndpoints/whole`, {
      location: 'westeurope',
      properties: { authMode: 'Key' },
    }),
  );
  const deployed = await test.settle(
    await test.arm('PUT', `${W}/onlineEndpoints/whole/deployments/blue`, {
      location: 'westeurope',
      sku: { name: 'Default', capacity: 1 },
      properties: {
        endpointComputeType: 'Managed',
        instanceType: 'Standard_DS3_v2',
        model: `${W}/models/m/versions/1`,
      },
    }),
  );
  expect(deployed.body).toMatchObject({ status: 'Succeeded' });
  await test.settle(
    await test.arm('PUT', `${W}/onlineEndpoints/whole`, {
      location: 'westeurope',
      properties: { authMode: 'Key', traffic: { BLUE: 100 } },
    }),
  );
  expect(
    await score([
      [1, 1],
      [39, 4],
    ]),
  ).toEqual([0, 1]);
  const logs = await test.arm('POST', `${W}/onlineEndpoints/whole/deployments/blue/getLogs`, { tail: 50 });
  expect(logs.body['content']).toContain('score');
  const removal = await test.arm('DELETE', `${W}/onlineEndpoints/whole/deployments/blue`);
  expect([removal.status, removal.body['error']]).toMatchObject([
    400,
    { message: expect.stringContaining('100 % of traffic') as string },
  ]);

  await test.restart();
  expect(
    await score([
      [1, 1],
      [39, 4],
    ]),
  ).toEqual([0, 1]);
  await test.settle(await test.arm('DELETE', `${W}/onlineEndpoints/whole`));
  expect((await test.arm('GET', `${W}/onlineEndpoints/whole/deployments/blue`)).status).toBe(404);
}, 300_000);
