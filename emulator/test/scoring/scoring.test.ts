import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerMonitorLogs } from '../../src/monitor-logs/index.js';
import { createEnvironments } from '../../src/runner/environments.js';
import { listBlobs } from '../../src/runner/transfer.js';
import { createScoring, scoringUri } from '../../src/scoring/index.js';
import type { Scoring } from '../../src/scoring/index.js';
import { getResource, updateProperties } from '../../src/resources.js';
import type { Json } from '../../src/resources.js';
import {
  CONDA,
  GUID,
  KEYS,
  WORKSPACE,
  put,
  putCode,
  putDeployment,
  putEndpoint,
  putFolder,
  putWorkspace,
} from '../support/deployments.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

const run = promisify(execFile);

const ECHO = `import json, os, time
from azureml_inference_server_http.api.aml_response import AMLResponse
def init():
    if os.environ.get("BROKEN"):
        raise RuntimeError("the model file is missing")
def run(data):
    payload = json.loads(data)
    if "sleep" in payload:
        time.sleep(payload["sleep"])
    if "fail" in payload:
        return AMLResponse({"why": "asked to"}, payload["fail"])
    if "die" in payload:
        os._exit(1)
    return [os.environ["COLOR"]]
`;

const TRAIN = `import sys, yaml
import mlflow, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
x = pd.DataFrame({"age": [20.0, 30.0, 60.0, 70.0], "bmi": [20.0, 22.0, 35.0, 36.0]})
model = LogisticRegression().fit(x, [0, 0, 1, 1])
mlflow.sklearn.save_model(model, sys.argv[1], conda_env=yaml.safe_load(sys.argv[2]), serialization_format="cloudpickle", signature=infer_signature(x, model.predict(x)))
`;

let services: Services;
let scoring: Scoring;
let codeId: string;

const collect = {
  dataCollector: {
    collections: {
      model_inputs: { dataCollectionMode: 'Enabled' },
      model_outputs: { dataCollectionMode: 'enabled' },
    },
  },
};

beforeAll(async () => {
  services = await startServices(
    [
      (app, ctx) => {
        scoring = createScoring(ctx, createEnvironments(ctx));
        scoring.register(app);
      },
      registerMonitorLogs,
    ],
    true,
    () => scoring.stop(),
  );
  putWorkspace(services.ctx);
  codeId = await putCode(services.ctx, 'echo', ECHO);
}, 600_000);

afterAll(() => services.stop());

function color(name: string, more: Json = {}): Json {
  return { environmentVariables: { COLOR: name, ...more } };
}

/** An endpoint whose deployments answer with their own names. */
async function deployAll(endpoint: string, names: readonly string[], properties: Json = {}): Promise<string> {
  const endpointId = putEndpoint(services.ctx, endpoint, {});
  const ids = names.map((name) =>
    putDeployment(services.ctx, endpointId, name, codeId, { ...color(name), ...properties }),
  );
  await Promise.all(ids.map((id) => scoring.deploy(id)));
  return endpointId;
}

function uriOf(endpoint: string): string {
  return scoringUri(services.ctx, { id: `${WORKSPACE}/onlineEndpoints/${endpoint}`, name: endpoint });
}

function score(endpoint: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(uriOf(endpoint), {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.primaryKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

interface Answer {
  tables: { columns: { name: string; type: string }[]; rows: unknown[][] }[];
}

function query(text: string, timespan?: string): Promise<Response> {
  return fetch(`${services.url}/v1/workspaces/${GUID}/query`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, timespan }),
  });
}

async function rowsOf(text: string, timespan?: string): Promise<unknown[][]> {
  const answer = (await (await query(text, timespan)).json()) as Answer;
  return answer.tables[0]?.rows ?? [];
}

describe('router', () => {
  beforeAll(async () => {
    await deployAll('colors', ['blue', 'green']);
  }, 600_000);

  it('splits 1,000 requests exactly as the traffic says', async () => {
    updateProperties(services.ctx.store, `${WORKSPACE}/onlineEndpoints/colors`, {
      traffic: { blue: 90, green: 10 },
    });
    const counts: Record<string, number> = {};
    for (let at = 0; at < 1000; at += 1) {
      const [name] = (await (await score('colors', {})).json()) as [string];
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts).toEqual({ blue: 900, green: 100 });
  }, 120_000);

  it('follows the deployment header whatever the traffic, and names who answered', async () => {
    const answer = await score('colors', {}, { 'azureml-model-deployment': 'green' });
    expect(await answer.json()).toEqual(['green']);
    expect(answer.headers.get('azureml-model-deployment')).toBe('green');
    expect(answer.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await score('colors', {}, { 'azureml-model-deployment': 'red' })).status).toBe(404);
  });

  it('accepts both keys and nothing else', async () => {
    const status = async (authorization: string) => (await score('colors', {}, { authorization })).status;
    expect(await status(`Bearer ${KEYS.secondaryKey}`)).toBe(200);
    expect(await status('Bearer wrong')).toBe(401);
    expect(await status(KEYS.primaryKey)).toBe(401);
    expect((await fetch(uriOf('colors'), { method: 'POST', body: '{}' })).status).toBe(401);
  });

  it('accepts the token of an endpoint with AMLToken', async () => {
    const endpointId = putEndpoint(services.ctx, 'colors', { authMode: 'AMLToken', traffic: { blue: 100 } });
    const endpoint = getResource(services.ctx.store, endpointId);
    put(services.ctx, endpointId, endpoint?.properties ?? {}, {
      _token: { accessToken: 'a-token', tokenType: 'Bearer' },
    });
    const status = async (token: string) =>
      (await score('colors', {}, { authorization: `Bearer ${token}` })).status;
    expect(await status('a-token')).toBe(200);
    expect(await status('Bearer')).toBe(401);
    expect((await score('colors', {})).status).toBe(401);
    putEndpoint(services.ctx, 'colors', { traffic: { blue: 100 } });
  });

  it('answers 404 while no deployment has traffic', async () => {
    putEndpoint(services.ctx, 'colors', { traffic: { blue: 0 } });
    expect((await score('colors', {})).status).toBe(404);
    putEndpoint(services.ctx, 'colors', { traffic: { blue: 100 } });
    expect((await score('nobody', {})).status).toBe(404);
  });

  it('wraps the failure of a model as 424 with its own status', async () => {
    const answer = await score('colors', { fail: 418 });
    expect(answer.status).toBe(424);
    expect(answer.headers.get('ms-azureml-model-error-statuscode')).toBe('418');
    expect(answer.headers.get('ms-azureml-model-error-reason')).toMatch(/teapot/i);
  });

  it('sends mirrored copies that the client does not see', async () => {
    putEndpoint(services.ctx, 'colors', { traffic: { blue: 100 }, mirrorTraffic: { green: 50 } });
    const mirrored = `AmlOnlineEndpointTrafficLog | where EndpointName == "colors" and DeploymentName == "green" and XMSClientRequestId == "mirror-test" | count`;
    const headers = { 'x-ms-client-request-id': 'mirror-test' };
    for (let at = 0; at < 10; at += 1)
      expect(await (await score('colors', {}, headers)).json()).toEqual(['blue']);
    await expect.poll(() => rowsOf(mirrored), { timeout: 10_000 }).toEqual([[5]]);
    await score('colors', {}, { ...headers, 'azureml-model-deployment': 'blue' });
    await score('colors', {}, { ...headers, 'azureml-model-deployment': 'blue' });
    expect(await rowsOf(mirrored)).toEqual([[5]]);
    putEndpoint(services.ctx, 'colors', { traffic: { blue: 100 } });
  }, 60_000);

  it('starts a dead instance again', async () => {
    await score('colors', { die: true }, { 'azureml-model-deployment': 'green' });
    const again = async () => (await score('colors', {}, { 'azureml-model-deployment': 'green' })).status;
    await expect.poll(again, { timeout: 30_000 }).toBe(200);
  }, 60_000);
});

describe('limits of a deployment', () => {
  it('answers 408 after the request timeout', async () => {
    await deployAll('impatient', ['only'], { requestSettings: { requestTimeout: 'PT1S' } });
    const answer = await score('impatient', { sleep: 2 }, { 'azureml-model-deployment': 'only' });
    expect(answer.status).toBe(408);
  }, 600_000);

  it('answers 429 above twice the concurrency of all instances', async () => {
    await deployAll('busy', ['only'], { requestSettings: { requestTimeout: 'PT30S' } });
    const ask = () => score('busy', { sleep: 0.3 }, { 'azureml-model-deployment': 'only' });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  }, 600_000);
});

describe('deploy', () => {
  it('rejects with the end of the log when init() fails, and keeps what ran before', async () => {
    const endpointId = await deployAll('broken', ['blue']);
    const id = putDeployment(services.ctx, endpointId, 'blue', codeId, color('blue', { BROKEN: '1' }));
    await expect(scoring.deploy(id)).rejects.toMatchObject({
      code: 'ResourceNotReady',
      message: expect.stringContaining('the model file is missing') as string,
    });
    expect(await scoring.logs(id, 50)).toContain('RuntimeError: the model file is missing');
    const answer = await score('broken', {}, { 'azureml-model-deployment': 'blue' });
    expect(await answer.json()).toEqual(['blue']);
    await scoring.remove(id);
    expect((await score('broken', {}, { 'azureml-model-deployment': 'blue' })).status).toBe(404);
  }, 600_000);

  it('names the files that it found when the scoring script is missing', async () => {
    const endpointId = putEndpoint(services.ctx, 'missing', {});
    const id = putDeployment(services.ctx, endpointId, 'blue', codeId, {
      codeConfiguration: { codeId, scoringScript: 'other.py' },
    });
    await expect(scoring.deploy(id)).rejects.toMatchObject({
      code: 'BadArgument',
      message: expect.stringContaining('Found: score.py') as string,
    });
  });
});

describe('an MLflow model without code', () => {
  beforeAll(async () => {
    const { python } = await createEnvironments(services.ctx).ensureFromConda(
      CONDA,
      ['azureml-inference-server-http', 'pandas'],
      () => undefined,
    );
    const dir = await mkdtemp(join(tmpdir(), 'mlflow-model-'));
    await writeFile(join(dir, 'train.py'), TRAIN);
    await run(python, [join(dir, 'train.py'), join(dir, 'model'), CONDA]);
    const modelUri = await putFolder(services.ctx, 'trained/model', join(dir, 'model'));
    await rm(dir, { recursive: true });
    put(services.ctx, `${WORKSPACE}/models/risk/versions/3`, { modelType: 'mlflow_model', modelUri });
    const endpointId = putEndpoint(services.ctx, 'risk', { traffic: { v3: 100 } });
    const id = putDeployment(services.ctx, endpointId, 'v3', undefined, {
      model: `${WORKSPACE}/models/risk/versions/3`,
      ...collect,
    });
    await scoring.deploy(id);
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
    const answer = await score('risk', body);
    expect(await answer.json()).toEqual([0, 1]);
    expect(answer.status).toBe(200);
  });

  it('answers 424 with status 400 for a body that it cannot read', async () => {
    const answer = await score('risk', { rows: [] });
    expect(answer.status).toBe(424);
    expect(answer.headers.get('ms-azureml-model-error-statuscode')).toBe('400');
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('input_data') as string });
  });

  it('collects inputs and outputs as row objects that correlate', async () => {
    await score('risk', { input_data: [[66, 35]] }, { 'x-ms-client-request-id': 'patient-1' });
    const lines = async (collection: string) => {
      const container = `azureml-blobstore-${GUID}`;
      const prefix = `modelDataCollector/risk/v3/${collection}`;
      const [name = ''] = await listBlobs(services.ctx, { container, prefix });
      if (name === '') return [];
      expect(name).toMatch(/model_\w+\/\d{4}\/\d\d\/\d\d\/\d\d\/v3-[\w-]+\.jsonl$/);
      const blob = services.ctx.blob.service.getContainerClient(container).getBlobClient(name);
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

describe('traffic log query', () => {
  it('answers with the rows and columns that are asked for', async () => {
    const from = new Date().toISOString();
    await score('colors', {}, { 'azureml-model-deployment': 'blue' });
    await score('colors', { fail: 500 }, { 'azureml-model-deployment': 'blue' });
    const to = new Date(Date.now() + 1000).toISOString();
    const answer = (await (
      await query(`AmlOnlineEndpointTrafficLog
        | where TimeGenerated between (datetime(${from}) .. datetime(${to}))
        | where EndpointName == "colors" | where DeploymentName == 'blue'
        | project TimeGenerated, ResponseCode, ModelStatusCode, TotalDurationMs
        | order by TimeGenerated asc | take 10`)
    ).json()) as Answer;
    const [table] = answer.tables;
    expect(table).toMatchObject({
      name: 'PrimaryResult',
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: 'ResponseCode', type: 'int' },
        { name: 'ModelStatusCode', type: 'int' },
        { name: 'TotalDurationMs', type: 'int' },
      ],
    });
    expect(table?.rows.map(([, code, model]) => [code, model])).toEqual([
      [200, 200],
      [424, 500],
    ]);
  });

  it('reads only what diagnostic settings send to a Log Analytics workspace', async () => {
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs';
    put(services.ctx, id, { customerId: 'logs-guid' });
    const ask = async () => {
      const answer = await fetch(`${services.url}/v1/workspaces/logs-guid/query`, {
        method: 'POST',
        headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'AmlOnlineEndpointTrafficLog | count', timespan: 'PT1H' }),
      });
      return ((await answer.json()) as Answer).tables[0]?.rows[0]?.[0];
    };
    expect(await ask()).toBe(0);
    put(services.ctx, `${WORKSPACE}/providers/Microsoft.Insights/diagnosticSettings/traffic`, {
      workspaceId: id,
      logs: [{ category: 'AmlOnlineEndpointTrafficLog', enabled: true }],
    });
    expect(await ask()).toBeGreaterThan(1000);
  });

  it.each([
    'AmlOnlineEndpointTrafficLog | summarize count()',
    'Heartbeat | take 1',
    'AmlOnlineEndpointTrafficLog | where Nope == 1',
  ])('refuses %s and says what it understands', async (text) => {
    const answer = await query(text);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'BadArgumentError',
        innererror: { code: 'SyntaxError', message: expect.stringContaining('Understood: ') as string },
      },
    });
  });
});

describe('recover', () => {
  it('serves what was deployed before the emulator ended, with its log and traffic', async () => {
    updateProperties(services.ctx.store, `${WORKSPACE}/onlineEndpoints/colors`, { traffic: { blue: 100 } });
    const countOf = 'AmlOnlineEndpointTrafficLog | where EndpointName == "colors" | count';
    const before = await rowsOf(countOf);
    await services.restart();
    expect((await score('colors', {})).status).toBe(404);
    await scoring.recover();
    expect(await (await score('colors', {})).json()).toEqual(['blue']);
    const id = `${WORKSPACE}/onlineEndpoints/colors/deployments/blue`;
    expect(await scoring.logs(id, 10)).toContain('POST /score 200');
    expect(await rowsOf(countOf)).toEqual([[Number(before[0]?.[0]) + 2]]);
  }, 120_000);
});
