import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftOut } from '../../src/github/index.js';
import { checkout } from '../support/action.js';

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
let root: string;

beforeAll(async () => {
  root = await checkout({
    'diabetes/data/train.csv': pointer,
    'diabetes/train.py': '# version https://git-lfs.github.com/spec/v1 is named here only\n',
    'diabetes/long.txt': pointer + 'x'.repeat(2000),
    'other/model.bin': pointer,
    '.gitmodules':
      '[submodule "lib"]\n\tpath = diabetes/lib\n\turl = https://github.com/acme/lib\n[submodule "docs"]\n\tpath = docs\n',
  });
});
afterAll(() => rm(root, { recursive: true }));

test('pointers of Git LFS and submodules are found below the project, and not elsewhere', async () => {
  expect(await leftOut(root, join(root, 'diabetes'))).toEqual({
    pointers: ['diabetes/data/train.csv'],
    submodules: ['diabetes/lib'],
  });
  expect(await leftOut(root, root)).toMatchObject({ submodules: ['diabetes/lib', 'docs'] });
});
