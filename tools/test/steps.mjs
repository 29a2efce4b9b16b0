import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../prepare/processes.mjs';
import { elapsed } from '../prepare/status.mjs';
import { countVitest } from './counts.mjs';

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, ms: number }} Outcome */

/**
 * Runs one check with its output shown as it comes; it counts as one test.
 * @param {string} root
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
export async function checkStep(root, name, command, args) {
  const began = Date.now();
  console.log(`\n▶ ${name}`);
  const code = await start(command, args, { cwd: root, inherit: true }).exited;
  return closeStep({ name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }, began);
}

/**
 * Runs a piece of work of this process as a step that counts as one test.
 * @param {string} name
 * @param {() => Promise<unknown>} work
 * @returns {Promise<Outcome>}
 */
export async function workStep(name, work) {
  const began = Date.now();
  try {
    await work();
    return closeStep({ name, passed: 1, failed: 0, skipped: 0 }, began);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return closeStep({ name, passed: 0, failed: 1, skipped: 0 }, began);
  }
}

/**
 * Runs vitest; each of its tests counts.
 * @param {string} root
 * @param {string} name also names the file in test-artifacts/ that holds its JSON report
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
export async function vitestStep(root, name, args) {
  const began = Date.now();
  console.log(`\n▶ ${name}`);
  const artifacts = join(root, 'test-artifacts');
  const report = join(artifacts, `vitest-${name.replaceAll(/\W+/g, '-')}.json`);
  mkdirSync(artifacts, { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const running = start(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    inherit: true,
  });
  const code = await running.exited;
  const json = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  return closeStep({ name, ...countVitest(json, code) }, began);
}

/**
 * @param {Omit<Outcome, 'ms'>} outcome
 * @param {number} began
 * @returns {Outcome}
 */
function closeStep(outcome, began) {
  const ms = Date.now() - began;
  console.log(`${outcome.failed > 0 ? '✗' : '✓'} ${outcome.name} (${elapsed(ms)})`);
  return { ...outcome, ms };
}
