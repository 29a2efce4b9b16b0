import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderOf, runProcess } from './support.js';

const example = join(import.meta.dirname, '../../examples/diabetes');
const nobody = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
let broken: string;

beforeAll(async () => {
  broken = await folderOf({
    'mlops.yaml': [
      'train: {candidates: {tree: train.yml}}',
      'gaet: AUC >= 0.75',
      'register: {which: most}',
      '',
    ].join('\n'),
    'only-files/mlops.yaml': 'train: train.yml\ngate: AUC >= 0.75\n',
    'only-files/train.yml': 'comand: python train.py\nenvironment: azureml:sklearn@latest\n',
  });
});
afterAll(() => rm(broken, { recursive: true }));

describe('help', () => {
  test('names every command and every exit code', async () => {
    const { code, out } = await runProcess(['--help']);
    expect(code).toBe(0);
    const commands =
      'start status list watch why approve reject retry cancel release rollback hold resume setup plan validate report open endpoint';
    for (const name of commands.split(' ')) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const exit of [0, 1, 2, 3, 4]) expect(out).toMatch(new RegExp(`^  ${exit}  \\w`, 'm'));
  });

  test('of a command shows its options', async () => {
    const { code, out } = await runProcess(['rollback', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--print-az');
  });
});

describe('wrong usage is bad input, with what was probably meant', () => {
  test.each([
    [['statsu'], 'Did you mean status?'],
    [['list', '--runing'], 'Did you mean --running?'],
    [['start', '--reach', 'far'], 'plan, train, production'],
    [['approve'], "missing required argument 'id'"],
    [['release', 'diabetes:1'], '--to <environment>'],
    [['list', '--limit', 'few'], 'a whole number above 0'],
    [['validate', 'nowhere'], 'nowhere: there is no such file or folder'],
    [['plan'], 'no mlops.yaml in'],
  ])('%j', async (args, told) => {
    const { code, err } = await runProcess(args);
    expect(code).toBe(2);
    expect(err).toContain(told);
  });
});

describe('validate', () => {
  test('finds nothing wrong with the example', async () => {
    const { code, out } = await runProcess(['validate', '--strict'], { cwd: example });
    expect(out).toContain('no mistake');
    expect(code).toBe(0);
  });

  test('tells every mistake at its place, the nearest key with it', async () => {
    const { code, out } = await runProcess(['validate', 'mlops.yaml'], { cwd: broken });
    expect(code).toBe(2);
    expect(out).toMatch(/^mlops\.yaml:2:1 .*gaet.*did you mean gate\?/m);
    expect(out).toMatch(/^mlops\.yaml:3:\d+ .*register\.which.*best, passing, all/m);
  });

  test('follows the files that a project names', async () => {
    const { code, out } = await runProcess(['validate', 'only-files'], { cwd: broken });
    expect(code).toBe(2);
    expect(out).toMatch(/^train\.yml:1:1 .*comand/m);
  });

  test('answers programs in JSON', async () => {
    const { code, out } = await runProcess(['validate', 'only-files/train.yml', '--json'], { cwd: broken });
    expect(code).toBe(2);
    const answer = JSON.parse(out) as { ok: boolean; mistakes: { file: string; line: number }[] };
    expect(answer.ok).toBe(false);
    expect(answer.mistakes).toContainEqual(expect.objectContaining({ file: 'train.yml', line: 1 }));
  });
});

describe('plan', () => {
  test('tells what a push would do, without asking anybody', async () => {
    const { code, out } = await runProcess(['plan', '--offline'], { cwd: example, env: nobody });
    expect(code).toBe(0);
    expect(out).toMatch(/^train +logistic .*boosted/m);
    expect(out).toMatch(/^production .*1 approval .*mirror 10 % 3s/m);
  });

  test('explains where each setting comes from', async () => {
    const { code, out } = await runProcess(['plan', '--explain'], { cwd: example, env: nobody });
    expect(code).toBe(0);
    expect(out).toMatch(/^gate\.metric +AUC +examples\/diabetes\/mlops\.yaml:\d+$/m);
    expect(out).toMatch(/^train\.limits\.parallel +4 +default$/m);
  });

  test('starts nothing for a project with mistakes', async () => {
    const { code, err } = await runProcess(['plan', broken], { env: nobody });
    expect(code).toBe(2);
    expect(err).toContain('did you mean gate?');
  });
});

describe.concurrent('a Temporal that does not answer', () => {
  test.each([['status'], ['list'], ['retry', 'diabetes'], ['endpoint', 'diabetes']])(
    '%s',
    async (...args) => {
      const { code, err } = await runProcess(args, { env: nobody });
      expect(code).toBe(3);
      expect(err).toContain('127.0.0.1:1');
      expect(err).toContain('TEMPORAL_ADDRESS');
      expect(err).not.toMatch(/^ +at /m);
    },
  );

  test('still leaves the way back: az commands from a saved state', async () => {
    const deployed = (deployment: string) => ({ deployment });
    const folder = await folderOf({
      'state.json': JSON.stringify({
        endpoint: 'diabetes',
        workspace: 'prod',
        traffic: { 'd-2': 100 },
        champion: deployed('d-2'),
        previous: deployed('d-1'),
      }),
    });
    const args = ['rollback', 'diabetes', '--print-az', '--state', join(folder, 'state.json')];
    const { code, out } = await runProcess(args, { env: nobody });
    await rm(folder, { recursive: true });
    expect(code).toBe(0);
    expect(out).toMatch(/^az ml online-endpoint update --name diabetes .*--traffic "d-1=100 d-2=0"$/m);
  });

  test('without a saved state says how to find it out', async () => {
    const { code, out, err } = await runProcess(['rollback', 'diabetes', '--print-az'], { env: nobody });
    expect(code).toBe(0);
    expect(out).toContain('az ml online-deployment list --endpoint-name diabetes');
    expect(err).toContain('TEMPORAL_ADDRESS');
  });
});

test('settings that are wrong are named', async () => {
  const { code, err } = await runProcess(['status'], { env: { MLOPS_AZURE_URL: 'nonsense' } });
  expect(code).toBe(2);
  expect(err).toContain('MLOPS_AZURE_URL');
});
