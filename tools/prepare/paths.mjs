import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Folder that outlives checkouts: `$XDG_CACHE_HOME`, `%LOCALAPPDATA%` or `~/.cache`, then `temporal-mlops`.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function cacheFolder(env = process.env) {
  const base = env['XDG_CACHE_HOME'] || (process.platform === 'win32' && env['LOCALAPPDATA']);
  return join(base || join(homedir(), '.cache'), 'temporal-mlops');
}

/** @param {string} name */
export const executable = (name) => (process.platform === 'win32' ? `${name}.exe` : name);
