import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder } from './paths.mjs';
import { runOrThrow } from './processes.mjs';
import { versionOf } from './prerequisites.mjs';

export const UV_VERSION = '0.13.9';
export const UV_VARIABLE = 'AZUREML_EMULATOR_UV';

/**
 * `uv`, with which the emulator makes Python environments several times faster than with pip: the user's, else a copy
 * in the cache folder. Not having it is no error.
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<Record<string, string>>} variables for the emulator
 */
export async function ensurePython(report) {
  const given = process.env[UV_VARIABLE];
  if (given) return { [UV_VARIABLE]: given };
  if ((await versionOf('uv', ['--version'])) !== undefined) return {};
  const folder = join(cacheFolder(), `uv-${UV_VERSION}`);
  const uv = process.platform === 'win32' ? join(folder, 'Scripts', 'uv.exe') : join(folder, 'bin', 'uv');
  try {
    if (!existsSync(uv)) await withLock('uv', () => installUv(folder, uv, report));
    return { [UV_VARIABLE]: uv };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.note(`uv could not be installed, so the slower pip makes the environments. ${reason}`);
    return {};
  }
}

/**
 * The program needs nothing of its virtual environment, so the finished folder can be renamed into place.
 * @param {string} folder
 * @param {string} uv
 * @param {import('./status.mjs').Report} report
 */
async function installUv(folder, uv, report) {
  if (existsSync(uv)) return;
  report.step(`installing uv ${UV_VERSION}`);
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    await runOrThrow('python3', ['-m', 'venv', unfinished]);
    const python = uv.replace(folder, unfinished).replace(/uv(\.exe)?$/, 'python$1');
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await runOrThrow(python, ['-m', 'pip', 'install', ...options, `uv==${UV_VERSION}`]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
