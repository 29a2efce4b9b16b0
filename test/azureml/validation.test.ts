import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateFile } from '../../src/azureml/index.js';
import { placeholdersIn } from '../../src/azureml/yaml/placeholders.js';
import { OverrideError, setValue } from '../../src/azureml/yaml/set.js';

const execute = promisify(execFile);

type Files = Readonly<Record<string, string | Uint8Array>>;

/** A repository with `file.yml` and what is beside it. */
async function repository(text: string | Uint8Array, beside: Files = {}) {
  const root = await mkdtemp(join(tmpdir(), 'validation-'));
  for (const [name, content] of Object.entries({ 'file.yml': text, ...beside })) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return { root, dir: root };
}

async function mistakesIn(text: string | Uint8Array, beside: Files = {}) {
  return validateFile(await repository(text, beside), { file: 'file.yml', set: {} });
}

const endpoint = 'name: my-endpoint\nauth_mode: key\n';
const deployment = 'name: blue\nendpoint_name: e1\ninstance_type: Standard_DS3_v2\n';

describe('the commonest mistakes say what to do', () => {
  it.each([
    ['displayName: x\ncommand: echo\nenvironment: azureml:e:1\n', 'displayName', /display_name/],
    ['command: echo\nenvironment: e:1\n', 'environment', /azureml:e:1/],
    ['command: echo\nenvironment: azureml:e\n', 'environment', /azureml:e@latest/],
    ['command: echo\nenvironment: ./env.yml\n', 'environment', /file:\.\/env\.yml/],
    ['command: echo\nenvironment: azureml:e:1\ntimeout: 5\n', 'timeout', /limits\.timeout/],
    ['command: echo\nenvironment: azureml:e:1\ninstance_count: 2\n', 'instance_count', /resources/],
    ['command: echo\nenvironment: azureml:e:1\nlimits: {timeout: 2h}\n', 'limits.timeout', /seconds/],
    ['command: echo\nenvironment: azureml:e:1\ncode: ./nowhere\n', 'code', /folder of the YAML file/],
    ['command: echo\nenvironment: azureml:e:1\ncompute:\n', 'compute', /remove the line/],
    ['command: [a, b]\nenvironment: azureml:e:1\n', 'command', /one text/],
    ['command: echo\nenvironment: azureml:e:1\ndisplay_name: 5\n', 'display_name', /in quotes: '5'/],
    [`${endpoint}traffic: [blue]\n`, 'traffic', /dashes/],
    ['auth_mode: key\nname: my_endpoint\n', 'name', /my-endpoint/],
    [`${deployment}scoring_script: score.py\n`, 'scoring_script', /code_configuration\.scoring_script/],
    [
      `${deployment}data_collector: {collections: {a: {enabled: true}}}\n`,
      'data_collector.collections.a.enabled',
      /'true'/,
    ],
    ['image: i\nname: e\ndependencies: [python]\n', 'dependencies', /conda file/],
    ['name: e\nimage: i\nbuild: {path: .}\n', 'build', /one of image and build/],
    ['name: c\ntype: amlcompute\ntags: {cost: 5}\n', 'tags.cost', /in quotes: '5'/],
    ['name: c\ntype: amlcompute\nnetwork_settings: {vnet_name: v}\n', 'network_settings', /subnet/],
    ['name: m\ntype: custom_model\npath: azureml:other:1\n', 'path', /local path/],
    [`${deployment}model: azureml:/subscriptions/s/x\n`, 'model', undefined],
  ])('%j', async (text, path, fix) => {
    const found = (await mistakesIn(text)).filter(({ severity }) => severity === 'error');
    const told = found.find((one) => one.path === path);
    expect(told, JSON.stringify(found)).toBeDefined();
    expect(told?.line).toBeGreaterThan(0);
    if (fix !== undefined) expect(`${told?.fix ?? ''}${told?.nearest ?? ''}`).toMatch(fix);
  });
});

describe('what Azure would only find later', () => {
  it.each([
    [`${endpoint}traffic: {blue: 60}\n`, 'traffic', /adds up to 60/],
    [`${endpoint}mirror_traffic: {blue: 60}\n`, 'mirror_traffic', /at most 50/],
    ['name: c\ntype: amlcompute\nmin_instances: 5\nmax_instances: 2\n', 'min_instances', /more than/],
    [
      `${deployment}request_settings: {request_timeout_ms: 200000}\n`,
      'request_settings.request_timeout_ms',
      /180000/,
    ],
    ['name: e\nimage: i\nconda_file: conda.yml\n', 'conda_file', /no dependencies/],
    ['name: e\nbuild: {path: docker}\nconda_file: {dependencies: [pip]}\n', 'conda_file', /Dockerfile alone/],
    ['name: m\ntype: mlflow_model\npath: docker\n', 'path', /MLmodel/],
    [
      'name: d\ntype: azure_blob\naccount_name: a\ncontainer_name: c\ncredentials: {account_key: k}\n',
      'credentials.account_key',
      /secret/,
    ],
    [
      'command: echo\nenvironment: azureml:e:1\noutputs: {model: {type: mlflow_model}}\n',
      'outputs.model',
      /nothing is written to it/,
    ],
    [
      'type: pipeline\ncompute: azureml:c\noutputs: {model: {}, report: {}}\njobs: {train: {command: "echo ${{outputs.m}}", environment: azureml:e:1, outputs: {m: "${{parent.outputs.model}}"}}}\n',
      'outputs.report',
      /no step produces it/,
    ],
    ['name: my-endpoint\nauth_mode: key\nlocation: <LOCATION>\n', 'location', /placeholder/],
    ['name: my-endpoint\nauth_mode: key\ntags: {team: "{{team}}"}\n', 'tags.team', /placeholder/],
  ])('%j is a warning', async (text, path, message) => {
    const found = await mistakesIn(text, { 'conda.yml': 'name: x\n', 'docker/Dockerfile': 'FROM x\n' });
    const told = found.find((one) => one.path === path);
    expect(told, JSON.stringify(found)).toMatchObject({ severity: 'warning' });
    expect(told?.message).toMatch(message);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('bad input is one clear error', () => {
  const bomb = Array.from({ length: 9 }, (_, at) => {
    const inner = Array.from({ length: 9 }, () => (at === 0 ? 'x' : `*a${at - 1}`)).join(', ');
    return `a${at}: &a${at} [${inner}]`;
  }).join('\n');

  it.each<[string, string | Uint8Array, RegExp]>([
    ['a bomb of aliases', bomb, /alias/i],
    ['an alias to nowhere', 'name: *nowhere\n', /alias/i],
    ['tabs', 'name: x\nlimits:\n\ttimeout: 5\n', /tab/i],
    ['UTF-16', Buffer.from('\ufeffname: x\n', 'utf16le'), /not written in UTF-8 but in UTF-16/],
    ['Latin-1', Buffer.from('name: x\ndescription: Gr\u00fc\u00dfe\n', 'latin1'), /UTF-8: line 2/],
    ['UTF-16 without its mark', Buffer.from('name: x\n', 'utf16le'), /null byte/],
    ['50 MB', Buffer.alloc(50 * 1024 * 1024, 'a: 1\n'), /50\.0 MB/],
    ['nesting without end', '['.repeat(200_000), /nested too deeply/],
    ['a placeholder without quotes', 'name: {{NAME}}\n', /\{\{NAME\}\}.*placeholder/],
    ['nothing', '', /empty/],
    ['a list', '- a\n', /mapping/],
  ])('%s', async (_, text, message) => {
    const found = (await mistakesIn(text)).filter(({ severity }) => severity === 'error');
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.message).toMatch(message);
  });

  it('nothing, where UTF-8 has a byte order mark', async () => {
    expect(await mistakesIn(Buffer.from(`\ufeff${endpoint}`))).toEqual([]);
  });

  const job = 'command: echo\nenvironment: azureml:e:1\n';
  const latin1 = Buffer.from('dependencies: [für]\n', 'latin1');
  const table = 'name: d\ntype: mltable\npath: t\n';
  const huge = Buffer.alloc(5 * 1024 * 1024, '#\n');
  it.each<[string, string, Files, string, RegExp]>([
    ['code outside the root', `${job}code: ../other\n`, {}, 'file.yml', /outside the repository/],
    ['code that is nowhere', `${job}code: nowhere\n`, {}, 'file.yml', /no file or folder nowhere/],
    [
      'a conda file in Latin-1',
      'name: e\nimage: i\nconda_file: c\n',
      { c: latin1 },
      'file.yml',
      /c is not written in UTF-8: line 1/,
    ],
    ['a conda file of 5 MB', 'name: e\nimage: i\nconda_file: c\n', { c: huge }, 'file.yml', /c holds 5.0 MB/],
    [
      'a conda file that is a folder',
      'name: e\nimage: i\nconda_file: c\n',
      { 'c/x': '' },
      'file.yml',
      /c is a folder/,
    ],
    [
      'an environment file with an unknown key',
      'command: echo\nenvironment: file:e.yml\n',
      { 'e.yml': 'image: i\nimag: x\n' },
      'e.yml',
      /unknown key/,
    ],
    [
      'an environment file that names a file which is not there',
      'command: echo\nenvironment: file:sub/e.yml\n',
      { 'sub/e.yml': 'image: i\nconda_file: c\n', c: 'dependencies: []\n' },
      'sub/e.yml',
      /no file or folder sub\/c/,
    ],
    ['an MLTable of 5 MB', table, { 't/MLTable': huge }, 'file.yml', /t\/MLTable holds 5.0 MB/],
    ['an MLTable without paths', table, { 't/MLTable': '' }, 't/MLTable', /missing/],
    ['an MLTable that is no YAML', table, { 't/MLTable': 'paths: [\n' }, 't/MLTable', /flow collection/],
    [
      'an MLTable with another key',
      table,
      { 't/MLTable': 'paths: [{file: x, fil: x}]\n' },
      't/MLTable',
      /unknown key/,
    ],
    [
      'ignore rules in a folder',
      `${job}code: c\n`,
      { 'c/.gitignore/x': '' },
      'file.yml',
      /.gitignore is a folder/,
    ],
  ])('%s', async (_, text, beside, file, message) => {
    const found = await mistakesIn(text, beside);
    expect(found).toMatchObject([{ file, severity: 'error' }]);
    expect(found[0]?.message).toMatch(message);
  });

  it('components that name each other in a circle, and those that multiply', async () => {
    const within = (name: string, ...components: string[]) =>
      `name: ${name}\ntype: pipeline\njobs:\n${components.map((one, at) => `  n${at}: {type: pipeline, component: ${one}}\n`).join('')}`;
    const circle = { 'a.yml': within('a', 'b.yml'), 'b.yml': within('b', 'a.yml') };
    expect(await mistakesIn(within('p', 'a.yml').replace('name: p\n', ''), circle)).toMatchObject([
      { message: expect.stringMatching(/in a circle: file.yml → a.yml → b.yml → a.yml/) as string },
    ]);
    const leaf = 'name: leaf\ntype: pipeline\njobs: {n: {type: command, component: azureml:c:1}}\n';
    const doubling = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [
        `c${at}.yml`,
        within(`c${at}`, `c${at + 1}.yml`, `c${at + 1}.yml`),
      ]),
    );
    const found = await mistakesIn(within('p', 'c0.yml').replace('name: p\n', ''), {
      ...doubling,
      'c20.yml': leaf,
    });
    expect(found).toMatchObject([{ path: 'jobs', message: expect.stringMatching(/8192 nodes/) as string }]);
  });

  it('links that multiply, and pipes, which nobody waits for', async () => {
    const files = await repository(`${job}code: c/0\n`, { 'c/20/f': 'x' });
    for (let level = 0; level < 20; level += 1) {
      await mkdir(join(files.root, `c/${level}`));
      for (const name of ['a', 'b']) await symlink(`../${level + 1}`, join(files.root, `c/${level}/${name}`));
    }
    const ref = { file: 'file.yml', set: {} };
    expect(await validateFile(files, ref)).toMatchObject([
      { path: 'code', message: /more than 20000 files/ },
    ]);
    for (const text of [`${job}code: pipe\n`, 'command: echo\nenvironment: {image: i, conda_file: pipe}\n']) {
      const piped = await repository(text);
      await execute('mkfifo', [join(piped.root, 'pipe')]);
      expect(await validateFile(piped, ref)).toMatchObject([{ message: /is a pipe/ }]);
      expect(await validateFile(piped, { file: 'pipe', set: {} })).toMatchObject([{ message: /is a pipe/ }]);
    }
  });

  it('a file that is a link to itself', async () => {
    const files = await repository('');
    await symlink('self.yml', join(files.root, 'self.yml'));
    expect(await validateFile(files, { file: 'self.yml', set: {} })).toMatchObject([
      { file: 'self.yml', message: /back to itself/ },
    ]);
  });

  it('nothing, where an ignored link leads out of the repository', async () => {
    const files = await repository(`${job}code: c\n`, { 'c/.amlignore': 'data\n', 'c/x.py': '' });
    await symlink('/etc', join(files.root, 'c/data'));
    expect(await validateFile(files, { file: 'file.yml', set: {} })).toEqual([]);
  });

  it('names that are properties of every object', async () => {
    const found = await mistakesIn(`${job}__proto__: {a: 1}\nconstructor: x\n`);
    expect(found.map(({ path }) => path).sort()).toEqual(['__proto__', 'constructor']);
  });

  it('a link that loops, and one to nothing, in what would be uploaded', async () => {
    const files = await repository('name: m\ntype: custom_model\npath: model\n', { 'model/a.bin': 'a' });
    await symlink(join(files.root, 'model'), join(files.root, 'model', 'again'));
    const ref = { file: 'file.yml', set: {} };
    expect(await validateFile(files, ref)).toMatchObject([{ path: 'path', message: /back to itself/ }]);
    const other = await repository('name: m\ntype: custom_model\npath: model\n', { 'model/a.bin': 'a' });
    await symlink(join(other.root, 'nowhere'), join(other.root, 'model', 'gone'));
    expect(await validateFile(other, ref)).toMatchObject([{ path: 'path', message: /link to nothing/ }]);
    const circle = await repository('name: m\ntype: custom_model\npath: model\n', { 'model/a.bin': 'a' });
    await symlink('self', join(circle.root, 'model', 'self'));
    expect(await validateFile(circle, ref)).toMatchObject([{ path: 'path', message: /back to itself/ }]);
  });
});

describe('overrides', () => {
  // Cases and results of pydash's set_, which az uses.
  it.each<[unknown, string, unknown, unknown]>([
    [{ a: { b: [1] } }, 'a.b[2]', 3, { a: { b: [1, null, 3] } }],
    [{}, 'c.d[0].e', true, { c: { d: [{ e: true }] } }],
    [{}, 'a.0.b', 1, { a: { 0: { b: 1 } } }],
    [{ a: null }, 'a.b', 1, { a: null }],
    [{ a: [{ x: 1 }] }, 'a[-1].x', 2, { a: [{ x: 2 }] }],
    [{}, 'a[1]', 2, { a: [null, 2] }],
    [{}, String.raw`a\.b.c`, 2, { 'a.b': { c: 2 } }],
    [{}, 'a[0][1]', 5, { a: [[null, 5]] }],
    [{ tags: {} }, 'tags.my-key', 1, { tags: { 'my-key': 1 } }],
  ])('%j with %s', (root, path, value, result) => {
    setValue(root, path, value);
    expect(root).toEqual(result);
  });

  it.each<[unknown, string, RegExp]>([
    [{ a: 5 }, 'a.b', /holds no keys/],
    [
      { a: 'azureml:e:1' },
      'a.image',
      /Cannot use '--set' on properties defined by reference strings: --set a\.image/,
    ],
    [{ a: [1] }, 'a.b', /reached into by \[0\]/],
    [{ a: [1] }, 'a.0', /reached into by \[0\]/],
    [{ a: [1] }, 'a[100000000]', /grows by at most 1000/],
  ])('refuse %j with %s', (root, path, message) => {
    expect(() => {
      setValue(root, path, 1);
    }).toThrow(message);
    expect(() => {
      setValue(root, path, 1);
    }).toThrow(OverrideError);
  });

  it('put what they are given where they say, and change no prototype', () => {
    const key = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), fc.jsonValue(), (keys, value) => {
        const root: unknown = {};
        setValue(root, keys.join('.'), value);
        const found = keys.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], root);
        expect(found).toEqual(value);
      }),
    );
    setValue({}, '__proto__.polluted', true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

it('tells placeholders from what Azure itself fills in, and from a shell', () => {
  const value = {
    path: 'azureml://datastores/x/paths/${{name}}',
    command: 'sort <in >out',
    description: 'about <b>',
    name: '<NAME>',
    list: ['{{ id }}'],
  };
  expect(placeholdersIn(value).map(({ path }) => path)).toEqual([['name'], ['list', 0]]);
});
