import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP, SUBSCRIPTION, W, makeWorkspace, startTestEmulator } from '../support/emulator.js';
import type { TestEmulator } from '../support/emulator.js';

let test: TestEmulator;
beforeAll(async () => {
  test = await startTestEmulator();
  await makeWorkspace(test);
  await test.arm('PUT', `${W}/environments/e/versions/1`, { properties: { image: 'python:3' } });
  await test.settle(
    await test.arm('PUT', `${W}/onlineEndpoints/there`, {
      location: 'westeurope',
      properties: { authMode: 'Key' },
    }),
  );
});
afterAll(() => test.stop());

type Row = [method: string, path: string, properties: unknown, status: number, message: RegExp];

const none = (collection: string) => `${W}/${collection}/none/versions/1`;
const command = (more: object) => ({
  jobType: 'Command',
  command: 'true',
  environmentId: `${W}/environments/e/versions/1`,
  ...more,
});
const cluster = (scaleSettings: object) => ({
  computeType: 'AmlCompute',
  properties: { vmSize: 'Standard_DS3_v2', scaleSettings },
});
const cron = (more: object, action: object = { actionType: 'CreateJob', jobDefinition: {} }) => ({
  trigger: { triggerType: 'Cron', expression: '0 0 * * *', ...more },
  action,
});
const sweep = (more: object) => ({
  jobType: 'Sweep',
  trial: command({}),
  objective: { primaryMetric: 'm', goal: 'Maximize' },
  samplingAlgorithm: { samplingAlgorithmType: 'Random' },
  searchSpace: { a: ['uniform', [0, 1]] },
  ...more,
});
const at = (path: string) => ({ modelUri: `azureml://datastores/workspaceblobstore/paths/${path}` });
const M = '/models/m/versions/1';

const pipeline = (step: unknown) => ({ jobType: 'Pipeline', jobs: { a: step } });

const JOBS: Row[] = [
  ['PUT', '/jobs/p', pipeline({}), 400, /type field is required/],
  ['PUT', '/jobs/p', pipeline({ type: 'command' }), 400, /Step 'a' of type command names no component/],
  [
    'PUT',
    '/jobs/p',
    pipeline({ type: 'sweep', trial: {} }),
    400,
    /Step 'a' of type sweep names no component/,
  ],
  ['PUT', '/jobs/p', pipeline({ type: 'command', componentId: none('components') }), 400, /was not found/],
  ['PUT', '/jobs/j', {}, 400, /jobType field is required/],
  ['PUT', '/jobs/j', 'text', 400, /'properties' must be an object, found "text"/],
  ['PUT', '/jobs/j', { jobType: 'Party' }, 400, /'Party' is none of Command/],
  ['PUT', '/jobs/j', command({ command: 5 }), 400, /'command' must be a string/],
  ['PUT', '/jobs/j', command({ computeId: `${W}/computes/none` }), 400, /Unknown compute target 'none'/],
  ['PUT', '/jobs/j', command({ environmentId: none('environments') }), 400, /was not found/],
  ['PUT', '/jobs/j', command({ environmentId: 'python' }), 400, /'python' is no id of an environment/],
  ['PUT', '/jobs/j', command({ codeId: none('codes') }), 400, /was not found/],
  ['PUT', '/jobs/j', command({ inputs: 'x' }), 400, /'inputs' must be an object/],
  [
    'PUT',
    '/jobs/j',
    command({ inputs: { d: { jobInputType: 'rows', uri: 'x' } } }),
    400,
    /'rows' of input 'd'/,
  ],
  ['PUT', '/jobs/j', command({ inputs: { d: { jobInputType: 'literal' } } }), 400, /needs the field value/],
  ['PUT', '/jobs/j', command({ limits: { timeout: 'soon' } }), 400, /no ISO 8601 duration/],
  ['PUT', '/jobs/-j', command({}), 400, /begin with a letter or digit/],
  [
    'PUT',
    '/jobs/j',
    sweep({ objective: { primaryMetric: 'm', goal: 'Up' } }),
    400,
    /must be Minimize or Maximize/,
  ],
  ['PUT', '/jobs/j', sweep({ searchSpace: { a: ['guess', [1]] } }), 400, /searchSpace\.a: must be/],
  ['PUT', '/jobs/j', { jobType: 'Pipeline' }, 400, /it has no jobs/],
  ['PUT', '/jobs', command({}), 405, /PUT is not supported/],
  ['GET', '/jobs/none', undefined, 404, /Run none was not found/],
  ['POST', '/jobs/none/cancel', undefined, 404, /Run none was not found/],
  ['GET', '/jobs?$top=many', undefined, 400, /whole number of at least 0, found 'many'/],
];

const SERVING: Row[] = [
  ['PUT', '/onlineEndpoints/x', { authMode: 'Key' }, 400, /at least 3 and at most 32/],
  ['PUT', '/onlineEndpoints/1abc', { authMode: 'Key' }, 400, /must match/],
  [
    'PUT',
    '/onlineEndpoints/there',
    { authMode: 'AMLToken' },
    400,
    /authMode of an endpoint cannot be changed/,
  ],
  [
    'PUT',
    '/onlineEndpoints/there',
    { authMode: 'Key', traffic: { blue: 100 } },
    400,
    /'blue', which does not exist/,
  ],
  [
    'PUT',
    '/onlineEndpoints/there',
    { authMode: 'Key', traffic: { blue: 'all' } },
    400,
    /whole number from 0 to 100/,
  ],
  ['PUT', '/onlineEndpoints/none/deployments/blue', {}, 404, /onlineEndpoints\/none' under resource group/],
  ['GET', '/batchEndpoints/none/deployments', undefined, 404, /batchEndpoints\/none' under resource group/],
  ['POST', '/onlineEndpoints/none/listKeys', undefined, 404, /onlineEndpoints\/none' under resource group/],
  ['POST', '/onlineEndpoints/there/regenerateKeys', undefined, 400, /keyType/],
  ['PUT', '/batchEndpoints/nightly', { authMode: 'Key' }, 400, /use AADToken/],
  ['GET', '/batchEndpoints/none/jobs', undefined, 404, /batchEndpoints\/none' under resource group/],
];

const ASSETS: Row[] = [
  ['PUT', M, {}, 400, /modelUri field is required/],
  ['PUT', M, { modelUri: 'file:///etc/passwd' }, 400, /is not in storage/],
  ['PUT', M, { modelUri: '/etc/passwd' }, 400, /is not in storage/],
  ['PUT', M, at('../../x'), 400, /leaves its folder/],
  ['PUT', M, at('a/%2e%2e/x'), 400, /leaves its folder/],
  ['PUT', M, at('a/..%2f..%2fx'), 400, /leaves its folder/],
  ['PUT', M, { ...at('x'), modelType: 'clay' }, 400, /'clay' is none of custom_model/],
  ['PUT', '/data/d/versions/1', { dataUri: 'rows.csv' }, 400, /is not in storage/],
  ['PUT', '/data/d/versions/1', { dataUri: 'azureml://datastores/d/paths/../x' }, 400, /leaves its folder/],
  [
    'PUT',
    '/codes/c/versions/1',
    { codeUri: 'https://a.blob.core.windows.net/c/../d' },
    400,
    /leaves its folder/,
  ],
  ['PUT', '/environments/x/versions/1', {}, 400, /needs an image or a build context/],
  ['PUT', '/components/x/versions/1', { componentSpec: 'x' }, 400, /componentSpec field is required/],
  ['PUT', '/components/x/versions/1', { componentSpec: {} }, 400, /type field is required/],
  [
    'PUT',
    '/components/x/versions/1',
    { componentSpec: { type: 'party' } },
    400,
    /'party' of the component is none of command/,
  ],
];

const REST: Row[] = [
  ['PUT', '/computes/x', cluster({}), 400, /2 to 32 letters/],
  ['PUT', '/computes/new', { computeType: 'Abacus' }, 400, /'Abacus' is none of/],
  ['PUT', '/computes/new', cluster({ minNodeCount: 5, maxNodeCount: 1 }), 400, /5 is above maxNodeCount 1/],
  ['PUT', '/computes/new', cluster({ maxNodeCount: -1 }), 400, /whole numbers of at least 0/],
  ['PUT', '/computes/new', cluster({ maxNodeCount: 'many' }), 400, /whole numbers of at least 0/],
  ['POST', '/computes/none/start', undefined, 404, /workspaces\/computes\/ws1\/none' under/],
  ['PUT', '/datastores/d', { datastoreType: 'AzureBlob' }, 400, /accountName field is required/],
  [
    'PUT',
    '/datastores/d',
    { datastoreType: 'AzureBlob', accountName: 'a', containerName: 'A B' },
    400,
    /lower-case/,
  ],
  ['PUT', '/schedules/s', {}, 400, /actionType field is required/],
  ['PUT', '/schedules/s', cron({}, { actionType: 'Dance' }), 400, /'Dance' is none of CreateJob/],
  ['PUT', '/schedules/s', cron({ expression: 'daily' }), 400, /has to have five fields/],
  ['PUT', '/schedules/s', cron({ timeZone: 'Mars' }), 400, /timeZone 'Mars' is not known/],
  ['POST', '/schedules/none/trigger', undefined, 404, /Schedule none was not found/],
  ['PUT', '/connections/c', {}, 400, /authType field is required/],
  ['PUT', '/outboundRules/r', { type: 'Wish' }, 400, /'Wish' is none of FQDN/],
];

describe.each([
  ['jobs', JOBS],
  ['endpoints', SERVING],
  ['assets', ASSETS],
  ['computes, datastores, schedules, networks', REST],
])('%s: refused in Azure’s envelope', (_, rows) => {
  it.each(rows)('%s %s %j', async (method, path, properties, status, message) => {
    const body = method === 'GET' ? undefined : { properties: properties ?? {}, location: 'westeurope' };
    const answer = await test.arm(method, `${W}${path}`, body);
    expect([answer.status, answer.body['error']]).toMatchObject([
      status,
      {
        code: expect.stringMatching(/^[A-Z]\w+$/) as string,
        message: expect.stringMatching(message) as string,
      },
    ]);
    expect(answer.headers.get('x-ms-error-code')).toBe((answer.body['error'] as { code: string }).code);
  });
});

it('keeps nothing of what was refused', async () => {
  for (const collection of ['jobs', 'models', 'data', 'codes', 'components', 'schedules', 'connections'])
    expect([collection, (await test.arm('GET', `${W}/${collection}`)).body.value]).toEqual([collection, []]);
});

it('refuses workspaces whose name has other letters', async () => {
  const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.MachineLearningServices`;
  const answer = await test.arm('PUT', `${group}/workspaces/what!`, {
    location: 'westeurope',
    properties: {},
  });
  expect([answer.status, answer.body['error']]).toMatchObject([400, { code: 'UserError' }]);
});

it('a cluster of a size that no machine has fails as it is made', async () => {
  const body = {
    location: 'westeurope',
    properties: { ...cluster({}), properties: { vmSize: 'Standard_Foo' } },
  };
  await test.settle(await test.arm('PUT', `${W}/computes/sized`, body));
  const { properties } = (await test.arm('GET', `${W}/computes/sized`)).body;
  expect(properties).toMatchObject({
    provisioningState: 'Failed',
    provisioningErrors: [
      { error: { code: 'InvalidPropertyValue', details: [{ code: 'SupportedVMSizes' }] } },
    ],
  });
});

describe('where tracked resources lie', () => {
  const put = (path: string, location?: string) =>
    test.arm('PUT', path, { properties: {}, ...(location !== undefined && { location }) });
  const workspace = (name: string) => W.replace(/[^/]+$/, name);

  it.each([
    workspace('elsewhere'),
    `${W}/onlineEndpoints/nowhere`,
    `${W}/onlineEndpoints/there/deployments/nowhere`,
    `${W}/batchEndpoints/nowhere`,
  ])('has to be said: %s', async (path) => {
    const { status, body } = await put(path);
    expect([status, body['error']]).toMatchObject([400, { code: 'LocationRequired' }]);
  });

  it('does not change, however it is written', async () => {
    const moved = await put(W, 'eastus');
    expect([moved.status, moved.body['error']]).toMatchObject([409, { code: 'InvalidResourceLocation' }]);
    await test.settle(await put(W, 'West Europe'));
  });

  it('is nothing for a workspace of two letters', async () => {
    const { status, body } = await put(workspace('w2'), 'westeurope');
    expect([status, body['error']]).toMatchObject([
      400,
      { message: expect.stringContaining('3 to 33 letters') as string },
    ]);
  });
});
