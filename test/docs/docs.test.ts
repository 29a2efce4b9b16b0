import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { formatMistake } from '../../src/domain/mistake.js';
import { parseProject } from '../../src/spec/index.js';
import { jsonSchema } from '../../src/spec/schema-keys.js';
import { projectFile } from '../../src/spec/schema.js';
import { anchors, blocks, commandLines, inlineCode, links, page, pages, root } from './markdown.js';

const readme = page('README.md');

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function manifest(file: string): Manifest {
  return JSON.parse(read(file)) as Manifest;
}

function tracked(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => read(join(folder, name)));
}

describe.each(pages)('$file', (one) => {
  test('links lead to files and headings that exist', () => {
    const broken = links(one).filter(({ target, anchor }) => {
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(page(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('npm scripts that it names exist', () => {
    const known = Object.keys(manifest('package.json').scripts ?? {});
    const named = [...one.text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script);
    expect(named.filter((script) => !known.includes(script ?? ''))).toEqual([]);
  });

  test('commands and options of `mlops` that it names exist', () => {
    expect(commandLines(one).flatMap(wrongUse)).toEqual([]);
  });
});

/** Made by the build, or by whoever sets up a service; not in the checkout. */
const madeLater = /^(lib|\.local)\/|^deploy\/(worker\.env|config\/policy\.yml)$/;

test.each(pages.filter(({ file }) => !file.startsWith('examples/') && !file.startsWith('emulator/')))(
  'paths between backticks in $file exist',
  (one) => {
    const top = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const paths = inlineCode(one).filter(
      (code) => /^[\w.-]+(\/[\w.-]*)+$/.test(code) && top.includes(code.split('/')[0] ?? ''),
    );
    expect(paths.filter((path) => !madeLater.test(path) && !existsSync(join(root, path)))).toEqual([]);
  },
);

const program = createProgram(
  { out: process.stdout, err: process.stderr, env: {}, cwd: root, tty: false },
  () => Promise.resolve(),
);

/** What a line such as `npx mlops rollback ENDPOINT --print-az` names that does not exist. */
function wrongUse(line: string): string[] {
  const [, name, rest = ''] = /(?:^|[ (])mlops ([a-z]+)((?: [^|&;]*)?)/.exec(line) ?? [];
  if (name === undefined) return [];
  const command = program.commands.find((known) => known.name() === name);
  if (command === undefined) return [`mlops ${name}`];
  const flags = [...rest.matchAll(/(?:^| )(--[a-z-]+)/g)].map(([, flag]) => flag ?? '');
  const known = new Set(['--help', ...command.options.map(({ long }) => long)]);
  return flags.filter((flag) => !known.has(flag)).map((flag) => `mlops ${name} ${flag}`);
}

describe('README', () => {
  test('its first screen has at most 45 lines', () => {
    expect(readme.text.split('\n').findIndex((line) => line.startsWith('## '))).toBeLessThanOrEqual(45);
  });

  test('its workflow is the one that the Action documents, in eight lines', () => {
    const [, workflow = ''] = blocks(readme, 'yaml');
    expect(blocks(page('docs/action.md'), 'yaml')[0]).toBe(workflow);
    expect(workflow.trimEnd().split('\n')).toHaveLength(8);
  });

  test('its table has every setting of the worker, and no other', () => {
    const settings = [...read('src/settings.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
    const rows = [...readme.text.matchAll(/^\| `((?:MLOPS|GITHUB)_[A-Z_]+)`/gm)].map(([, name]) => name);
    expect(settings.length).toBeGreaterThan(10);
    expect(rows.sort()).toEqual(settings.sort());
  });
});

describe('docs/mlops-yaml.md', () => {
  const manual = page('docs/mlops-yaml.md');

  test.each([...blocks(readme, 'yaml').slice(0, 1), ...blocks(manual, 'yaml')])(
    'example %# is valid',
    (text) => {
      const result = parseProject(text, { file: 'models/diabetes/mlops.yaml', defaultName: 'diabetes' });
      expect(result.ok ? [] : result.mistakes.map(formatMistake)).toEqual([]);
    },
  );

  test('names every key of the schema', () => {
    const named = new Set(inlineCode(manual).flatMap((code) => code.split('.')));
    const inText = (key: string): boolean => named.has(key) || new RegExp(`\\b${key}:`).test(manual.text);
    expect(keysOf(jsonSchema(projectFile)).filter((key) => !inText(key))).toEqual([]);
  });
});

/** Every name of a property anywhere in a JSON schema. */
function keysOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own =
    'properties' in node && typeof node.properties === 'object' ? Object.keys(node.properties ?? {}) : [];
  return [...own, ...Object.values(node).flatMap(keysOf)];
}

test('docs/troubleshooting.md explains every failure tag', () => {
  const sources = [...tracked('src/activities', '.ts'), ...tracked('src/workflows', '.ts')].join('\n');
  const shapes = [
    /(?:decided|failure)\(\s*'([A-Z]\w+)'/g,
    /\btype: '([A-Z]\w+)'/g,
    /^ +\['([A-Z]\w+)', \[/gm,
    /nonRetryable\([^;]*?'([A-Z]\w+)',?\s*\)/g,
    /^ +\| '([A-Z]\w+)'/gm,
  ];
  const tags = new Set(shapes.flatMap((shape) => [...sources.matchAll(shape)].map(([, tag]) => tag ?? '')));
  const explained = inlineCode(page('docs/troubleshooting.md'));
  expect([...tags]).toContain('EndpointGone');
  expect([...tags].filter((tag) => !explained.includes(tag))).toEqual([]);
});

test.each(['package.json', 'emulator/package.json'])('docs/dependencies.md names what %s needs', (file) => {
  const { dependencies = {}, devDependencies = {} } = manifest(file);
  const named = inlineCode(page('docs/dependencies.md'));
  const all = Object.keys({ ...dependencies, ...devDependencies });
  expect(all.filter((name) => !named.includes(name))).toEqual([]);
});

test('docs/dependencies.md gives the versions that are installed', () => {
  const versions = ['package.json', 'emulator/package.json'].map(manifest);
  const rows = [...page('docs/dependencies.md').text.matchAll(/^\| `([^`]+)` +\| (\d[\w.-]*)/gm)];
  const wrong = rows.filter(
    ([, name = '', version]) =>
      !versions.some((one) => (one.dependencies?.[name] ?? one.devDependencies?.[name]) === version),
  );
  expect(rows.length).toBeGreaterThan(5);
  expect(wrong.map(([row]) => row)).toEqual([]);
});
