import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, executable } from './paths.mjs';
import { runOrThrow } from './processes.mjs';

/** Versions of npm's package `node` that stand for the runtimes of a JavaScript action (`using: node20`, `node24`). */
const RUNTIMES = /** @type {const} */ ({ node20: '20.19.5', node24: '24.9.0' });

/**
 * Interpreters of the runtimes that GitHub's runners have: this process's own where its major version fits, others
 * from npm, kept in the cache. One that cannot be had is left out, and said.
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<Record<string, string>>} runtime → path
 */
export async function ensureNodes(report) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [runtime, version] of Object.entries(RUNTIMES)) {
    try {
      found[runtime] = isOwn(version) ? process.execPath : await ensureNode(runtime, version, report);
    } catch (error) {
      report.note(`${runtime} is not measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return found;
}

/** @param {string} version */
const isOwn = (version) => process.versions.node.split('.')[0] === version.split('.')[0];

/**
 * @param {string} runtime
 * @param {string} version
 * @param {import('./status.mjs').Report} report
 */
async function ensureNode(runtime, version, report) {
  const folder = join(cacheFolder(), `node-${version}`);
  const binary = join(folder, 'node_modules', 'node', 'bin', executable('node'));
  if (!existsSync(binary))
    await withLock(runtime, async () => {
      if (existsSync(binary)) return;
      report.step(`installing Node.js ${version}`);
      const unfinished = `${folder}.${process.pid}`;
      mkdirSync(unfinished, { recursive: true });
      try {
        const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
        const quiet = ['--no-audit', '--no-fund', '--no-save', '--loglevel', 'error'];
        await runOrThrow(npm, ['install', ...quiet, '--prefix', unfinished, `node@${version}`]);
        rmSync(folder, { recursive: true, force: true });
        renameSync(unfinished, folder);
      } finally {
        rmSync(unfinished, { recursive: true, force: true });
      }
    });
  if (existsSync(binary)) return binary;
  throw new Error(`npm's package node@${version} has no interpreter for this machine`);
}
