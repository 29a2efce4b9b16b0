import { run } from './processes.mjs';

export const LEAST_NODE = [20, 19];
export const LEAST_PYTHON = [3, 10];
export const LEAST_GO = [1, 26];

/** Machine facts that the checks judge. `undefined` means that the program is not there. */
/** @typedef {{ node: string, npm: boolean, python: string | undefined, venv: boolean, uv: boolean }} Machine */

/**
 * @param {string | undefined} found a version such as "3.11.7" or "go1.26.8"
 * @param {readonly number[]} least
 */
export function atLeast(found, least) {
  const parts = (found ?? '').match(/\d+/g)?.map(Number) ?? [];
  for (let i = 0; i < least.length; i += 1) {
    const difference = (parts[i] ?? 0) - (least[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return parts.length > 0;
}

/**
 * One line for each missing prerequisite: what it is, what was found, how to get it.
 * @param {Machine} machine
 * @param {{ python: boolean }} needs
 * @returns {string[]} empty when nothing is missing
 */
export function missingPrerequisites(machine, needs) {
  const missing = [];
  if (!atLeast(machine.node, LEAST_NODE)) {
    missing.push(
      `Node.js ${LEAST_NODE.join('.')} or newer is needed, found ${machine.node}: get it from https://nodejs.org/en/download.`,
    );
  }
  if (!machine.npm) missing.push('npm is needed and comes with Node.js: https://nodejs.org/en/download.');
  if (!needs.python) return missing;
  if (!atLeast(machine.python, LEAST_PYTHON)) {
    missing.push(
      `Python ${LEAST_PYTHON.join('.')} or newer is needed as 'python3' on the PATH, found ${machine.python ?? 'none'}: ` +
        'get it from https://www.python.org/downloads (Debian, Ubuntu: apt install python3 python3-venv).',
    );
  } else if (!machine.venv && !machine.uv) {
    missing.push(
      "Python's venv module is needed to make environments for jobs and is missing (Debian, Ubuntu: apt install " +
        'python3-venv), or install uv: https://docs.astral.sh/uv/getting-started/installation.',
    );
  }
  return missing;
}

/**
 * What this machine has.
 * @param {{ python: boolean }} needs
 * @returns {Promise<Machine>}
 */
export async function inspectMachine(needs) {
  const [npm, python, venv, uv] = await Promise.all([
    process.env['npm_execpath'] ? '' : versionOf('npm', ['--version']),
    needs.python ? versionOf('python3', ['--version']) : undefined,
    needs.python ? versionOf('python3', ['-c', 'import venv, ensurepip']) : undefined,
    needs.python ? versionOf(process.env['AZUREML_EMULATOR_UV'] || 'uv', ['--version']) : undefined,
  ]);
  return {
    node: process.versions.node,
    npm: npm !== undefined,
    python,
    venv: venv !== undefined,
    uv: uv !== undefined,
  };
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>} its output, or undefined when it failed or is not there
 */
export async function versionOf(command, args) {
  const { code, output } = await run(command, args);
  return code === 0 ? output.trim() : undefined;
}
