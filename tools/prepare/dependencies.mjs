import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { runOrThrow } from './processes.mjs';
import { hashFiles, isStamped, writeStamp } from './stamps.mjs';

/** @typedef {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }>} Packages */

/**
 * `npm ci` when node_modules is not what package-lock.json says.
 * @param {string} root
 * @param {import('./status.mjs').Report} report
 */
export async function installDependencies(root, report) {
  if (isInstalled(root)) return;
  const name = `npm-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;
  const install = async () => {
    if (isInstalled(root)) return;
    report.step('installing the locked packages (npm ci)');
    const npm = process.env['npm_execpath'];
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    // npm passes its own settings on by environment; a nested `npm ci` must not take them for its own.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('npm_')));
    await (npm
      ? runOrThrow(process.execPath, [npm, ...args], { cwd: root, env })
      : runOrThrow('npm', args, { cwd: root, env }));
    writeStamp(stampFile(root), stampOf(root));
  };
  await withLock(name, install, (holder) =>
    report.step(`waiting for process ${holder}, which installs them`),
  );
}

/**
 * Whether node_modules fits; one that somebody installed with npm itself is recognised too.
 * @param {string} root
 */
export function isInstalled(root) {
  const stamp = stampOf(root);
  if (isStamped(stampFile(root), stamp)) return true;
  // Native packages that npm built for another major version of Node do not load.
  if (builtForOtherNode(root) || !matchesLock(root)) return false;
  writeStamp(stampFile(root), stamp);
  return true;
}

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.mlops-stamp');

/** @param {string} root */
function stampOf(root) {
  return `node${nodeMajor()} ${hashFiles(root, ['package-lock.json', 'package.json', 'emulator/package.json'])}`;
}

const nodeMajor = () => process.versions.node.split('.')[0] ?? '';

/** @param {string} root */
const builtForOtherNode = (root) =>
  existsSync(stampFile(root)) && !readFileSync(stampFile(root), 'utf8').startsWith(`node${nodeMajor()} `);

/** @param {string} root */
function matchesLock(root) {
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = readPackages(hidden);
  return Object.entries(readPackages(join(root, 'package-lock.json'))).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.optional ||
      entry.devOptional ||
      installed[path]?.version === entry.version,
  );
}

/**
 * @param {string} file
 * @returns {Packages}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}
