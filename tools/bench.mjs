import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { root } from './prepare/paths.mjs';
import { start } from './prepare/processes.mjs';

const FIGURES = ['worker-start', 'action-start'];

/**
 * Prints one figure after the other; each measures its two sides in turn in one run. Arguments choose figures by name.
 */
await runAsCommand(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !FIGURES.includes(name));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Figures: ${FIGURES.join(', ')}.`);
    process.exit(2);
  }
  await prepare({ need: ['dependencies', 'build', 'temporal'] });
  for (const figure of wanted.length > 0 ? wanted : FIGURES) {
    const script = join(root, 'lib', 'bench', `${figure}.js`);
    const code = await start(process.execPath, [script], { cwd: root, inherit: true }).exited;
    if (code !== 0) process.exitCode = 1;
  }
});
