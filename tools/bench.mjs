import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { ensureAzureAiMl } from './prepare/azure-ai-ml.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { root } from './prepare/paths.mjs';
import { start } from './prepare/processes.mjs';
import { UV_VARIABLE } from './prepare/python.mjs';

const FIGURES = ['worker-start', 'action-start', 'drift', 'translate', 'emulator-load'];

/**
 * Prints one figure after the other; each measures its sides in one run. Arguments choose figures by name; options
 * (`drift --rows 1000000`) go to the figures.
 */
await runAsCommand(async () => {
  const first = process.argv.findIndex((argument, i) => i >= 2 && argument.startsWith('--'));
  const wanted = process.argv.slice(2, first < 0 ? undefined : first);
  const options = first < 0 ? [] : process.argv.slice(first);
  const unknown = wanted.filter((name) => !FIGURES.includes(name));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Figures: ${FIGURES.join(', ')}.`);
    process.exit(2);
  }
  const figures = wanted.length > 0 ? wanted : FIGURES;
  /** @type {import('./prepare.mjs').Part[]} */
  const need = ['dependencies', 'build'];
  if (figures.some((name) => name.endsWith('-start'))) need.push('temporal');
  if (figures.some((name) => !name.endsWith('-start'))) need.push('python');
  await prepare({ need });
  if (figures.includes('translate')) {
    process.env['MLOPS_BENCH_PYTHON'] = await ensureAzureAiMl(process.env[UV_VARIABLE]);
  }
  for (const figure of figures) {
    const script = join(root, 'lib', 'bench', `${figure}.js`);
    const code = await start(process.execPath, [script, ...options], { cwd: root, inherit: true }).exited;
    if (code !== 0) process.exitCode = 1;
  }
});
