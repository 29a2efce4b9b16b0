import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildAction } from '../../action/build.mjs';

const action = join(import.meta.dirname, '../../action');

test('the committed bundle is what its sources give, byte by byte, and small', async () => {
  const outdir = await mkdtemp(join(tmpdir(), 'mlops-dist-'));
  try {
    const { bytes } = await buildAction({ outdir });
    const [committed, rebuilt] = await Promise.all(
      [join(action, 'dist'), outdir].map((folder) => readFile(join(folder, 'index.js'))),
    );
    expect(
      rebuilt?.equals(committed ?? Buffer.alloc(0)),
      'run `node action/build.mjs` and commit action/dist',
    ).toBe(true);
    expect(bytes).toBeLessThan(2.2e6);
  } finally {
    await rm(outdir, { recursive: true });
  }
});

test('action.yml declares every input that the code reads, and no other', async () => {
  const [manifest, code] = await Promise.all([
    readFile(join(action, 'action.yml'), 'utf8'),
    readFile(join(action, 'src/inputs.ts'), 'utf8'),
  ]);
  const { inputs, runs } = parse(manifest) as {
    inputs: Record<string, unknown>;
    runs: { using: string; main: string };
  };
  const read = new Set(
    [
      ...code.matchAll(
        /(?:getInput|getMultilineInput|oneOf)\(\s*'([a-z-]+)'|optional\('\w+', '([a-z-]+)'\)/g,
      ),
    ].map(([, one, other]) => one ?? other),
  );
  expect(Object.keys(inputs).sort()).toEqual([...read].sort());
  expect(runs).toEqual({ using: 'node24', main: 'dist/index.js' });
});

test('the workflows in the documentation use inputs that exist', async () => {
  const [manifest, page] = await Promise.all(
    [join(action, 'action.yml'), join(action, '../docs/action.md')].map((file) => readFile(file, 'utf8')),
  );
  const { inputs } = parse(manifest ?? '') as { inputs: object };
  const blocks = [...(page ?? '').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
  expect(blocks).toHaveLength(3);
  expect(blocks[0]?.trim().split('\n')).toHaveLength(8);
  const used = blocks.flatMap((text) => findInputs(parse(text)));
  expect(used.length).toBeGreaterThan(5);
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(used));
});

/** Names below every `with:`. */
function findInputs(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    key === 'with' ? Object.keys(value as object) : findInputs(value),
  );
}
