import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { treeDigest } from '../../src/cli/tree-digest.js';
import { searchAttributes } from '../../src/workflows/messages.js';
import { type CliRun, folderOf, runHere } from '../cli/support.js';
import { failure } from '../support/fake-activities.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { project } from '../support/workflow-projects.js';

const files = {
  'mlops.yaml': 'name: diabetes\ntrain: train.yml\ngate: AUC >= 0.75\n',
  'train.yml': [
    'command: python train.py',
    'code: src',
    'environment: azureml:sklearn@latest',
    'compute: azureml:cpu',
    '',
  ].join('\n'),
  'src/train.py': 'print("trains")\n',
};

let lab: Lab;
let folder: string;
const made: string[] = [];
beforeAll(async () => {
  lab = await startLab({ attributes: false });
  process.env['TEMPORAL_ADDRESS'] = lab.server.address;
});
afterEach(async () => {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true })));
});
afterAll(async () => {
  delete process.env['TEMPORAL_ADDRESS'];
  await lab.stop();
});

/** A checkout of a repository that this stage's fakes answer for. */
async function checkoutOf({ repository }: Stage): Promise<void> {
  folder = await folderOf(files);
  made.push(folder);
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com', ...args], {
      cwd: folder,
    });
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', `https://github.com/${repository}.git`);
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
}

const mlops = (...args: string[]): Promise<CliRun> =>
  runHere(args, { cwd: folder, env: { MLOPS_TASK_QUEUES: 'test' } });

const missing = (change: 'create' | 'none') => ({
  planSetup: ({ workspace }: { workspace: string }) =>
    Promise.resolve({ items: [{ workspace, kind: 'amlCompute', name: 'gpu', change, detail: [] }] }),
});

test('shows what is missing in Temporal and Azure, then makes it, then finds nothing to do', async () => {
  const stage = lab.stage({ project: project({ environments: [] }), activities: missing('create') });
  await checkoutOf(stage);
  const planned = await mlops('setup');
  expect(planned.code, planned.err).toBe(0);
  expect(planned.out).toContain('would register the search attributes MlopsProject');
  expect(planned.out).toContain('would create amlCompute gpu');
  expect(stage.fakes.of('applySetupItem')).toEqual([]);

  const applied = await mlops('setup', 'diabetes', '--apply');
  expect(applied.code, applied.err).toBe(0);
  expect(applied.out).toContain('+ created amlCompute gpu');
  expect(stage.fakes.of('applySetupItem')).toHaveLength(1);
  const { customAttributes } = await lab.client.connection.operatorService.listSearchAttributes({
    namespace: 'default',
  });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));

  const again = await mlops('setup');
  expect(again.out).toContain('all search attributes are registered');
});

test('plan asks the worker what Azure lacks', async () => {
  const stage = lab.stage({ project: project({ environments: [] }), activities: missing('none') });
  await checkoutOf(stage);
  const { code, out, err } = await mlops('plan');
  expect(code, err).toBe(0);
  expect(out).toMatch(/^gate +.*AUC ≥ 0\.75/m);
  expect(out).toContain('1 unchanged');
});

test('what Azure refuses is the answer, at once', async () => {
  const stage = lab.stage({
    project: project({ environments: [] }),
    activities: { planSetup: () => Promise.reject(failure('NotAuthorized', 'no right to read mlops-dev')) },
  });
  await checkoutOf(stage);
  const { code, err } = await mlops('setup');
  expect(code).toBe(1);
  expect(err).toContain('no right to read mlops-dev');
});

test('of another project than the one here is bad input', async () => {
  const stage = lab.stage();
  await checkoutOf(stage);
  const { code, err } = await mlops('setup', 'churn', '--apply');
  expect(code).toBe(2);
  expect(err).toContain('the project here is diabetes, not churn');
});

test('start reads repository, branch, commit and project from the checkout', async () => {
  const stage = lab.stage({ project: project({ environments: [] }) });
  await checkoutOf(stage);
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: folder }).toString().trim();
  const { code, out, err } = await mlops('start', '--watch', '--json');
  expect(code, err).toBe(0);
  expect(err).toContain('so push it');
  expect(JSON.parse(out)).toMatchObject({
    id: `mlops/${stage.repository.replace('/', '.')}/diabetes/${commit.slice(0, 12)}`,
    repository: stage.repository,
    commit,
    verdict: 'registered',
  });
});

test('start --source names an uncommitted tree by its contents', async () => {
  const stage = lab.stage({ project: project({ environments: [] }) });
  await checkoutOf(stage);
  const { out, code, err } = await mlops('start', '--source', '.', '--watch', '--json');
  expect(code, err).toBe(0);
  const { source } = stage.fakes.of('loadProject')[0] ?? {};
  expect(source).toMatchObject({ directory: folder, path: '.', commit: await treeDigest(folder) });
  expect(JSON.parse(out)).toMatchObject({ commit: source?.commit });
});

test('start of files with mistakes starts nothing', async () => {
  const stage = lab.stage();
  await checkoutOf(stage);
  execFileSync('sh', ['-c', 'echo "trian: x" >> mlops.yaml'], { cwd: folder });
  const { code, err } = await mlops('start', '--source', '.');
  expect(code).toBe(2);
  expect(err).toContain('nothing was started');
  expect(err).toMatch(/^mlops\.yaml:4:1 .*did you mean train\?/m);
  expect(stage.fakes.calls).toEqual([]);
});
