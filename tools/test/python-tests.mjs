import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from '../prepare/prerequisites.mjs';
import { checkStep } from './steps.mjs';

/**
 * The Python unit tests that examples bring in `tests/`, each run as its author would: in an environment of its
 * `requirements-dev.txt`, from the example's folder.
 * @param {string} root
 * @returns {Promise<import('./steps.mjs').Outcome[]>}
 */
export async function pythonTests(root) {
  const examples = join(root, 'examples');
  const names = existsSync(examples) ? readdirSync(examples) : [];
  const outcomes = [];
  for (const name of names) {
    const folder = join(examples, name);
    const requirements = join(folder, 'requirements-dev.txt');
    if (!existsSync(join(folder, 'tests')) || !existsSync(requirements)) continue;
    const unittest = ['python', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'];
    const args = ['run', '--no-project', '--quiet', '--with-requirements', requirements, ...unittest];
    outcomes.push(await checkStep(folder, `Python tests of ${name}`, await findUv(), args));
  }
  return outcomes;
}

/** @returns {Promise<string>} the uv that `prepare` found or installed; plain `uv` fails with a message that names it */
async function findUv() {
  const given = process.env['AZUREML_EMULATOR_UV'];
  return given && (await versionOf(given, ['--version'])) !== undefined ? given : 'uv';
}
