import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createAzureMl, endpointName, lookAtOperation, validateFile } from '../../src/azureml/index.js';
import type { Role } from '../../src/azureml/index.js';
import { filesOf } from '../../src/azureml/walk.js';
import { parseYaml } from '../../src/azureml/yaml/parse.js';
import { timestampIn } from '../../src/azureml/yaml/timestamps.js';
import { setValue } from '../../src/azureml/yaml/set.js';

/** A repository with these files. */
async function repository(texts: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'source-'));
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return { root, dir: root };
}

async function mistakesIn(text: string, role: Role, set: Readonly<Record<string, unknown>> = {}) {
  return validateFile(await repository({ 'file.yml': text }), { file: 'file.yml', set }, role);
}

describe('YAML', () => {
  it('means what it means to PyYAML', () => {
    const { value } = parseYaml(
      'a: on\nb: 010\nc: 12:30:00\nd: 1e-4\ne: 1_000\nf: n\ng: 2024-01-01\nh: 1.5\ni: ~\n',
    );
    expect(value).toEqual({
      a: true,
      b: 8,
      c: 45_000,
      d: '1e-4',
      e: 1000,
      f: 'n',
      g: timestampIn('2024-01-01'),
      h: 1.5,
      i: null,
    });
  });

  it('remembers which whole numbers were written as floats', () => {
    const { isFloat } = parseYaml('a: 1.0\nb: {c: [1, 2.0]}\nd: "3.0"\n');
    const paths = [['a'], ['b', 'c', 0], ['b', 'c', 1], ['d']];
    expect(paths.map((path) => isFloat(path))).toEqual([true, false, true, false]);
  });

  it('takes quotes and brackets that go on at the left edge, as PyYAML does', () => {
    const { value, position } = parseYaml('a:\n  b: "one\n  two"\n  c: [\n1,\n]\nd: 2\n');
    expect(value).toEqual({ a: { b: 'one two', c: [1] }, d: 2 });
    expect(position(['d'])).toEqual({ line: 7, column: 1 });
    expect(parseYaml('a: [\n1,\n').problems).toMatchObject([{ position: { line: 3, column: 1 } }]);
  });

  it.each([
    ['a: &a [*a]\n', 'stands within itself'],
    ['a: 1\n---\nb: 2\n', 'a second document starts here'],
    ['a: *b\n', 'unidentified alias'],
    [`a: ${'['.repeat(600)}\n`, 'nested too deeply'],
  ])('refuses %j', (text, said) => {
    expect(parseYaml(text).problems.map(({ message }) => message)).toEqual([expect.stringContaining(said)]);
  });

  it('refuses aliases that multiply', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((key, at) => {
        const before = 'abcdef'[at] ?? '';
        return `${key}: &${key} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`;
      }),
    ].join('\n');
    expect(await mistakesIn(bomb, 'job')).toMatchObject([{ severity: 'error' }]);
  });
});

describe('mistakes', () => {
  it('come all at once, with place, what is allowed and what was meant', async () => {
    const text =
      'comand: python x.py\nenvironment: azureml:e\nlimits:\n  timeout: soon\ndistribution: {type: pytorh}\n';
    const found = await mistakesIn(text, 'job');
    const told = found.map(({ line, column, path, nearest }) => [line, column, path, nearest]);
    expect(told).toEqual(
      expect.arrayContaining([
        [1, 1, 'comand', 'command'],
        [2, 1, 'environment', undefined],
        [4, 3, 'limits.timeout', undefined],
        [5, 16, 'distribution.type', 'pytorch'],
      ]),
    );
    expect(found.some(({ path, message }) => path === 'command' && message.includes('missing'))).toBe(true);
  });

  it('are found in what an override made, and a reference cannot be reached into', async () => {
    const text = 'command: echo\nenvironment: azureml:e:1\n';
    expect(await mistakesIn(text, 'job', { 'limits.timeout': 'soon' })).toMatchObject([
      { path: 'limits.timeout' },
    ]);
    const [refused] = await mistakesIn(text, 'job', { 'environment.image': 'x' });
    expect(refused?.message).toMatch(/reference azureml:e:1/);
  });

  it('name unbound inputs, paths outside the repository and files that are not there', async () => {
    const text =
      'command: python ${{inputs.x}}\ncode: ../elsewhere\nenvironment: {image: i, conda_file: nope.yml}\n';
    const found = await mistakesIn(text, 'job');
    expect(found.map(({ path }) => path).sort()).toEqual(['code', 'command', 'environment.conda_file']);
  });

  it.each([
    ['', 'the file is empty'],
    ['- a\n', 'expected a mapping'],
    ['a: [1\n', ''],
  ])('answer %j', async (text, message) => {
    const [first] = await mistakesIn(text, 'job');
    expect(first).toMatchObject({ severity: 'error' });
    expect(first?.message).toContain(message);
  });

  it('are none in the example, and its endpoint has a name', async () => {
    const root = fileURLToPath(new URL('../../examples/diabetes/', import.meta.url));
    const files = { root, dir: root };
    const roles: [string, Role][] = [
      ['train', 'job'],
      ['prepare', 'job'],
      ['endpoint', 'endpoint'],
      ['deployment', 'deployment'],
      ['compute', 'setup'],
      ['data', 'setup'],
      ['environment', 'setup'],
    ];
    for (const [name, role] of roles) {
      expect(await validateFile(files, { file: `azureml/${name}.yml`, set: {} }, role), name).toEqual([]);
    }
    expect(await endpointName(files, { file: 'azureml/endpoint.yml', set: { name: 'other' } })).toBe('other');
  });
});

describe('overrides', () => {
  it('make what is missing and grow lists', () => {
    const root = { a: { b: [1] } };
    setValue(root, 'a.b[2]', 3);
    setValue(root, 'c.d[0].e', true);
    expect(root).toEqual({ a: { b: [1, null, 3] }, c: { d: [{ e: true }] } });
  });
});

describe('safety', () => {
  it('uploads nothing that is ignored, and follows no link out of the repository', async () => {
    const { root } = await repository({ 'src/a.py': 'a', 'src/b.log': 'b', 'src/.amlignore': '*.log\n' });
    expect((await filesOf(join(root, 'src'))).map(({ name }) => name).sort()).toEqual(['.amlignore', 'a.py']);
    await symlink('/etc/hostname', join(root, 'src', 'secret'));
    await expect(filesOf(join(root, 'src'), { root })).rejects.toThrow(/leads out of the repository/);
  });

  it('sends its token to nobody but Azure, whatever address a handle names', async () => {
    const target = {
      alias: 'a',
      subscription: 's',
      resourceGroup: 'g',
      name: 'w',
      location: 'l',
      taskQueue: 'q',
      credential: 'default',
    };
    const credential = { getToken: () => Promise.reject(new Error('asked for a token')) };
    const ml = createAzureMl(target, { credential });
    const handle = {
      url: 'https://attacker.example/operations/1',
      resource: `${ml.id}/onlineEndpoints/e`,
      kind: 'put' as const,
    };
    await expect(lookAtOperation(ml, handle)).rejects.toThrow(/refused to follow/);
    const elsewhere = { resource: '@attacker.example/x', kind: 'put' as const };
    await expect(lookAtOperation(ml, elsewhere)).rejects.toThrow(/refused to follow/);
    expect(() => createAzureMl(target, { credential, armUrl: 'http://example.com' })).toThrow(/plain http/);
  });
});

describe('a sweep that a lifecycle starts', () => {
  const body = (limits: string) =>
    `trial: {command: 'python t.py \${{search_space.d}}', environment: 'azureml:e:1'}\n` +
    `search_space: {d: {type: choice, values: [1, 2]}}\nobjective: {goal: maximize, primary_metric: m}\n` +
    `compute: azureml:cpu\nlimits: ${limits}\n`;
  const sweep = (limits: string) => `type: sweep\n${body(limits)}`;

  it('is refused without a limit of time, where it says its limits', async () => {
    expect(await mistakesIn(sweep('{max_total_trials: 4}'), 'job')).toMatchObject([
      {
        path: 'limits',
        line: 6,
        severity: 'error',
        message: expect.stringMatching(/limit of time/) as string,
      },
    ]);
    expect(await mistakesIn(sweep('{max_total_trials: 4, timeout: 600}'), 'job')).toEqual([]);
  });

  it('is refused within a pipeline too', async () => {
    const step = body('{max_total_trials: 4}')
      .replace(/^trial: .*$/m, 'trial: azureml:t:1')
      .replaceAll(/^/gm, '    ')
      .trimEnd();
    const pipeline = `type: pipeline\njobs:\n  tune:\n    type: sweep\n${step}\n`;
    expect(await mistakesIn(pipeline, 'job')).toMatchObject([
      { path: 'jobs.tune.limits', severity: 'error' },
    ]);
  });

  it('is refused where the pipeline names it: by its file, or within a component', async () => {
    const files = await repository({
      'file.yml':
        'type: pipeline\njobs:\n  tune: file:./tune.yml\n  inner:\n    type: pipeline\n    component: ./inner.yml\n',
      'tune.yml': sweep('{max_total_trials: 4}'),
      'inner.yml': `name: inner\nversion: '1'\ntype: pipeline\njobs:\n  deep:\n    type: sweep\n    compute: azureml:cpu\n    trial: azureml:t:1\n    objective: {goal: maximize, primary_metric: m}\n    limits: {max_total_trials: 4}\n`,
    });
    const found = await validateFile(files, { file: 'file.yml', set: {} }, 'job');
    expect(found.filter(({ message }) => message.includes('limit of time')).map(({ path }) => path)).toEqual([
      'jobs.tune.limits',
      'jobs.inner.jobs.deep.limits',
    ]);
  });

  it('is taken as the official client takes it where somebody looks at the file alone', async () => {
    const files = await repository({ 'file.yml': sweep('{max_total_trials: 4}') });
    expect(await validateFile(files, { file: 'file.yml', set: {} })).toEqual([]);
  });
});
