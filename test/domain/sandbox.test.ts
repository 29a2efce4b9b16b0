import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createContext, runInContext } from 'node:vm';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const modules = [
  'ancestry',
  'approval-rules',
  'canonical',
  'gate',
  'policy-check',
  'retraining',
  'rollout',
  'rules-in-force',
  'text',
];

test('decisions need nothing of Node: they run in a bare context, as in a workflow’s sandbox', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mlops-domain-'));
  try {
    const entry = join(folder, 'entry.ts');
    const lines = modules.map(
      (name) => `export * from ${JSON.stringify(resolve('src/domain', `${name}.ts`))};`,
    );
    await writeFile(entry, lines.join('\n'));
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      format: 'iife',
      globalName: 'domain',
      write: false,
      logLevel: 'silent',
    });
    const context = createContext({});
    runInContext(outputFiles[0]?.text ?? '', context);
    expect(runInContext('domain.canonicalJson({ b: 1, a: [true, null] })', context)).toBe(
      '{"a":[true,null],"b":1}',
    );
    expect(runInContext('domain.judge(undefined, []).summary', context)).toBe('no candidate was trained');
    expect(runInContext('domain.nearest("metrik", ["metric"])', context)).toBe('metric');
  } finally {
    await rm(folder, { recursive: true });
  }
});
