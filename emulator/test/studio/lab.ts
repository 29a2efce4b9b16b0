import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { setTimeout as sleep } from 'node:timers/promises';
import { GROUP, SUBSCRIPTION, W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

/** Azurite's published development key. */
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A script that logs metrics and parameters as MLflow's client does, without its packages. */
export const TRACK = `
import json, os, sys, time, urllib.request
def call(path, **body):
    url = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/runs/" + path
    body["run_id"] = os.environ["MLFLOW_RUN_ID"]
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"}))
def metric(key, value, step=0):
    call("log-metric", key=key, value=value, step=step, timestamp=int(time.time() * 1000))
def param(key, value):
    call("log-parameter", key=key, value=str(value))
`;

/** A command that runs a Python script. */
export function python(script: string): string {
  return `python3 - <<'SCRIPT'\n${script}\nSCRIPT`;
}

/** The smallest picture: a PNG of one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const PLAIN = `${W}/environments/plain/versions/1`;

/** A whole emulator with a workspace in it, whose page is looked at. */
export interface StudioLab {
  readonly test: TestEmulator;
  /** Address of a page of the workspace. */
  page(...segments: readonly string[]): string;
  put(path: string, properties: object, more?: object): Promise<void>;
  /** Submits a command job in an environment without packages. */
  submit(name: string, command: string, more?: object): Promise<void>;
  statusOf(job: string): Promise<string>;
  until(job: string, ...statuses: readonly string[]): Promise<void>;
  /** Uploads a file to the default datastore; gives its folder's URI. */
  upload(folder: string, file: string, text: string): Promise<string>;
}

export async function startStudioLab(): Promise<StudioLab> {
  const test = await startTestEmulator();
  await makeWorkspace(test);
  const lab: StudioLab = {
    test,
    page: (...segments) =>
      [`${test.url}/studio`, SUBSCRIPTION, GROUP, 'ws1', ...segments]
        .map((part, at) => (at === 0 ? part : encodeURIComponent(part)))
        .join('/'),
    async put(path, properties, more = {}) {
      const answer = await test.arm('PUT', `${W}${path}`, { location: 'westeurope', properties, ...more });
      if (answer.status >= 400) throw new Error(`PUT ${path}: ${JSON.stringify(answer.body)}`);
      if (answer.headers.has('azure-asyncoperation')) {
        const settled = await test.settle(answer);
        if (settled.body['status'] !== 'Succeeded')
          throw new Error(`PUT ${path}: ${JSON.stringify(settled.body)}`);
      }
    },
    submit: (name, command, more = {}) =>
      lab.put(`/jobs/${name}`, { jobType: 'Command', command, environmentId: PLAIN, ...more }),
    async statusOf(job) {
      return String((await test.arm('GET', `${W}/jobs/${job}`)).body.properties['status']);
    },
    async until(job, ...statuses) {
      const wanted = statuses.length === 0 ? ['Completed', 'Failed', 'Canceled'] : statuses;
      while (!wanted.includes(await lab.statusOf(job))) await sleep(100);
    },
    async upload(folder, file, text) {
      const { body } = await test.arm('GET', `${W}/datastores/workspaceblobstore`);
      const account = new URL(test.emulator.blobUrl).pathname.slice(1);
      const service = new BlobServiceClient(
        test.emulator.blobUrl,
        new StorageSharedKeyCredential(account, KEY),
      );
      const container = service.getContainerClient(String(body.properties['containerName']));
      await container.getBlockBlobClient(`${folder}/${file}`).upload(text, Buffer.byteLength(text));
      return `azureml://datastores/workspaceblobstore/paths/${folder}`;
    },
  };
  await lab.put('/environments/plain/versions/1', {
    image: 'python',
    condaFile: 'dependencies: [python, pip]',
  });
  return lab;
}

/** A cluster of so many nodes; gives its id. */
export async function putCluster(lab: StudioLab, name: string, maxNodeCount: number): Promise<string> {
  await lab.put(`/computes/${name}`, {
    computeType: 'AmlCompute',
    properties: { vmSize: 'STANDARD_DS3_V2', scaleSettings: { minNodeCount: 0, maxNodeCount } },
  });
  return `${W}/computes/${name}`;
}

/** A registry with one model. */
export async function putRegistry({ test }: StudioLab, name: string): Promise<void> {
  const id = `${W.slice(0, W.lastIndexOf('/workspaces/'))}/registries/${name}`;
  const region = { location: 'westeurope', acrDetails: [{}], storageAccountDetails: [{}] };
  await test.settle(
    await test.arm('PUT', id, { location: 'westeurope', properties: { regionDetails: [region] } }),
  );
  const uri = 'azureml://datastores/workspaceblobstore/paths/m';
  await test.arm('PUT', `${id}/models/house/versions/1`, { properties: { modelUri: uri } });
}

/** A sweep of three trials whose score is what they are given. */
export const SWEEP = {
  jobType: 'Sweep',
  displayName: 'learning rate',
  samplingAlgorithm: { samplingAlgorithmType: 'Grid' },
  objective: { primaryMetric: 'score', goal: 'Maximize' },
  searchSpace: { rate: ['choice', [[0.1, 0.3, 0.2]]] },
  limits: { jobLimitsType: 'Sweep', maxTotalTrials: 3, maxConcurrentTrials: 3 },
  trial: {
    environmentId: PLAIN,
    command: python(`${TRACK}\nmetric("score", float("\${{search_space.rate}}"))`),
  },
};

const component = (name: string, command: string, inputs = {}, outputs = {}) => ({
  componentSpec: {
    name,
    version: '1',
    type: 'command',
    command,
    environment: `azureml:${PLAIN}`,
    inputs,
    outputs,
  },
});

/** Two steps, the second of which reads what the first wrote, and one that waits for both. */
export async function submitPipeline(lab: StudioLab, name: string): Promise<void> {
  const file = { type: 'uri_folder' };
  await lab.put(
    '/components/prepare/versions/1',
    component('prepare', 'echo 1 > ${{outputs.table}}/rows.csv', {}, { table: file }),
  );
  await lab.put(
    '/components/train/versions/1',
    component(
      'train',
      'cat ${{inputs.table}}/rows.csv > ${{outputs.model}}/m.txt',
      { table: file },
      { model: file },
    ),
  );
  await lab.put(
    '/components/judge/versions/1',
    component('judge', 'ls ${{inputs.model}} ${{inputs.table}}', { table: file, model: file }),
  );
  const step = (component_: string, inputs: Record<string, string> = {}) => ({
    type: 'command',
    componentId: `${W}/components/${component_}/versions/1`,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([key, value]) => [key, { job_input_type: 'literal', value }]),
    ),
  });
  const output = (of: string, which: string) => `\${{parent.jobs.${of}.outputs.${which}}}`;
  await lab.put(`/jobs/${name}`, {
    jobType: 'Pipeline',
    displayName: 'prepare, train, judge',
    jobs: {
      prepare: step('prepare'),
      train: step('train', { table: output('prepare', 'table') }),
      judge: step('judge', { table: output('prepare', 'table'), model: output('train', 'model') }),
    },
  });
}

const SCORE = `import json, os
from azureml_inference_server_http.api.aml_response import AMLResponse
def init():
    print("the model is loaded")
def run(data):
    payload = json.loads(data)
    print("asked for", payload)
    if "fail" in payload:
        return AMLResponse({"why": "asked to"}, payload["fail"])
    return [os.environ["COLOR"]]
`;

/** An endpoint with two deployments that share its traffic; gives its scoring address and key. */
export async function deploy(
  lab: StudioLab,
  name: string,
): Promise<{ score: (body: unknown) => Promise<number> }> {
  const { test } = lab;
  await lab.put('/environments/scoring/versions/1', {
    image: 'python',
    condaFile: JSON.stringify({
      name: 'scoring-tests',
      dependencies: [{ pip: ['mlflow-skinny', 'pandas', 'scikit-learn'] }],
    }),
  });
  await lab.put('/codes/echo/versions/1', { codeUri: await lab.upload('code/echo', 'score.py', SCORE) });
  const endpoint = `/onlineEndpoints/${name}`;
  await lab.put(endpoint, { authMode: 'Key' });
  await Promise.all(
    ['blue', 'green'].map((color) =>
      lab.put(
        `${endpoint}/deployments/${color}`,
        {
          endpointComputeType: 'Managed',
          instanceType: 'Standard_DS3_v2',
          environmentId: `${W}/environments/scoring/versions/1`,
          environmentVariables: { COLOR: color },
          codeConfiguration: { codeId: `${W}/codes/echo/versions/1`, scoringScript: 'score.py' },
        },
        { sku: { name: 'Default', capacity: 1 } },
      ),
    ),
  );
  await lab.put(endpoint, { authMode: 'Key', traffic: { blue: 70, green: 30 } });
  const keys = await test.arm('POST', `${W}${endpoint}/listKeys`, {});
  const { body } = await test.arm('GET', `${W}${endpoint}`);
  return {
    score: async (payload) => {
      const answer = await fetch(String(body.properties['scoringUri']), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${String(keys.body['primaryKey'])}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(payload),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
}
