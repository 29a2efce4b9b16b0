import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../tools/prepare/dependencies.mjs';
import { hashFiles, isStamped, writeStamp } from '../../tools/prepare/stamps.mjs';
import { temporaryFolder } from './temporary.mjs';

describe('hash of files', () => {
  it('depends on contents and names, not on where the folder lies', () => {
    const folders = [temporaryFolder(), temporaryFolder()];
    for (const folder of folders) {
      mkdirSync(join(folder, 'src', 'deep'), { recursive: true });
      writeFileSync(join(folder, 'src', 'deep', 'a.ts'), 'a');
    }
    const [one = '', other = ''] = folders;
    const before = hashFiles(one, ['src']);
    expect(hashFiles(other, ['src'])).toBe(before);
    writeFileSync(join(other, 'src', 'deep', 'a.ts'), 'b');
    expect(hashFiles(other, ['src'])).not.toBe(before);
    renameSync(join(one, 'src', 'deep', 'a.ts'), join(one, 'src', 'deep', 'b.ts'));
    expect(hashFiles(one, ['src'])).not.toBe(before);
  });

  it('changes when a file appears, but not for outputs', () => {
    const folder = temporaryFolder();
    const before = hashFiles(folder, ['src', 'package.json']);
    mkdirSync(join(folder, 'src', 'lib'), { recursive: true });
    writeFileSync(join(folder, 'src', 'lib', 'output.js'), '');
    expect(hashFiles(folder, ['src', 'package.json'])).toBe(before);
    writeFileSync(join(folder, 'package.json'), '{}');
    expect(hashFiles(folder, ['src', 'package.json'])).not.toBe(before);
  });
});

describe('stamp', () => {
  it('holds for exactly the value written', () => {
    const file = join(temporaryFolder(), 'new', '.stamp');
    expect(isStamped(file, 'x')).toBe(false);
    writeStamp(file, 'x');
    expect(isStamped(file, 'x')).toBe(true);
    expect(isStamped(file, 'y')).toBe(false);
  });
});

describe('installed packages', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b-win32': { version: '2.0.0', optional: true },
  };

  /** @param {Record<string, object>} installed */
  function checkout(installed) {
    const root = temporaryFolder();
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'package.json'), '{}');
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: installed }));
    return root;
  }

  it('are recognised when npm itself installed them, without those of other platforms', () => {
    expect(isInstalled(checkout({ 'node_modules/a': { version: '1.0.0' } }))).toBe(true);
  });

  it('are not those of the lock when one has another version', () => {
    expect(isInstalled(checkout({ 'node_modules/a': { version: '0.9.0' } }))).toBe(false);
  });

  it('are installed again when the lock changes', () => {
    const root = checkout({ 'node_modules/a': { version: '1.0.0' } });
    expect(isInstalled(root)).toBe(true);
    const changed = { packages: { ...locked, 'node_modules/c': { version: '3.0.0' } } };
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(changed));
    expect(isInstalled(root)).toBe(false);
  });

  it('are installed again under another major version of Node', () => {
    const root = checkout({ 'node_modules/a': { version: '1.0.0' } });
    writeFileSync(join(root, 'node_modules', '.mlops-stamp'), 'node18 0123456789abcdef\n');
    expect(isInstalled(root)).toBe(false);
  });
});
