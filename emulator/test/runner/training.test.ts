import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getResource } from '../../src/resources.js';
import { createEnvironments } from '../../src/runner/environments.js';
import { listBlobs } from '../../src/runner/transfer.js';
import { resolveUri } from '../../src/runner/uris.js';
import { W, runPython, startHarness } from './harness.js';
import type { Harness } from './harness.js';

const TRAIN = `
import argparse, json, os, pathlib
import mlflow, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

parser = argparse.ArgumentParser()
parser.add_argument("--data"); parser.add_argument("--reg", type=float); parser.add_argument("--out")
parser.add_argument("--prepared"); parser.add_argument("--extra", default="none")
args = parser.parse_args()

mlflow.sklearn.autolog(log_models=False)
data = pd.read_csv(args.data)
X, y = data[["a", "b"]], data["y"]
with mlflow.start_run():
    model = LogisticRegression(C=1 / args.reg).fit(X, y)
    for step in range(3):
        mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
    mlflow.log_metric("AUC", 0.875)
    mlflow.log_param("extra", args.extra)
    mlflow.log_dict({"n": len(data)}, "report/summary.json")
    mlflow.sklearn.log_model(model, name="model", signature=infer_signature(X, model.predict(X)))
pathlib.Path(args.out, "weights.json").write_text(json.dumps(model.coef_.tolist()))
pathlib.Path(args.prepared).write_text("a,b\\n1,2\\n")
os.makedirs("outputs", exist_ok=True)
pathlib.Path("outputs/note.txt").write_text(os.environ["AZURE_ML_INPUT_reg"])
print("trained on", len(data), "rows")
`;

const ROWS = ['a,b,y', ...Array.from({ length: 40 }, (_, n) => `${n},${n % 7},${n > 19 ? 1 : 0}`)].join('\n');

describe('a training job', () => {
  let emulator: Harness;
  beforeAll(async () => {
    emulator = await startHarness();
    const dataUri = await emulator.putFiles('diabetes', { 'train.csv': ROWS });
    emulator.put('/data/diabetes/versions/3', { dataType: 'uri_file', dataUri: `${dataUri}/train.csv` });
    await emulator.submit(
      'train1',
      {
        command:
          'python train.py --data ${{inputs.data}} --reg ${{inputs.reg}} --out ${{outputs.weights}} --prepared ${{outputs.table}} $[[--extra ${{inputs.extra}}]]',
        experimentName: 'diabetes',
        displayName: 'logistic',
        inputs: {
          data: { jobInputType: 'uri_file', uri: `${W}/data/diabetes/versions/3` },
          reg: { jobInputType: 'literal', value: '0.5' },
        },
        outputs: {
          weights: { jobOutputType: 'custom_model', assetName: 'weights' },
          table: { jobOutputType: 'uri_file', assetName: 'prepared', assetVersion: '7' },
        },
      },
      { 'train.py': TRAIN },
    );
  });
  afterAll(() => emulator.stop());

  it('has its run from its submission on, and completes', async () => {
    const { body } = await emulator.mlflow('GET', 'runs/get?run_id=train1');
    expect(body).toMatchObject({ run: { info: { run_id: 'train1', run_name: 'logistic' } } });
    const job = await emulator.until('train1');
    expect(job.error).toBeUndefined();
    expect(job.status).toBe('Completed');
    expect(await emulator.artifact('train1', 'user_logs/std_log.txt')).toContain('trained on 40 rows');
    expect(await emulator.artifact('train1', 'outputs/note.txt')).toBe('0.5');
    expect(job).toMatchObject({
      outputs: { default: { uri: 'azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.train1' } },
    });
  });

  it('shows its metrics, params and tags through the REST API', async () => {
    const { body } = await emulator.mlflow('GET', 'runs/get?run_id=train1');
    const { info, data } = (body as { run: { info: { status: string }; data: Record<string, unknown[]> } })
      .run;
    expect(info.status).toBe('FINISHED');
    expect(data['metrics']).toContainEqual(expect.objectContaining({ key: 'AUC', value: 0.875 }));
    expect(data['metrics']).toContainEqual(expect.objectContaining({ key: 'loss', value: 1 / 3, step: 2 }));
    expect(data['params']).toContainEqual({ key: 'C', value: '2.0' });
    expect(data['params']).toContainEqual({ key: 'extra', value: 'none' });
    const history = await emulator.mlflow('GET', 'metrics/get-history?run_id=train1&metric_key=loss');
    expect((history.body['metrics'] as { step: number }[]).map(({ step }) => step)).toEqual([0, 1, 2]);
    const found = await emulator.mlflow('GET', 'experiments/get-by-name?experiment_name=diabetes');
    const { experiment_id } = found.body['experiment'] as { experiment_id: string };
    const search = { experiment_ids: [experiment_id], filter: 'metrics.AUC > 0.8 AND params.C = "2.0"' };
    const runs = await emulator.mlflow('POST', 'runs/search', search);
    expect((runs.body['runs'] as { info: { run_id: string } }[]).map((run) => run.info.run_id)).toEqual([
      'train1',
    ]);
    const none = await emulator.mlflow('POST', 'runs/search', { ...search, filter: 'metrics.AUC > 0.9' });
    expect(none.body['runs']).toEqual([]);
  });

  it('keeps the logged model and artifacts where Azure ML has them', async () => {
    expect(await emulator.artifact('train1', 'model/MLmodel')).toContain('sklearn');
    expect(JSON.parse(await emulator.artifact('train1', 'report/summary.json'))).toEqual({ n: 40 });
    const listed = await emulator.mlflow('GET', 'artifacts/list?run_id=train1&path=report');
    expect(listed.body['files']).toMatchObject([{ path: 'report/summary.json', is_dir: false }]);
  });

  it('registers its named outputs', async () => {
    const weights = getResource(emulator.ctx.store, `${W}/models/weights/versions/1`);
    expect(weights?.properties).toMatchObject({ modelType: 'custom_model', jobName: 'train1' });
    const files = await listBlobs(emulator.ctx, resolveUri(emulator.ctx, W, 'azureml:weights:1'));
    expect(files).toEqual(['azureml/train1/weights/weights.json']);
    expect(getResource(emulator.ctx.store, `${W}/data/prepared/versions/7`)?.properties).toMatchObject({
      dataType: 'uri_file',
    });
    const table = resolveUri(emulator.ctx, W, 'azureml://jobs/train1/outputs/table');
    expect(await listBlobs(emulator.ctx, table)).toEqual(['azureml/train1/table']);
  });

  it('gives its model to an unmodified mlflow script that registers and loads it', async () => {
    const { python } = await createEnvironments(emulator.ctx).ensure(
      `${W}/environments/sklearn/versions/1`,
      [],
      () => undefined,
    );
    const script = `
import mlflow, pandas as pd
from mlflow import MlflowClient
version = mlflow.register_model("runs:/train1/model", "diabetes", tags={"stage": "test"})
client = MlflowClient()
client.set_registered_model_alias("diabetes", "champion", version.version)
model = mlflow.pyfunc.load_model("models:/diabetes@champion")
print(model.predict(pd.DataFrame({"a": [0, 39], "b": [0, 4]})).tolist())
print(client.search_model_versions("name = 'diabetes'")[0].run_id, client.search_registered_models()[0].aliases)
with mlflow.start_run(run_name="local") as run:
    mlflow.log_metric("m", float("nan"))
    mlflow.log_text("hello", "a/b.txt")
print(mlflow.artifacts.load_text(run.info.artifact_uri + "/a/b.txt"), client.get_run(run.info.run_id).info.status)
print(mlflow.search_runs(experiment_names=["Default"], output_format="list")[0].data.metrics)
`;
    const output = await runPython(python, script, emulator.tracking);
    const printed = ['[0, 1]', "train1 {'champion': '1'}", 'hello FINISHED', "{'m': nan}"];
    expect(output.split('\n')).toEqual(expect.arrayContaining(printed));
    expect(getResource(emulator.ctx.store, `${W}/models/diabetes/versions/1`)?.properties).toMatchObject({
      modelUri: 'azureml://jobs/train1/outputs/artifacts/paths/model',
      tags: { stage: 'test' },
      jobName: 'train1',
    });
  });
});
