import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { cacheFolder, root } from './paths.mjs';
import { runOrThrow } from './processes.mjs';
import { UV_VARIABLE, ensurePython } from './python.mjs';
import { hashFiles } from './stamps.mjs';

/** Microsoft's and MLflow's clients that the emulator is tested with: each a lock file in `LOCKS`. */
export const CLIENTS = /** @type {const} */ (['current', 'oldest']);
const LOCKS = 'emulator/test/clients';

/**
 * The Python of a virtual environment with exactly the packages of a lock file, made once for each content of it.
 * @param {typeof CLIENTS[number]} name
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<string>} path of the interpreter
 */
export async function ensureClients(name, report) {
  const lock = join(LOCKS, `${name}.lock.txt`);
  const folder = join(cacheFolder(), `clients-${name}-${hashFiles(root, [lock]).slice(0, 12)}`);
  const python = pythonOf(folder);
  if (!existsSync(python))
    await withLock(`clients-${name}`, async () => {
      if (!existsSync(python)) await install(folder, join(root, lock), name, report);
    });
  return python;
}

/** @param {string} folder */
const pythonOf = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/**
 * Nothing but the interpreter is used of it, so the finished folder can be renamed into place.
 * @param {string} folder
 * @param {string} lock
 * @param {string} name
 * @param {import('./status.mjs').Report} report
 */
async function install(folder, lock, name, report) {
  report.step(`installing the Python clients (${name})`);
  const { [UV_VARIABLE]: found } = await ensurePython(report);
  const uv = found ?? process.env[UV_VARIABLE] ?? 'uv';
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    await runOrThrow(uv, ['venv', '--quiet', '--python', 'python3', unfinished]);
    await runOrThrow(uv, [
      'pip',
      'install',
      '--quiet',
      '--compile-bytecode',
      '--python',
      pythonOf(unfinished),
      '-r',
      lock,
    ]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = CLIENTS.find((known) => known === process.argv[2]);
  if (name === undefined) throw new Error(`Which clients? ${CLIENTS.join(' or ')}.`);
  const quiet = { step: () => undefined, note: () => undefined };
  console.log(await ensureClients(name, /** @type {import('./status.mjs').Report} */ (quiet)));
}
