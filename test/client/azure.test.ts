import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/index.js';
import { createAzureMl, registerModel, writeBlob, writeRecord } from '../../src/azureml/index.js';
import { localTarget } from '../../src/domain/policy-check.js';
import { setUp } from '../azureml/support/workspace.js';
import { type CliRun, runHere } from '../cli/support.js';
import { push, resultOf } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, project } from '../support/workflow-projects.js';

let lab: Lab;
let emulator: Emulator;
let folder: string;
let stage: Stage;
let id: string;
const commit = '1'.repeat(40);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlops-cli-azure-'));
  [lab, emulator] = await Promise.all([
    startLab(),
    startEmulator({ dataDir: folder, quiet: true, lroDelayMs: 20 }),
  ]);
  process.env['TEMPORAL_ADDRESS'] = lab.server.address;
  stage = lab.stage({ project: project({ environments: [environment('live')] }) });
  id = `mlops/${stage.repository.replace('/', '.')}/diabetes/${commit.slice(0, 12)}`;
  const status = await resultOf(await push(stage));
  const ml = createAzureMl(localTarget('dev'), {
    credential: {
      getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    armUrl: emulator.url,
    blobUrl: emulator.blobUrl,
  });
  await setUp(ml, []);
  await writeBlob(ml, status.report ?? '', '<title>Evaluation of diabetes</title>');
  await writeRecord(ml, `mlops/diabetes/${'9'.repeat(40)}/retry/1/lifecycle.json`, {
    ...status,
    why: 'Told by its record.',
  });
  await registerModel(ml, {
    name: 'diabetes',
    version: 'abc',
    type: 'custom_model',
    path: 'azureml://datastores/workspaceblobstore/paths/models/abc',
    tags: { 'mlops.project': 'diabetes', 'mlops.repository': stage.repository, 'mlops.commit': commit },
  });
});
afterAll(async () => {
  delete process.env['TEMPORAL_ADDRESS'];
  await lab.stop();
  await emulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const mlops = (...args: string[]): Promise<CliRun> =>
  runHere(args, {
    cwd: folder,
    env: { MLOPS_TASK_QUEUES: 'test', MLOPS_AZURE_URL: emulator.url, MLOPS_BLOB_URL: emulator.blobUrl },
  });

test('the report is fetched from Blob', async () => {
  const { code, out, err } = await mlops('report', id, '--out', 'report.html');
  expect(code, err).toBe(0);
  expect(out.trim()).toBe(join(folder, 'report.html'));
  expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('Evaluation of diabetes');
  expect((await mlops('report', id, '--out', '-')).out).toBe('<title>Evaluation of diabetes</title>');
});

test('a report that is not where it should be names the place', async () => {
  const { code, err } = await mlops('report', id, '--workspace', 'prod');
  expect(code).not.toBe(0);
  expect(err).toContain('mlops-prod');
});

test('a lifecycle that Temporal has forgotten is told by its record', async () => {
  const { code, out, err } = await mlops('why', `mlops/acme.models/diabetes/${'9'.repeat(12)}/retry/1`);
  expect(code, err).toBe(0);
  expect(out).toContain('Told by its record.');
});

test('release finds the commit by the lineage of the model', async () => {
  const { code, out, err } = await mlops('release', 'diabetes:abc', '--to', 'live', '--watch', '--json');
  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ id: `${id}/release/1`, commit, verdict: 'released' });
});

test('release of a model that is not registered is bad input', async () => {
  const { code, err } = await mlops('release', 'diabetes:nope', '--to', 'live');
  expect(code).toBe(2);
  expect(err).toContain('diabetes:nope is not registered in workspace dev');
});

test('an Azure that does not answer is told with the setting to change', async () => {
  const { code, err } = await runHere(['report', id], { env: { MLOPS_AZURE_URL: 'http://127.0.0.1:1' } });
  expect(code).toBe(3);
  expect(err).toContain('MLOPS_AZURE_URL');
});
