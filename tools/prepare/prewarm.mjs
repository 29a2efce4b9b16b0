import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';
import { runOrThrow } from './processes.mjs';
import { hashFiles, isStamped, writeStamp } from './stamps.mjs';

/** The environment of the example's jobs, and the script that says which of its packages a deployed model needs. */
const CONDA = 'examples/diabetes/azureml/conda.yml';
const TRAIN = 'examples/diabetes/src/train.py';

/**
 * Names of the packages that the example's models are logged with.
 * @param {string} root
 */
function servingPackages(root) {
  const [, listed = ''] = /^SERVING = \[(.*)\]/m.exec(readFileSync(join(root, TRAIN), 'utf8')) ?? [];
  return [...listed.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
}

/**
 * Has the emulator make the Python environments of the example in its own cache: the first job and the first
 * deployment find theirs made.
 * @param {string} root
 * @param {Record<string, string>} env
 * @param {import('./status.mjs').Report} report
 */
export async function prewarmEnvironments(root, env, report) {
  const files = [CONDA, TRAIN].filter((file) => existsSync(join(root, file)));
  const cli = join(root, 'emulator', 'bin', 'azureml-emulator.js');
  if (files.length < 2 || !existsSync(cli)) return;
  const stamp = join(cacheFolder(), 'prewarmed');
  const value = hashFiles(root, files, [
    env['AZUREML_EMULATOR_CACHE'] ?? '',
    process.env['AZUREML_EMULATOR_CACHE'] ?? '',
  ]);
  if (isStamped(stamp, value)) return;
  report.step('making the Python environments of the example');
  const args = [cli, 'warm-environment', CONDA, '--serving', servingPackages(root).join(',')];
  await runOrThrow(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    onLine: (line) => report.step(`making the Python environments of the example: ${line.slice(0, 80)}`),
  });
  writeStamp(stamp, value);
}
