import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from '../prepare/prerequisites.mjs';
import { checkStep } from './steps.mjs';

/**
 * The Python unit tests that examples bring in `tests/`, each run from the example's folder in an environment of the
 * packages that its jobs run with.
 * @param {string} root
 * @returns {Promise<import('./steps.mjs').Outcome[]>}
 */
export async function pythonTests(root) {
  const examples = join(root, 'examples');
  const names = existsSync(examples) ? readdirSync(examples) : [];
  const outcomes = [];
  for (const name of names) {
    const folder = join(examples, name);
    const conda = join(folder, 'azureml', 'conda.yml');
    if (!existsSync(join(folder, 'tests')) || !existsSync(conda)) continue;
    const packages = (await pipPackages(conda)).flatMap((requirement) => ['--with', requirement]);
    const unittest = ['python', '-m', 'unittest', 'discover', '-s', 'tests'];
    const args = ['run', '--no-project', '--quiet', '--python', 'python3', ...packages, ...unittest];
    outcomes.push(await checkStep(folder, `Python tests of ${name}`, await findUv(), args));
  }
  return outcomes;
}

/**
 * @param {string} conda path of a conda.yml
 * @returns {Promise<string[]>} its pip requirements
 */
async function pipPackages(conda) {
  const { parse } = await import('yaml');
  /** @type {{ dependencies?: (string | { pip?: string[] })[] }} */
  const { dependencies = [] } = parse(readFileSync(conda, 'utf8'));
  return dependencies.flatMap((entry) => (typeof entry === 'string' ? [] : (entry.pip ?? [])));
}

/** @returns {Promise<string>} the uv that `prepare` found or installed; plain `uv` fails with a message that names it */
async function findUv() {
  const given = process.env['AZUREML_EMULATOR_UV'];
  return given && (await versionOf(given, ['--version'])) !== undefined ? given : 'uv';
}
