import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateFile, validateFile } from '../../src/azureml/index.js';
import { timestampIn } from '../../src/azureml/yaml/timestamps.js';

async function repository(text: string): Promise<{ root: string; dir: string }> {
  const root = await mkdtemp(join(tmpdir(), 'timestamps-'));
  await writeFile(join(root, 'file.yml'), text);
  return { root, dir: root };
}

const job = 'command: echo\nenvironment: azureml:e:1\n';

// What azure-ai-ml 1.35.2 refuses in the same files.
describe('a date without quotes is no text', () => {
  it.each([
    [`${job}display_name: 2026-01-02\n`, 'display_name'],
    [`${job}tags: { since: 2026-01-02 }\n`, 'tags.since'],
    [`${job}inputs: { since: 2026-01-02T03:04:05Z }\n`, 'inputs.since'],
    ['name: m\ntype: custom_model\npath: .\nversion: 2026-01-02\n', 'version'],
    ['name: c11\ntype: amlcompute\ntags: { since: 2026-01-02 }\n', 'tags.since'],
  ])('%j', async (text, path) => {
    const found = await validateFile(await repository(text), { file: 'file.yml', set: {} });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([
      expect.objectContaining({
        path,
        found: expect.stringMatching(/^2026-01-02/) as unknown,
        fix: expect.stringMatching(/put it in quotes: '2026-01-02/) as unknown,
      }),
    ]);
  });
});

// What azure-ai-ml 1.35.2 sends for the same files.
describe('goes along where anything may stand', () => {
  const sent = async (text: string) => {
    const { steps } = await translateFile(await repository(text), { file: 'file.yml', set: {} });
    const last = steps.at(-1);
    return JSON.stringify(last?.kind === 'request' ? last.request.body : undefined);
  };

  it('in variables, in ISO 8601', async () => {
    expect(await sent(`${job}environment_variables: { SINCE: 2026-1-2 3:04:05 }\n`)).toContain(
      '"SINCE":"2026-01-02T03:04:05Z"',
    );
  });

  it('in tags of a model, as Python prints it', async () => {
    const model = 'name: m\ntype: custom_model\npath: .\ntags: { since: 2026-01-02T03:04:05Z }\n';
    expect(await sent(model)).toContain('"since":"2026-01-02 03:04:05+00:00"');
  });
});

it.each([
  ['2026-01-02', '2026-01-02'],
  ['2026-01-02 03:04:05.5 +2', '2026-01-02 03:04:05.500000+02:00'],
  ['2026-1-2t3:04:05-03:30', '2026-01-02 03:04:05-03:30'],
])('reads %s as PyYAML does', (written, printed) => {
  expect(timestampIn(written)?.printed).toBe(printed);
});

it.each(['2026-1-2', '2026-01', '2026-01-02T03:04', '12:30:45', '2026-01-02x'])('%s is a text', (written) => {
  expect(timestampIn(written)).toBeUndefined();
});
