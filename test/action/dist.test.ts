import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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
    expect(bytes).toBeLessThanOrEqual(1.5e6);
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

interface Workflow {
  readonly on: unknown;
  readonly permissions: Record<string, string>;
  readonly jobs: Record<
    string,
    { readonly steps: readonly { readonly uses: string; readonly with?: object }[] }
  >;
}

test('the workflows to copy use inputs that exist, with no permission that writes', async () => {
  const folder = join(action, '../examples/github');
  const manifest = await readFile(join(action, 'action.yml'), 'utf8');
  const { inputs } = parse(manifest) as { inputs: object };
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yml'));
  expect(files).toHaveLength(7);
  for (const file of files) {
    const { permissions, jobs } = parse(await readFile(join(folder, file), 'utf8')) as Workflow;
    expect(
      Object.values(permissions).filter((level) => level !== 'read'),
      file,
    ).toEqual([]);
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const ours = steps.filter(({ uses }) => uses === 'OWNER/temporal-mlops/action@v1');
    expect(ours.length, file).toBeGreaterThan(0);
    const used = ours.flatMap((step) => Object.keys(step.with ?? {}));
    expect(Object.keys(inputs), file).toEqual(expect.arrayContaining(used));
  }
});

test('the documentation shows the workflow to copy as it is, and names the others', async () => {
  const [page, workflow] = await Promise.all([
    readFile(join(action, '../docs/action.md'), 'utf8'),
    readFile(join(action, '../examples/github/mlops.yml'), 'utf8'),
  ]);
  const [, block] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  expect(parse(block ?? '')).toEqual(parse(workflow));
  for (const file of await readdir(join(action, '../examples/github'))) expect(page).toContain(file);
});
