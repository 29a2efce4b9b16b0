import { request as sendRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { Answer, TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
const MLFLOW = `/mlflow/v1.0${W}/api/2.0`;
const model = { properties: { modelUri: 'azureml://datastores/workspaceblobstore/paths/x' } };

beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
  await test.arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'python:3' } });
});
afterAll(() => test.stop());

/** Sends a path as it stands: `fetch` would take `..` out of it before. */
function sent(method: string, path: string, body: string | Buffer, type = 'application/json') {
  const { hostname, port } = new URL(test.url);
  const headers = { authorization: 'Bearer t', 'content-type': type };
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const request = sendRequest({ hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        const told = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
        resolve({ status: answer.statusCode ?? 0, body: told });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

const put = (path: string, body: string | Buffer) => sent('PUT', `${path}?api-version=2024-04-01`, body);
const inFull = (properties: unknown) => JSON.stringify({ properties });

describe('Resource Manager refuses', () => {
  const M = `${W}/models/m/versions/1`;
  it.each<[string, string, string, number, string]>([
    ['JSON that ends early', M, '{"properties":', 400, 'InvalidRequestContent'],
    ['a list', M, '[]', 400, 'InvalidRequestContent'],
    [
      'a bottomless body',
      M,
      `{"properties":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      400,
      'InvalidRequestContent',
    ],
    [
      'more than 4 MB',
      M,
      inFull({ ...model.properties, description: 'x'.repeat(5_000_000) }),
      413,
      'RequestContentTooLarge',
    ],
    [
      'a name that leads upwards',
      `${W}/models/%2e%2e/versions/1`,
      inFull(model.properties),
      400,
      'InvalidResourceName',
    ],
    [
      'a version that leads upwards',
      `${W}/models/m/versions/..`,
      inFull(model.properties),
      400,
      'InvalidResourceName',
    ],
    [
      'an encoded slash',
      `${W}/models/..%2f..%2fetc/versions/1`,
      inFull(model.properties),
      400,
      'InvalidResourceName',
    ],
    ['a NUL', `${W}/models/a%00b/versions/1`, inFull(model.properties), 400, 'InvalidResourceName'],
    ['a backslash', `${W}/computes/a%5cb`, '{}', 400, 'InvalidResourceName'],
    ['a space in a name', `${W}/models/a%20b/versions/1`, inFull(model.properties), 400, 'UserError'],
    [
      'a name of 256 characters',
      `${W}/models/${'a'.repeat(256)}/versions/1`,
      inFull(model.properties),
      400,
      'UserError',
    ],
    [
      'an escape that is none',
      `${W}/models/%zz/versions/1`,
      inFull(model.properties),
      400,
      'InvalidRequestUri',
    ],
  ])('%s', async (_, path, body, status, code) => {
    const answer = await put(path, body);
    expect([answer.status, answer.body['error']]).toMatchObject([status, { code }]);
  });

  it.each([
    [undefined, 'MissingApiVersionParameter'],
    ['soon', 'InvalidApiVersionParameter'],
    ['2010-01-01', 'NoRegisteredProviderFound'],
    ['2099-01-01', 'NoRegisteredProviderFound'],
  ])('the api-version %s', async (version, code) => {
    const query = version === undefined ? '' : `?api-version=${version}`;
    const answer = await sent('GET', `${W}${query}`, '');
    expect([answer.status, answer.body['error']]).toMatchObject([400, { code }]);
  });

  it('and has kept nothing of it', async () => {
    expect((await test.arm('GET', `${W}/models`)).body.value).toEqual([]);
    const named = await put(
      M,
      '{"__proto__":{"polluted":1},"properties":{"modelUri":"azureml://datastores/d/paths/x"}}',
    );
    expect(named.status).toBe(201);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('MLflow refuses', () => {
  it.each(['../../x', '..%2f..%2fx', '%2e%2e/x', 'a/..%2fb', 'a%00b', 'a%5c..%5cb', '_container/../x'])(
    'to write the artifact %s',
    async (path) => {
      const answer = await sent('PUT', `${MLFLOW}/mlflow-artifacts/artifacts/${path}`, 'x', 'text/plain');
      expect([answer.status, answer.body]).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE' }]);
    },
  );

  it.each(['{"run_name', '[]', '{"start_time":"soon"}'])('the body %s', async (body) => {
    const answer = await sent('POST', `${MLFLOW}/mlflow/runs/create`, body);
    expect([answer.status, answer.body]).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE' }]);
  });

  it('paths of a run’s artifacts that leave it', async () => {
    const path = `/history/v1.0${W}/experiments/Default/runs/r/artifacts/batch/metadata`;
    const answer = await sent('POST', path, JSON.stringify({ paths: [{ path: '../../x' }] }));
    expect([answer.status, answer.body['error']]).toMatchObject([400, { code: 'UserError' }]);
  });
});

describe('two writers at once', () => {
  const together = <T>(count: number, work: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, at) => work(at)));
  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort();

  it('submit a job of one name once', async () => {
    const answers = await together(10, (at) =>
      test.arm('PUT', `${W}/jobs/raced`, {
        properties: {
          jobType: 'Command',
          command: `echo ${at}`,
          environmentId: `${W}/environments/e/versions/1`,
        },
      }),
    );
    expect(statuses(answers)).toEqual([201, ...Array<number>(9).fill(400)]);
    const won = answers.find(({ status }) => status === 201)?.body.properties['command'];
    expect((await test.arm('GET', `${W}/jobs/raced`)).body.properties['command']).toBe(won);
  });

  it('register a version with one path', async () => {
    const answers = await together(10, (at) =>
      test.arm('PUT', `${W}/models/raced/versions/1`, {
        properties: { modelUri: `azureml://datastores/workspaceblobstore/paths/${at}` },
      }),
    );
    expect(statuses(answers)).toEqual([201, ...Array<number>(9).fill(400)]);
  });

  it('begin one change of an endpoint', async () => {
    const endpoint = { location: 'westeurope', properties: { authMode: 'Key' } };
    const answers = await together(10, () => test.arm('PUT', `${W}/onlineEndpoints/raced`, endpoint));
    expect(statuses(answers)).toEqual([201, ...Array<number>(9).fill(409)]);
  });

  it('lose no metric of a run, and number a model’s versions without gaps', async () => {
    const post = async (path: string, body: unknown) =>
      (await sent('POST', `${MLFLOW}/mlflow/${path}`, JSON.stringify(body))).body;
    const { run } = (await post('runs/create', {})) as { run: { info: { run_id: string } } };
    const { run_id } = run.info;
    const batch = (at: number) => ({
      run_id,
      metrics: Array.from({ length: 20 }, (_, step) => ({
        key: 'loss',
        value: at,
        timestamp: 1,
        step: at * 20 + step,
      })),
      params: [{ key: `p${at}`, value: '1' }],
    });
    await together(20, (at) => post('runs/log-batch', batch(at)));
    const path = `${MLFLOW}/mlflow/metrics/get-history?run_id=${run_id}&metric_key=loss&max_results=1000`;
    const { metrics } = (await sent('GET', path, '')).body as { metrics: { step: number }[] };
    expect(new Set(metrics.map(({ step }) => step)).size).toBe(400);
    await post('registered-models/create', { name: 'raced-mlflow' });
    const made = await together(10, () =>
      post('model-versions/create', { name: 'raced-mlflow', source: `runs:/${run_id}/model`, run_id }),
    );
    const versions = made.map((one) =>
      Number((one as { model_version: { version: string } }).model_version.version),
    );
    expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
