import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { root } from './prepare/paths.mjs';
import { stopAll } from './prepare/processes.mjs';
import { summarize } from './test/counts.mjs';
import { pythonTests } from './test/python-tests.mjs';
import { checkStep, vitestStep, workStep } from './test/steps.mjs';

/** @param {string} path of a program inside node_modules */
const tool = (path) => join(root, 'node_modules', path);

/**
 * Everything that must hold, the quick things first; a failure stops none of the others. The Temporal server, which may
 * have to be built, is made beside the steps that do not need it.
 * @returns {Promise<import('./test/steps.mjs').Outcome[]>}
 */
async function runAll() {
  await prepare({ need: ['dependencies'] });
  const servers = prepare({ need: ['temporal', 'secured', 'python', 'clients'], plain: true });
  servers.catch(() => undefined);
  const node = process.execPath;
  const tsc = tool('typescript/bin/tsc');
  const outcomes = [
    await workStep('build', () => prepare({ need: ['build'], plain: true })),
    ...(await Promise.all([
      checkStep(root, 'format', node, [
        tool('prettier/bin/prettier.cjs'),
        '--check',
        '--log-level=warn',
        '.',
      ]),
      checkStep(root, 'lint', node, [tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']),
    ])),
    await checkStep(root, 'types of sources', node, [tsc, '-b']),
    await checkStep(root, 'types of tests', node, [tsc, '-p', 'test', '--noEmit']),
    await checkStep(root, 'types of tools', node, [tsc, '-p', 'tools']),
    await vitestStep(root, 'unit and integration', ['--project=unit', '--project=integration']),
    await workStep('Temporal server and Python', () => servers),
    await workStep('Python environments', () => prepare({ need: ['python', 'prewarm'], plain: true })),
    ...(await pythonTests(root)),
  ];
  // Whole lifecycles wait for each other's processes: a third of the time two at once leave the processors idle.
  const options = { workflows: [], e2e: ['--maxWorkers=3'] };
  for (const [project, more] of Object.entries(options)) {
    if (hasTests(project)) outcomes.push(await vitestStep(root, project, [`--project=${project}`, ...more]));
  }
  return outcomes;
}

/** @param {string} folder */
const hasTests = (folder) =>
  existsSync(join(root, 'test', folder)) && readdirSync(join(root, 'test', folder)).length > 0;

/** What Microsoft's and MLflow's own clients do with the emulator; needs no Temporal server. */
async function runClients() {
  await prepare({ need: ['dependencies', 'python', 'clients'] });
  return [
    await workStep('build', () => prepare({ need: ['build'] })),
    await vitestStep(root, 'clients', ['emulator/test/clients']),
  ];
}

/** @param {readonly string[]} filters as vitest takes them: parts of file names, or options */
async function runSome(filters) {
  const verified = filters.some((filter) => filter.includes('principals'));
  await prepare({ need: ['dependencies', 'temporal', 'python'] });
  if (verified) await prepare({ need: ['secured'] });
  return [
    await workStep('build', () => prepare({ need: ['build'] })),
    await vitestStep(root, 'selected tests', filters),
  ];
}

const filters = process.argv.slice(2);
const outcomes = await runAsCommand(() => {
  if (filters[0] === '--clients') return runClients();
  return filters.length > 0 ? runSome(filters) : runAll();
});
await stopAll();
console.log(summarize(outcomes));
process.exitCode = outcomes.some((outcome) => outcome.failed > 0) ? 1 : 0;
