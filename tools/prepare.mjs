import { build } from './build/sources.mjs';
import { installDependencies } from './prepare/dependencies.mjs';
import { root } from './prepare/paths.mjs';
import { inspectMachine, missingPrerequisites } from './prepare/prerequisites.mjs';
import { prewarmEnvironments } from './prepare/prewarm.mjs';
import { CLIENTS, ensureClients } from './prepare/python-clients.mjs';
import { ensurePython } from './prepare/python.mjs';
import { createBoard } from './prepare/status.mjs';
import { ensureSecured, ensureTemporal } from './prepare/temporal.mjs';

/** @typedef {'dependencies' | 'build' | 'temporal' | 'secured' | 'python' | 'prewarm' | 'clients'} Part */

/** What stops a preparation, ready to be shown: one paragraph for each part that failed. */
export class PreparationError extends Error {
  /** @param {readonly string[]} problems */
  constructor(problems) {
    super(problems.join('\n'));
    this.name = 'PreparationError';
  }
}

/**
 * Makes what a command needs, independent parts side by side. Imports nothing that has to be installed.
 * @param {{ need: readonly Part[], plain?: boolean }} options `plain` prints lines even on a terminal, for use beside others
 * @returns {Promise<Record<string, string>>} variables for the processes started next; they are in process.env already
 * @throws {PreparationError} with the problems of all parts
 */
export async function prepare({ need, plain = false }) {
  const wants = new Set(need);
  await checkPrerequisites(wants);
  const board = createBoard(plain ? { write: (text) => process.stdout.write(text) } : process.stdout);
  /** @type {Record<string, string>} */
  const env = {};
  /** @type {string[]} */
  const problems = [];
  const part = (/** @type {Part} */ name, /** @type {Parameters<typeof board.part<void>>[1]} */ work) =>
    wants.has(name) ? board.part(name, work) : Promise.resolve();

  const dependencies = part('dependencies', (report) => installDependencies(root, report));
  const python = part('python', async (report) => void Object.assign(env, await ensurePython(report)));
  const built = dependencies.then(() =>
    part('build', async (report) => {
      await build(root, report);
    }),
  );
  const temporal = part(
    'temporal',
    async (report) => void Object.assign(env, await ensureTemporal(root, dependencies, report)),
  );
  // After the other server: it has compiled most of what this one is made of.
  const secured = temporal.then(() =>
    part('secured', async (report) => void Object.assign(env, await ensureSecured(root, report))),
  );
  const warm = Promise.all([built, python]).then(() =>
    part('prewarm', (report) => prewarmEnvironments(root, env, report)),
  );
  const clients = python.then(() =>
    part('clients', async (report) => {
      for (const name of CLIENTS) await ensureClients(name, report);
    }),
  );
  const parts = [dependencies, python, built, temporal, secured, warm, clients];
  for (const result of await Promise.allSettled(parts)) {
    if (result.status === 'rejected') problems.push(messageOf(result.reason));
  }
  board.close();
  // Parts that wait for one that failed fail with its message.
  if (problems.length > 0) throw new PreparationError([...new Set(problems)]);
  Object.assign(process.env, env);
  return env;
}

/** @param {ReadonlySet<Part>} wants */
async function checkPrerequisites(wants) {
  const needs = { python: wants.has('python') || wants.has('prewarm') || wants.has('clients') };
  const missing = missingPrerequisites(await inspectMachine(needs), needs);
  if (missing.length > 0) throw new PreparationError(missing);
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));
