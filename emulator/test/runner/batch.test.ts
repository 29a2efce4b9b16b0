import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { Answer, TestEmulator } from '../support/emulator.js';
import { CONDA } from './harness.js';

const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A model as MLflow stores it, by hand: predicts twice its first column. */
const MLFLOW_MODEL = {
  MLmodel: 'flavors:\n  python_function:\n    loader_module: twice\n    code: code\n    env: conda.yaml\n',
  'conda.yaml': CONDA,
  'code/twice.py':
    'class Twice:\n  def predict(self, data, params=None): return data.iloc[:, 0] * 2\ndef _load_pyfunc(path): return Twice()\n',
};

const SCRIPT = `import os
def init():
    global factor
    factor = int(open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "plain", "factor.txt")).read())
def run(files):
    return [f"{os.path.basename(f)} {factor * int(open(f).read())}" for f in files]
`;

describe('batch endpoints', () => {
  let test: TestEmulator;
  let scoringUri: string;
  beforeAll(async () => {
    test = await startTestEmulator();
    await makeWorkspace(test);
    await files('twice', MLFLOW_MODEL);
    await files('plain', { 'factor.txt': '10' });
    await files('script', { 'score.py': SCRIPT });
    await files('tables', { 'a.csv': 'x,y\n1,0\n2,0\n', 'b.csv': 'x,y\n5,0\n' });
    await files('numbers', { '1.txt': '1', '2.txt': '2', '3.txt': '3' });
    const uri = (path: string) => `azureml://datastores/workspaceblobstore/paths/${path}`;
    await put('/models/twice/versions/1', { modelType: 'mlflow_model', modelUri: uri('twice') });
    await put('/models/plain/versions/1', { modelType: 'custom_model', modelUri: uri('plain') });
    await put('/codes/script/versions/1', { codeUri: uri('script') });
    await put('/environments/plain/versions/1', {
      condaFile: 'dependencies: [python, pip]',
      image: 'python',
    });
    const endpoint = await put('/batchEndpoints/nightly', { authMode: 'AADToken' });
    scoringUri = String(endpoint.body.properties['scoringUri']);
  });
  afterAll(() => test.stop());

  async function files(folder: string, texts: Record<string, string>): Promise<void> {
    const store = await test.arm('GET', `${W}/datastores/workspaceblobstore`);
    const credential = new StorageSharedKeyCredential('devstoreaccount1', KEY);
    const container = new BlobServiceClient(test.emulator.blobUrl, credential).getContainerClient(
      String(store.body.properties['containerName']),
    );
    await container.createIfNotExists();
    for (const [name, text] of Object.entries(texts))
      await container.getBlockBlobClient(`${folder}/${name}`).upload(text, Buffer.byteLength(text));
  }
  async function put(path: string, properties: unknown): Promise<Answer> {
    const answer = await test.arm('PUT', `${W}${path}`, { location: 'westeurope', properties });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    if (answer.headers.has('azure-asyncoperation')) await test.settle(answer);
    return answer;
  }
  async function invoke(deployment: string, properties: unknown): Promise<string> {
    const response = await fetch(scoringUri, {
      method: 'POST',
      headers: {
        authorization: 'Bearer t',
        'content-type': 'application/json',
        'azureml-model-deployment': deployment,
      },
      body: JSON.stringify({ properties }),
    });
    const body = (await response.json()) as { name: string };
    expect(response.status, JSON.stringify(body)).toBe(201);
    return body.name;
  }
  async function ended(job: string): Promise<Answer> {
    for (;;) {
      const answer = await test.arm('GET', `${W}/jobs/${job}`);
      if (['Completed', 'Failed', 'Canceled'].includes(String(answer.body.properties['status'])))
        return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  async function predictions(job: Answer, file = 'predictions.csv'): Promise<string> {
    expect(job.body.properties, JSON.stringify(job.body.properties['error'])).toMatchObject({
      status: 'Completed',
    });
    const { score } = job.body.properties['outputs'] as { score: { uri: string } };
    const store = await test.arm('GET', `${W}/datastores/workspaceblobstore`);
    const credential = new StorageSharedKeyCredential('devstoreaccount1', KEY);
    const path = `${score.uri.replace(/^.*\/paths\//, '').replace(/\/$/, '')}/${file}`;
    const container = new BlobServiceClient(test.emulator.blobUrl, credential).getContainerClient(
      String(store.body.properties['containerName']),
    );
    return (await container.getBlobClient(path).downloadToBuffer()).toString();
  }
  const folder = (name: string) => ({
    UriFolder: { jobInputType: 'UriFolder', uri: `azureml://datastores/workspaceblobstore/paths/${name}` },
  });
  const model = (name: string) => ({ assetId: `${W}/models/${name}/versions/1`, referenceType: 'Id' });

  it('score with a script in mini-batches, the model in AZUREML_MODEL_DIR', async () => {
    await put('/batchEndpoints/nightly/deployments/scripted', {
      model: model('plain'),
      codeConfiguration: { codeId: `${W}/codes/script/versions/1`, scoringScript: 'score.py' },
      environmentId: `${W}/environments/plain/versions/1`,
      miniBatchSize: 2,
      maxConcurrencyPerInstance: 2,
    });
    const job = await ended(await invoke('scripted', { inputData: folder('numbers') }));
    expect(await predictions(job)).toBe('1.txt 10\n2.txt 20\n3.txt 30\n');
    const { body } = await test.arm('GET', `${W}/batchEndpoints/nightly/deployments/scripted/jobs`);
    expect(body.value.map(({ name }) => name)).toEqual([job.body['name']]);
  });

  it('score with an MLflow model that brings no code, to the place that the call names', async () => {
    await put('/computes/nights', { computeType: 'AmlCompute', properties: { vmSize: 'Standard_DS3_v2' } });
    await put('/batchEndpoints/nightly/deployments/mlflow', {
      model: model('twice'),
      compute: `${W}/computes/nights`,
    });
    const OutputData = {
      score: { JobOutputType: 'UriFile', Uri: 'azureml://datastores/workspaceblobstore/paths/mine/out.csv' },
    };
    const job = await ended(await invoke('mlflow', { InputData: folder('tables'), OutputData }));
    expect(await predictions(job, 'out.csv')).toBe('0,2,a.csv\n1,4,a.csv\n0,10,b.csv\n');
    expect(job.body.properties['computeId']).toBe(`${W}/computes/nights`);
  });

  it('run a pipeline component with the inputs of the call', async () => {
    const environment = `${W}/environments/plain/versions/1`;
    await put('/components/say/versions/1', {
      componentSpec: {
        type: 'command',
        command: 'echo ${{inputs.word}} > ${{outputs.out}}/a.txt',
        environment,
        inputs: { word: { type: 'string' } },
        outputs: { out: { type: 'uri_folder' } },
      },
    });
    await put('/components/whole/versions/1', {
      componentSpec: {
        type: 'pipeline',
        inputs: { word: { type: 'string', default: 'hello' } },
        outputs: { score: { type: 'uri_folder' } },
        jobs: {
          say: {
            type: 'command',
            componentId: `${W}/components/say/versions/1`,
            inputs: { word: { value: '${{parent.inputs.word}}', job_input_type: 'literal' } },
            outputs: { out: { value: '${{parent.outputs.score}}', type: 'literal' } },
          },
        },
      },
    });
    await put('/batchEndpoints/nightly/deployments/piped', {
      deploymentConfiguration: {
        deploymentConfigurationType: 'PipelineComponent',
        componentId: { assetId: `${W}/components/whole/versions/1`, referenceType: 'Id' },
        settings: { continue_on_step_failure: false },
      },
    });
    const job = await ended(
      await invoke('piped', { inputData: { word: { jobInputType: 'Literal', value: 'hi' } } }),
    );
    expect(await predictions(job, 'a.txt')).toBe('hi\n');
  });

  it('refuse a call without data', async () => {
    const response = await fetch(scoringUri, {
      method: 'POST',
      headers: {
        authorization: 'Bearer t',
        'content-type': 'application/json',
        'azureml-model-deployment': 'scripted',
      },
      body: '{"properties":{}}',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('exactly one input');
  });
});
