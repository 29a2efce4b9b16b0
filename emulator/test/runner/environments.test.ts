import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmulatorContext } from '../../src/context.js';
import { putResource } from '../../src/resources.js';
import { createEnvironments } from '../../src/runner/environments.js';
import type { Environments } from '../../src/runner/environments.js';
import { createStore } from '../../src/store.js';
import type { Store } from '../../src/store.js';
import { mergeRequirements } from '../../src/runner/venvs.js';
import { W, runPython } from './harness.js';

describe('createEnvironments', () => {
  let folder: string;
  let store: Store;
  const lines: string[] = [];
  const before = process.env['AZUREML_EMULATOR_CACHE'];

  /** Environments need the store and the log only, as long as none has a build context. */
  function create(): Environments {
    const ctx: Pick<EmulatorContext, 'store' | 'log'> = { store, log: (line) => void lines.push(line) };
    return createEnvironments(ctx as EmulatorContext);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'envs-'));
    store = createStore(folder);
    process.env['AZUREML_EMULATOR_CACHE'] = join(folder, 'cache');
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['AZUREML_EMULATOR_CACHE'];
    else process.env['AZUREML_EMULATOR_CACHE'] = before;
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('makes an environment once, whoever asks and in whatever order its packages stand', async () => {
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const [one, other] = [create(), create()];
    const made = await Promise.all([
      one.ensureFromConda('dependencies: [python=3.1, six, {pip: [tabulate]}]', [], say),
      one.ensureFromConda('dependencies: [tabulate, six]', [], say),
      other.ensureFromConda('dependencies: [six]', ['tabulate'], say),
    ]);
    expect(new Set(made.map(({ python }) => python)).size).toBe(1);
    expect(said.filter((line) => line.startsWith('Making'))).toEqual([
      'Making a Python environment: six tabulate',
    ]);
    expect(said).toContainEqual(
      expect.stringMatching(/asks for Python 3\.1; the emulator uses the local Python 3\./),
    );
    const [{ python, env }] = made;
    expect(await runPython(python, 'import six, tabulate, sys; print(sys.prefix)', '')).toContain(folder);
    expect(env['PATH']).toMatch(new RegExp(`^${folder}`));
  });

  it('says which conda package PyPI does not have, and tries again the next time', async () => {
    const attempt = () =>
      create().ensureFromConda('dependencies: [no-such-conda-package-xyz]', [], () => undefined);
    await expect(attempt()).rejects.toThrow(/conda package 'no-such-conda-package-xyz' has no counterpart/);
    await expect(attempt()).rejects.toThrow(/no-such-conda-package-xyz/);
  });

  it('names the Python that was asked for, where what it should hold does not install', async () => {
    const attempt = create().ensureFromConda(
      'dependencies: [python=3.1, no-such-conda-package-xyz]',
      [],
      () => undefined,
    );
    await expect(attempt).rejects.toThrow(
      /could not be made\. The conda file asks for Python 3\.1; the emulator/,
    );
  });

  it('finds versions by id and label, and refuses what only an image would have', async () => {
    const now = new Date().toISOString();
    const systemData = { createdAt: now, createdBy: 'test', createdByType: 'User', lastModifiedAt: now };
    const put = (name: string, properties: Record<string, unknown>) => {
      putResource(store, {
        id: `${W}/environments/${name}/versions/1`,
        name: '1',
        type: 'test',
        properties,
        systemData,
      });
    };
    put('conda', { condaFile: 'dependencies: [six, tabulate]', image: 'mcr.microsoft.com/x' });
    put('image', { image: 'example.org/private/trainer:3' });
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const byId = await create().ensure(`${W}/environments/conda/versions/1`, [], say);
    const byLabel = await create().ensure(`${W}/environments/conda/labels/latest`, [], say);
    expect(byLabel.python).toBe(byId.python);
    expect(said).toContainEqual(expect.stringContaining('mcr.microsoft.com/x is not run'));
    await expect(create().ensure(`${W}/environments/image/versions/1`, [], say)).rejects.toThrow(
      /conda_file/,
    );
    await expect(create().ensure(`${W}/environments/none/versions/1`, [], say)).rejects.toThrow(
      /was not found/,
    );
  });
});

describe('mergeRequirements', () => {
  it('keeps the version that a specification gives to a package which is always added', () => {
    const own = ['Azureml_Inference.Server-HTTP==1.5.1', 'numpy'];
    expect(mergeRequirements(own, ['azureml-inference-server-http', 'pandas'])).toEqual([
      'Azureml_Inference.Server-HTTP==1.5.1',
      'numpy',
      'pandas',
    ]);
  });
});
