/* global AbortSignal */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './processes.mjs';

/** Where the SDK gets the CLI from. */
const SOURCE = 'https://temporal.download/cli/default';
const ANSWER_WITHIN_MS = 15_000;
const STALLED_MS = 60_000;
const LOOK_EVERY_MS = 1000;

/**
 * Whether the download can be had at all, asked before the SDK is installed, so that a build from source can begin at
 * once where it cannot.
 * @returns {Promise<string | undefined>} the reason, when it is certain that there is none
 */
export async function whyNoDownload() {
  if (process.env['MLOPS_TEMPORAL_DOWNLOAD'] === 'never')
    return 'The download of the Temporal server is switched off (MLOPS_TEMPORAL_DOWNLOAD=never).';
  // The SDK's downloader honours a proxy, Node's fetch does not.
  if (process.env['HTTPS_PROXY'] || process.env['https_proxy'] || process.env['ALL_PROXY']) return undefined;
  try {
    await fetch(SOURCE, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return undefined;
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return `The Temporal server cannot be downloaded from ${new URL(SOURCE).host} (${reason}).`;
  }
}

/**
 * Has the Temporal SDK download the CLI, as its test environment does, and moves it to `target`. Gives up when nothing
 * has arrived for a minute.
 * @param {string} root
 * @param {string} target
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<string | undefined>} undefined on success, else why it did not work
 */
export async function downloadTemporal(root, target, report) {
  const folder = join(dirname(target), `download-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    /** @type {string[]} */
    const output = [];
    const script = join(root, 'tools', 'prepare', 'sdk-download.mjs');
    const child = start(process.execPath, [script, folder], { onLine: (line) => output.push(line) });
    const stalled = await watch(folder, child, report);
    if (stalled) return `The download of the Temporal server stalled for ${STALLED_MS / 1000} s.`;
    const file = readdirSync(folder).find((name) => !name.endsWith('.downloading'));
    if ((await child.exited) !== 0 || file === undefined)
      return `The Temporal server could not be downloaded (${reasonIn(output)}).`;
    chmodSync(join(folder, file), 0o755);
    renameSync(join(folder, file), target);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {import('./processes.mjs').Running} child
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<boolean>} whether it was given up
 */
async function watch(folder, child, report) {
  let ended = false;
  void child.exited.then(() => (ended = true));
  let size = 0;
  for (let last = Date.now(); !ended; await Promise.race([child.exited, sleep(LOOK_EVERY_MS)])) {
    const now = sizeOf(folder);
    if (now > size) last = Date.now();
    size = now;
    if (size > 0) report.step(`downloading the Temporal server: ${Math.round(size / 1e6)} MB`);
    if (Date.now() - last > STALLED_MS) {
      await child.stop(0);
      return true;
    }
  }
  return false;
}

/** @param {string} folder */
function sizeOf(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** @param {readonly string[]} output */
function reasonIn(output) {
  return output.findLast((line) => line.trim() !== '')?.trim() ?? 'no reason given';
}
