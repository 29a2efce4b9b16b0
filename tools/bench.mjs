import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { ensureNodes } from './prepare/node-runtimes.mjs';
import { root } from './prepare/paths.mjs';
import { start } from './prepare/processes.mjs';
import { ensureClients } from './prepare/python-clients.mjs';

/**
 * What each figure needs besides the build.
 * @type {Record<string, readonly import('./prepare.mjs').Part[]>}
 */
const FIGURES = {
  'worker-start': ['temporal'],
  'action-start': ['temporal'],
  drift: ['python'],
  translate: ['python', 'clients'],
  upload: ['python', 'clients'],
  'emulator-load': ['python'],
};

/**
 * Prints one figure after the other; each measures its sides in one run. Arguments choose figures by name; options
 * (`drift --rows 1000000`) go to the figures.
 */
await runAsCommand(async () => {
  const first = process.argv.findIndex((argument, i) => i >= 2 && argument.startsWith('--'));
  const wanted = process.argv.slice(2, first < 0 ? undefined : first);
  const options = first < 0 ? [] : process.argv.slice(first);
  const unknown = wanted.filter((name) => !(name in FIGURES));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Figures: ${Object.keys(FIGURES).join(', ')}.`);
    process.exit(2);
  }
  const figures = wanted.length > 0 ? wanted : Object.keys(FIGURES);
  const needs = new Set(figures.flatMap((name) => FIGURES[name] ?? []));
  await prepare({ need: ['dependencies', 'build', ...needs] });
  if (needs.has('clients')) {
    // Microsoft's own client, to measure against.
    process.env['MLOPS_BENCH_PYTHON'] = await ensureClients('current', {
      step: console.log,
      note: console.log,
    });
  }
  if (figures.includes('action-start')) {
    // The runtimes that GitHub's runners have.
    const nodes = await ensureNodes({ step: console.log, note: console.log });
    process.env['MLOPS_BENCH_NODES'] = JSON.stringify(nodes);
  }
  for (const figure of figures) {
    const script = join(root, 'lib', 'bench', `${figure}.js`);
    const code = await start(process.execPath, [script, ...options], { cwd: root, inherit: true }).exited;
    if (code !== 0) process.exitCode = 1;
  }
});
