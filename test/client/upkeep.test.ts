import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../emulator/src/index.js';
import {
  type AzureMl,
  createAzureMl,
  getJob,
  listBlobs,
  prepareJob,
  putJob,
  registerModel,
  workspaceHash,
  writeBlob,
  writeRecord,
} from '../../src/azureml/index.js';
import { localTarget } from '../../src/domain/policy-check.js';
import { file, project, setUp } from '../azureml/support/workspace.js';
import { type CliRun, runHere } from '../cli/support.js';
import { carryOut } from '../../src/cli/upkeep/removing.js';
import { push, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { environment, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
let emulator: Emulator;
let folder: string;
let ml: AzureMl;
const tags = { 'mlops.project': 'sorting', 'mlops.lifecycle': 'mlops/acme.models/sorting/1' };
const copy = `mlops/models/${'a'.repeat(64)}/model.bin`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlops-gc-'));
  [lab, emulator] = await Promise.all([
    startLab(),
    startEmulator({ dataDir: folder, quiet: true, lroDelayMs: 20 }),
  ]);
  process.env['TEMPORAL_ADDRESS'] = lab.server.address;
  ml = createAzureMl(localTarget('dev'), {
    credential: {
      getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    armUrl: emulator.url,
    blobUrl: emulator.blobUrl,
  });
  await setUp(ml);
  const about = { displayName: 'train', experiment: 'tests', properties: {} };
  for (const name of ['loser', 'winner', 'foreign']) {
    const { body } = await prepareJob(ml, project, file('train'), {
      ...about,
      tags: name === 'foreign' ? {} : tags,
    });
    await putJob(ml, name, body);
  }
  for (const name of ['loser', 'winner', 'foreign'])
    await until(`${name} to end`, async () => ((await getJob(ml, name))?.final === true ? true : undefined));
  await writeBlob(ml, copy, 'weights');
  const path = `azureml://datastores/workspaceblobstore/paths/${copy}`;
  const version = async (name: string, more: object = {}) =>
    await registerModel(ml, {
      ...{ name: 'sorting', version: name, type: 'custom_model', path },
      tags: { ...tags, ...more },
    });
  await version('1');
  await version('2');
  await version('3', { 'mlops.job': 'winner' });
  await registerModel(ml, { name: 'other', version: '1', type: 'custom_model', path: `${path}.x`, tags: {} });
  await writeRecord(ml, `mlops/sorting/${'1'.repeat(40)}/lifecycle.json`, { verdict: 'released' });
  await writeRecord(ml, 'mlops/endpoints/sorting/let-through/d-1.json', { at: 'then' });
  await lab.client.schedule.create({
    scheduleId: `mlops/monitor/${workspaceHash(ml.target)}/gone`,
    spec: { intervals: [{ every: '1 day' }] },
    action: { type: 'startWorkflow', workflowType: 'monitoring', taskQueue: 'test' },
    state: { paused: true },
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
const gc = (...args: string[]) => mlops('gc', '--older-than', '0s', '--versions', '1', ...args);

interface Report {
  readonly leftovers: { id: string; action: string; bytes?: number; done?: boolean }[];
  readonly kept: { id: string; why: string }[];
}
const reported = async (...args: string[]): Promise<Report> => {
  const { code, out, err } = await gc(...args, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as Report;
};
const going = ({ leftovers }: Report) => leftovers.map(({ id, action }) => `${action} ${id}`);
const schedule = () => `mlops/monitor/${workspaceHash(ml.target)}/gone`;

test('gc lists what nobody needs, changes nothing without --yes, and says why the rest stays', async () => {
  await until('the schedule to be listed', async () =>
    (await reported('--only', 'schedule')).leftovers.length === 1 ? true : undefined,
  );
  expect((await mlops('keep', 'sorting:2', '--reason', 'audit')).out).toContain(
    'sorting:2 in dev is kept: audit',
  );
  const report = await reported();
  expect(going(report)).toEqual(['archive sorting:1', 'delete loser', `delete ${schedule()}`]);
  expect(report.leftovers.find(({ id }) => id === 'loser')?.bytes).toBeGreaterThan(0);
  const why = Object.fromEntries(report.kept.map(({ id, why }) => [id, why]));
  expect(why).toMatchObject({
    'sorting:2': 'somebody keeps it',
    'sorting:3': 'among the newest 1 versions',
    winner: 'sorting:3 comes from it',
  });
  expect(JSON.stringify(report)).not.toMatch(/foreign|other:1|let-through/);
  expect((await gc()).out).toContain('nothing was changed, --yes does it');
  expect(going(await reported())).toEqual(going(report));
  // A default that is safe: nothing here is a month old.
  expect((await mlops('gc', '--only', 'outputs')).out).toContain('nothing to tidy up');
});

test('gc --yes does it, twice over: what was archived goes next, with the files that no other version needs', async () => {
  const logs = (await listBlobs(ml, '')).length;
  expect(logs).toBeGreaterThan(0);
  const first = await reported('--yes');
  expect(first.leftovers.every(({ done }) => done === true)).toBe(true);
  expect((await getJob(ml, 'loser'))?.tags['mlops.outputs']).toBe('deleted');
  expect((await getJob(ml, 'winner'))?.tags).not.toHaveProperty('mlops.outputs');
  expect(going(await reported('--yes'))).toEqual(['delete sorting:1']);
  expect(await listBlobs(ml, 'mlops/models/')).toEqual([copy]);
  expect(going(await reported())).toEqual([]);
});

test('records go only when that is asked for, and never what the last guard remembers', async () => {
  expect(going(await reported('--only', 'record'))).toEqual([]);
  const folderOf = `mlops/sorting/${'1'.repeat(40)}`;
  expect(going(await reported('--records-older-than', '0s', '--only', 'record', '--yes'))).toEqual([
    `delete ${folderOf}`,
  ]);
  expect(await listBlobs(ml, folderOf)).toEqual([]);
  expect(await listBlobs(ml, 'mlops/endpoints/')).toHaveLength(1);
});

test('a version that an endpoint has taken up since it was judged stays', async () => {
  const handle = await push(lab.stage({ project: straightTo(environment('production')) }));
  const { verdict, models } = await resultOf(handle);
  expect(verdict).toBe('released');
  const [model] = models;
  const id = `${model?.name}:${model?.version}`;
  const judged = { kind: 'model', workspace: 'dev', id, action: 'archive', why: 'nothing needs it' } as const;
  expect(await carryOut(lab, ml, judged)).toMatch(/^needed by the endpoint production in /);
  expect(await carryOut(lab, ml, { ...judged, id: 'sorting:2' })).toBeUndefined();
});

test('what is wrong is said before anything is looked at', async () => {
  expect(await mlops('gc', '--older-than', 'soon')).toMatchObject({ code: 2 });
  expect((await mlops('gc', '--only', 'everything')).err).toContain('allowed are deployment, model, outputs');
  expect(await mlops('gc', '--versions', '0')).toMatchObject({ code: 2 });
  expect(await mlops('keep', 'sorting')).toMatchObject({ code: 2 });
  expect((await mlops('keep', 'sorting:9')).err).toContain('sorting:9 is not registered in dev');
  expect((await mlops('keep', 'sorting:2', '--remove')).out).toContain('may be tidied away again');
});
