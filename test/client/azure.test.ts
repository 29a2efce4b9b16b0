import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/index.js';
import {
  type AzureMl,
  createAzureMl,
  readRecord,
  registerModel,
  writeBlob,
  writeRecord,
} from '../../src/azureml/index.js';
import { localTarget } from '../../src/domain/policy-check.js';
import { setUp } from '../azureml/support/workspace.js';
import { type CliRun, runHere } from '../cli/support.js';
import { push, questionOf, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, project } from '../support/workflow-projects.js';

let lab: Lab;
let emulator: Emulator;
let folder: string;
let stage: Stage;
let id: string;
let ml: AzureMl;
let reportPath: string;
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
  ml = createAzureMl(localTarget('dev'), {
    credential: {
      getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    armUrl: emulator.url,
    blobUrl: emulator.blobUrl,
  });
  await setUp(ml, []);
  reportPath = status.report ?? '';
  await writeBlob(ml, reportPath, '<title>Evaluation of diabetes</title>');
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

test('who approved outlives the history, and its bundle is checked without any service', async () => {
  const target = environment('live', { approval: { ...onePerson, required: 2 } });
  const asking = lab.stage({
    project: project({ environments: [target] }),
    activities: {
      async writeRecord({ source, status }) {
        const path = `mlops/diabetes/${source.commit}/lifecycle.json`;
        await writeRecord(ml, path, status);
        return { path };
      },
      writeEvaluationReport: () => Promise.resolve({ report: reportPath }),
    },
  });
  const commit = '7'.repeat(40);
  const handle = await push(asking, { commit: 7 });
  const question = await questionOf(handle);
  await handle.signal(question.approve, { by: 'mallory' });
  await handle.signal(question.approve, { by: 'octocat', reason: 'the numbers hold' });
  await until('the record of the first answers', async () => {
    const record = await readRecord(ml, `mlops/diabetes/${commit}/lifecycle.json`);
    return record?.includes('the numbers hold') === true ? true : undefined;
  });
  await handle.signal(question.approve, { by: 'hubot' });
  await resultOf(handle);
  await lab.client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId },
  });
  await until('the history to be gone', () =>
    handle.describe().then(
      () => undefined,
      () => true,
    ),
  );
  const shown = await mlops('approvals', handle.workflowId);
  expect(shown.code, shown.err).toBe(0);
  expect(shown.out).toContain(`live ${question.code}: approved`);
  expect(shown.out).toMatch(/approve +mallory +github +no: mallory may not decide here/);
  expect(shown.out).toMatch(/approve +octocat +github +yes: the numbers hold/);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  await writeFile(join(folder, 'key.pub'), publicPem);
  await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const written = await mlops('evidence', handle.workflowId, '--out', 'evidence.json', '--key', 'key.pem');
  expect(written.code, written.err).toBe(0);
  expect(written.out).toContain('signed by the key');
  const checked = await mlops('verify', 'evidence.json');
  expect(checked, checked.err).toMatchObject({ code: 0 });
  expect(checked.out).toContain(`live ${question.code}: approved by octocat, hubot`);
  expect(checked.out).toMatch(/approve by octocat \(github\) at 2\d{3}-/);
  expect(checked.out).toContain('signed, not checked: --public-key FILE checks it');
  const trusted = await mlops('verify', 'evidence.json', '--public-key', 'key.pub');
  expect(trusted.code, trusted.err).toBe(0);
  expect(trusted.out).toContain('✔ signed by the key');
  const text = await readFile(join(folder, 'evidence.json'), 'utf8');
  expect(text).toContain('<title>Evaluation of diabetes</title>');
  await writeFile(join(folder, 'forged.json'), text.replaceAll('hubot', 'admin'));
  const forged = await mlops('verify', 'forged.json');
  expect(forged).toMatchObject({ code: 1 });
  expect(forged.err).toContain('record: its SHA-256 is');
  expect(await mlops('verify', 'report.html')).toMatchObject({ code: 2 });
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
