import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { validateFile, validateRequests } from '../../src/azureml/index.js';
import { parseProject } from '../../src/spec/index.js';
import { checkout } from '../support/action.js';
import { folderOf, runHere } from '../cli/support.js';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
const submodules =
  '[submodule "lib"]\n\tpath = diabetes/src/lib\n\turl = https://github.com/acme/lib\n[submodule "docs"]\n\tpath = docs\n';
const job = 'command: python train.py\ncode: src\nenvironment: azureml:e:1\ncompute: azureml:cpu\n';

const containing = (text: string): unknown => expect.stringContaining(text);

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** What is wrong with `file` of the project in the folder `diabetes`. */
async function problemsOf(files: Readonly<Record<string, string>>, file = 'train.yml') {
  const root = await checkout(files);
  folders.push(root);
  return await validateFile({ root, dir: join(root, 'diabetes') }, { file, set: {} });
}

test('a pointer of Git LFS in code is told with the line that brings it along, and what to do', async () => {
  const [mistake, ...more] = await problemsOf({
    'diabetes/train.yml': job,
    'diabetes/src/train.py': '# version https://git-lfs.github.com/spec/v1 is named here only\n',
    'diabetes/src/weights/start.bin': pointer,
    'diabetes/src/long.txt': pointer + 'x'.repeat(2000),
  });
  expect(more).toEqual([]);
  expect(mistake).toMatchObject({ file: 'diabetes/train.yml', line: 2, path: 'code', severity: 'error' });
  expect(mistake?.message).toBe('diabetes/src/weights/start.bin is a pointer of Git LFS, not the file');
  expect(mistake?.fix).toContain('Include Git LFS objects in archives');
});

test('pointers that nothing uploads do no harm', async () => {
  const mistakes = await problemsOf({
    'diabetes/train.yml': job,
    'diabetes/docs/screenshot.png': pointer,
    'diabetes/src/train.py': '',
    'diabetes/src/.amlignore': 'large\n',
    'diabetes/src/large/model.bin': pointer,
  });
  expect(mistakes).toEqual([]);
});

test('a model, data and code outside the project are looked through too', async () => {
  const model = await problemsOf(
    { 'diabetes/model.yml': 'name: m\npath: model\ntype: custom_model\n', 'diabetes/model/m.pkl': pointer },
    'model.yml',
  );
  expect(model).toMatchObject([{ path: 'path', message: containing('diabetes/model/m.pkl') }]);
  const data = await problemsOf(
    { 'diabetes/data.yml': 'name: d\npath: train.csv\ntype: uri_file\n', 'diabetes/train.csv': pointer },
    'data.yml',
  );
  expect(data).toMatchObject([{ path: 'path', message: containing('is a pointer of Git LFS') }]);
  const code = await problemsOf({
    'diabetes/train.yml': job.replace('src', '../shared'),
    'shared/weights.bin': pointer,
  });
  expect(code).toMatchObject([{ path: 'code', message: containing('shared/weights.bin') }]);
});

test('objects on another server cannot be had from GitHub, which the fix says without its address', async () => {
  const [mistake] = await problemsOf({
    '.lfsconfig': '[lfs]\n\turl = https://user:secret@lfs.acme.example/models\n',
    'diabetes/train.yml': job,
    'diabetes/src/start.bin': pointer,
  });
  expect(mistake?.fix).toContain('.lfsconfig keeps objects on another server');
  expect(JSON.stringify(mistake)).not.toContain('secret');
});

test('a pointer in place of a YAML file, or of mlops.yaml, says so instead of a mistake in its text', async () => {
  expect(await problemsOf({ 'diabetes/train.yml': pointer })).toMatchObject([
    { file: 'train.yml', message: containing('is a pointer of Git LFS, not the file') },
  ]);
  const parsed = parseProject(pointer, { file: 'mlops.yaml', defaultName: 'diabetes' });
  expect(parsed).toMatchObject({
    ok: false,
    mistakes: [{ file: 'mlops.yaml', message: 'this is a pointer of Git LFS, not the file' }],
  });
});

test('an empty submodule is an error where it is uploaded or named, and nowhere else', async () => {
  const brought = await problemsOf({
    '.gitmodules': submodules,
    'diabetes/train.yml': job,
    'diabetes/src/train.py': '',
  });
  expect(brought).toMatchObject([
    { path: 'code', message: 'diabetes/src/lib is a submodule, and empty', severity: 'error' },
  ]);
  const named = await problemsOf({
    '.gitmodules': submodules,
    'diabetes/train.yml': job.replace('src', 'src/lib/python'),
  });
  expect(named).toMatchObject([{ path: 'code', message: 'diabetes/src/lib is a submodule, and empty' }]);
  const ignored = await problemsOf({
    '.gitmodules': submodules,
    'diabetes/train.yml': job,
    'diabetes/src/train.py': '',
    'diabetes/src/.amlignore': 'lib/\n',
  });
  expect(ignored).toEqual([]);
});

test('a submodule that this checkout holds is a warning: the worker will not have it', async () => {
  const mistakes = await problemsOf({
    '.gitmodules': submodules,
    'diabetes/train.yml': job,
    'diabetes/src/lib/a.py': '',
  });
  expect(mistakes).toMatchObject([{ message: 'diabetes/src/lib is a submodule', severity: 'warning' }]);
});

test('test requests that are a pointer are told before training', async () => {
  const root = await checkout({ 'requests.json': pointer });
  folders.push(root);
  const environment = { name: 'staging', test: { requests: 'requests.json' } };
  expect(await validateRequests({ root, dir: root }, 'mlops.yaml', environment)).toMatchObject([
    {
      path: 'environments.staging.test.requests',
      message: containing('is a pointer of Git LFS'),
    },
  ]);
});

test('mlops validate names pointers and submodules with exit code 2', async () => {
  const cwd = await folderOf({
    'mlops.yaml': 'train: train.yml\n',
    'train.yml': job,
    '.gitmodules': '[submodule "lib"]\n\tpath = src/lib\n',
    'src/weights.bin': pointer,
  });
  const told = await runHere(['validate'], { cwd });
  expect(told.code).toBe(2);
  expect(`${told.out}${told.err}`).toContain('src/weights.bin is a pointer of Git LFS');
});
