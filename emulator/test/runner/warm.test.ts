import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { warmEnvironments } from '../../src/runner/warm.js';
import { buildBin, runBin } from '../support/bin.js';

describe('warm-environment', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warm-'));
    env = { ...process.env, AZUREML_EMULATOR_CACHE: join(folder, 'cache') };
    const files = {
      'conda.yml': 'dependencies: [python=3.11, {pip: [six==1.17.0, idna==3.10]}]',
      'environment.yml': 'name: e\nimage: x\nconda_file: conda.yml\n',
      'requirements.txt': 'idna==3.10  # names\nsix==1.17.0\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await buildBin();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('makes one environment for all files that ask for the same, with bytecode, and nothing the next time', async () => {
    const files = ['conda.yml', 'environment.yml', 'requirements.txt'].map((name) => join(folder, name));
    const lines = await runBin(['warm-environment', ...files], env);
    expect(lines.filter((line) => line.includes('Making a Python environment'))).toHaveLength(1);
    const ready = lines.filter((line) => line.includes('ready in'));
    const [dir = '', ...others] = new Set(ready.map((line) => line.split('ready in ')[1]));
    expect([ready.length, others]).toEqual([3, []]);
    const made = await readdir(dir, { recursive: true });
    expect(made.some((path) => /site-packages\/__pycache__\/six\..*\.pyc$/.test(path))).toBe(true);
    const again = await runBin(['warm-environment', ...files], env);
    expect(again.filter((line) => line.includes('Making a Python environment'))).toEqual([]);
    expect(again).toHaveLength(3 * (lines.some((line) => line.includes('asks for Python')) ? 2 : 1));
  }, 120_000);
});

describe('warmEnvironments', () => {
  const onLine = () => undefined;
  const examples = fileURLToPath(new URL('../../../examples', import.meta.url));

  it('names every file that describes no environment', async () => {
    const files = [join(examples, 'diabetes/azureml/train.yml'), 'no-such-file.yml'];
    const warming = warmEnvironments(files, { onLine });
    await expect(warming).rejects.toThrow(
      /train\.yml uses azureml:diabetes:1.*\n.*no-such-file\.yml cannot/s,
    );
  });

  it('names the packages of a model that its file does not have', async () => {
    const files = [join(examples, 'diabetes/azureml/conda.yml')];
    const warming = warmEnvironments(files, { onLine, serving: ['Scikit_Learn', 'torch'] });
    await expect(warming).rejects.toThrow(/does not name torch\. It names .*scikit-learn/);
  });
});
