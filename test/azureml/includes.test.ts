import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeFolder } from '../../src/azureml/code-folder.js';
import { translateFile, validateFile } from '../../src/azureml/index.js';
import { zippedFolder } from '../../src/azureml/zipped-folder.js';

const files = {
  'code/main.py': 'print(1)\n',
  'code/README.md': '# r\n',
  'code/.amlignore': '*.md\nsub/\n',
  'libs/common/a.py': 'x=1\n',
  'libs/b.py': 'y\n',
  'libs/note.md': 'md\n',
  'libs/__pycache__/b.pyc': 'c\n',
  'shared/s.py': 's\n',
  'shared/s.md': 'md\n',
  'shared/sub/t.py': 't\n',
  'shared/k.txt': 'k\n',
  'shared/.gitignore': '*.txt\n',
  'deep/main.py': 'print(1)\n',
  'deep/a.txt': 'a\n',
  'deep/sub/.gitignore': '*.txt\n',
  'deep/sub/b.txt': 'b\n',
  'deep/sub/b.py': 'b\n',
  'deep/sub/deep/c.txt': 'c\n',
  'deep/sub/deep/c.py': 'c\n',
  'deep/sub/deep/.amlignore': 'c.py\n',
  'more/libs/l.py': 'l\n',
  'more/libs/n/.gitignore': '*.py\n',
  'more/libs/n/x.py': 'x\n',
  'more/libs/n/x.sh': 'x\n',
};

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'includes-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
});
afterAll(() => rm(root, { recursive: true }));

async function component(code: string | undefined, includes: readonly string[]): Promise<string> {
  const text = [
    '$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json',
    'name: one',
    'type: command',
    ...(code === undefined ? [] : [`code: ${code}`]),
    `additional_includes: ${JSON.stringify(includes)}`,
    'command: python main.py',
    'environment: azureml:e:1',
  ];
  await writeFile(join(root, 'component.yml'), text.join('\n'));
  return 'component.yml';
}

describe('what a component includes is the code that azure-ai-ml makes of it', () => {
  // Hashes recorded from azure-ai-ml 1.35.2 on these very files; of zips with files of 1980.
  it.each([
    [
      'of one folder',
      './code',
      ['shared'],
      '8071a26aa9880c62c0a4deb1a75de92697a3e93fc86f32d74c192fa6da1cd7df',
    ],
    [
      'of two',
      './code',
      ['shared', 'libs/common'],
      'dfc1ee1088e2e7d6dde88efee393d69b519b50841405105972318772bf1b41ce',
    ],
    [
      'a file that the code ignores',
      './code',
      ['libs/note.md'],
      '62736ff2e6a2b066e9657a31b48f3c83457d133bd3ce24f270829fd77ce5eecd',
    ],
    [
      'beside nothing',
      undefined,
      ['shared', 'libs/note.md'],
      'eeea4266fe93a36c2f74aa9989d5c54a56f590cc3499dd3bd2fbd9d133ecec91',
    ],
    [
      'beside a file',
      './code/main.py',
      ['shared'],
      'd3293da571ce624cffcc6b3202bf882ade70ec71d0c72e6e4b49e58d45b2f039',
    ],
    [
      'ignore files far down',
      './deep',
      ['more/libs'],
      '31fb44fe3d94e55b01742cffca05820b3a0eade0b1b07685a878fc86997ed0f9',
    ],
    [
      'a folder as a zip',
      './code',
      ['libs.zip'],
      'ad5ebc9561e39f45679e385707115665f02ab0777bcae9a953cfa7ff8e3c5705',
    ],
    [
      'as a zip, with an ignore file',
      './code',
      ['shared.zip'],
      '5d56f4b8228759ee727a0d7583072df38be235daf2fa2dba990d580cda847cea',
    ],
    [
      'as a zip, with ignore files far down',
      './deep',
      ['more/libs.zip'],
      '141bfa8c1f422afa2dab511e1d47b3faa9a862663dac4b34c67c569a181db3a2',
    ],
  ] as const)('%s', async (_, code, includes, hash) => {
    const file = await component(code, includes);
    const { steps } = await translateFile({ root, dir: root }, { file, set: {} });
    const uploads = steps.flatMap((step) => (step.kind === 'upload' ? [step.upload] : []));
    expect(uploads.map((upload) => upload.hash)).toEqual([hash]);
  });
});

it('packs what other programs read', async () => {
  const { files: packed } = await codeFolder(join(root, 'code'), root, {
    component: true,
    includes: [{ path: join(root, 'libs'), zipped: true }],
  });
  const zip = packed.find(({ name }) => name === 'libs.zip')?.content ?? new Uint8Array();
  const entries = Object.entries(unzipSync(zip)).map(([name, data]) => [
    name,
    new TextDecoder().decode(data),
  ]);
  expect(entries).toEqual([
    ['libs/', ''],
    ['libs/b.py', 'y\n'],
    ['libs/common/a.py', 'x=1\n'],
  ]);
});

it('names what is neither a zip nor a folder, and what is too large to be packed', async () => {
  const mistakes = await validateFile(
    { root, dir: root },
    { file: await component('./code', ['none.zip', 'code/main.zip']), set: {} },
    'setup',
  );
  expect(mistakes.map(({ message }) => message)).toEqual([
    expect.stringContaining('there is no file or folder none.zip'),
    expect.stringContaining('there is no file or folder code/main.zip'),
  ]);
  const huge = { path: join(root, 'libs/b.py'), name: 'b.py', size: 70 * 1024 * 1024 };
  await expect(zippedFolder(join(root, 'libs'), [huge])).rejects.toThrow(
    'libs.zip would hold 70 MB; at most 64 MB are packed: include the folder, or bring data as an input',
  );
});

describe('code at an address', () => {
  const job = (code: string): string =>
    `type: command\ncode: ${code}\ncommand: python main.py\nenvironment: azureml:e:1\ncompute: azureml:c\n`;

  it('is a version of its own, said to lie outside the commit', async () => {
    await writeFile(join(root, 'job.yml'), job('https://example.com/code.git'));
    const source = { file: 'job.yml', set: {} };
    const { steps } = await translateFile({ root, dir: root }, source);
    const [code, sent] = steps.flatMap((step) => (step.kind === 'request' ? [step.request] : []));
    expect(code?.body).toEqual({
      properties: { codeUri: 'https://example.com/code.git', isAnonymous: true, properties: {} },
    });
    expect(sent?.body).toMatchObject({ properties: { codeId: code?.path } });
    expect(await validateFile({ root, dir: root }, source, 'job')).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('outside the commit') as string },
    ]);
  });

  it.each(['git+https://example.com/code', 'ftp://example.com/code', 'azureml://datastores/d/paths/code'])(
    'is not %s',
    async (code) => {
      await writeFile(join(root, 'job.yml'), job(code));
      expect(await validateFile({ root, dir: root }, { file: 'job.yml', set: {} }, 'job')).toMatchObject([
        { found: code },
      ]);
    },
  );
});
