import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { folderOf, runHere } from './support.js';

const execute = promisify(execFile);

const job = `$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: echo hello
environment: azureml:sklearn:1
`;

interface Translated {
  readonly steps: readonly [{ readonly request: { readonly body: { properties: { properties: unknown } } } }];
}

async function propertiesIn(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { code, out, err } = await runHere(['translate', 'job.yml', '--json'], { cwd, env });
  expect(code, err).toBe(0);
  return (JSON.parse(out) as Translated).steps[0].request.body.properties.properties;
}

async function repositoryOf(files: Readonly<Record<string, string>>, url: string) {
  const folder = await folderOf(files);
  const git = (...args: string[]) => execute('git', args, { cwd: folder });
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('remote', 'add', 'origin', url);
  await git('add', '.');
  await git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit', '--quiet', '--message', 'first');
  const { stdout } = await git('rev-parse', 'HEAD');
  return { folder, git, commit: stdout.trim() };
}

describe('what a job says of git', () => {
  it('is nothing outside a work tree, but for what the environment says', async () => {
    const folder = await folderOf({ 'job.yml': job });
    expect(await propertiesIn(folder)).toEqual({});
    const said = {
      AZUREML_GIT_COMMIT: 'c1',
      AZUREML_GIT_DIRTY: 'False',
      AZUREML_GIT_BUILD_ID: ' 7 ',
      AZUREML_GIT_BUILD_URI: '',
    };
    expect(await propertiesIn(folder, said)).toEqual({
      'mlflow.source.git.commit': 'c1',
      'azureml.git.dirty': 'False',
      'azureml.git.build_id': '7',
    });
  });

  it('is repository, branch, commit and whether files were changed', async () => {
    const url = 'git@github.com:acme/models.git';
    const { folder, commit } = await repositoryOf({ 'job.yml': job }, url);
    const clean = {
      'mlflow.source.git.repoURL': url,
      'mlflow.source.git.branch': 'main',
      'mlflow.source.git.commit': commit,
      'azureml.git.dirty': 'False',
    };
    expect(await propertiesIn(folder)).toEqual(clean);
    expect(await propertiesIn(folder, { AZUREML_GIT_BRANCH: 'other', AZUREML_GIT_DIRTY: '1' })).toEqual({
      ...clean,
      'mlflow.source.git.branch': 'other',
      'azureml.git.dirty': 'True',
    });
  });

  it('is only what the file says where it says any of it', async () => {
    const own = `${job}properties: {mlflow.source.git.commit: mine}\n`;
    const { folder } = await repositoryOf({ 'job.yml': own }, 'https://github.com/acme/models');
    expect(await propertiesIn(folder)).toEqual({ 'mlflow.source.git.commit': 'mine' });
  });

  it.each([
    'https://token@github.com/acme/models',
    'https://github.com/token@acme/models',
    'http://ann:secret@git.example/acme/models',
    'ssh://ann:secret@git.example/acme/models',
  ])('is nothing where the address holds a secret: %s', async (url) => {
    const { folder } = await repositoryOf({ 'job.yml': job }, url);
    expect(await propertiesIn(folder, { AZUREML_GIT_BUILD_ID: '7' })).toEqual({
      'azureml.git.build_id': '7',
    });
  });
});
