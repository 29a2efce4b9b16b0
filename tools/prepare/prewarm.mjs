import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';
import { run, runOrThrow } from './processes.mjs';
import { hashFiles, isStamped, writeStamp } from './stamps.mjs';

/** Environment files of the example: the first job and the first deployment find their environments made. */
const FILES = ['examples/diabetes/azureml/conda.yml', 'examples/diabetes/azureml/scoring-conda.yml'];

/**
 * Has the emulator make the Python environments of the example in its own cache.
 * @param {string} root
 * @param {Record<string, string>} env
 * @param {import('./status.mjs').Report} report
 */
export async function prewarmEnvironments(root, env, report) {
  const files = FILES.filter((file) => existsSync(join(root, file)));
  const cli = join(root, 'emulator', 'bin', 'azureml-emulator.js');
  if (files.length === 0 || !existsSync(cli)) return;
  const stamp = join(cacheFolder(), 'prewarmed');
  const value = hashFiles(root, files, [
    env['AZUREML_EMULATOR_CACHE'] ?? '',
    process.env['AZUREML_EMULATOR_CACHE'] ?? '',
  ]);
  if (isStamped(stamp, value)) return;
  const { output } = await run(process.execPath, [cli, '--help']);
  if (!output.includes('warm-environment')) return;
  report.step('making the Python environments of the example');
  await runOrThrow(process.execPath, [cli, 'warm-environment', ...files], {
    cwd: root,
    env: { ...process.env, ...env },
    onLine: (line) => report.step(`making the Python environments of the example: ${line.slice(0, 80)}`),
  });
  writeStamp(stamp, value);
}
