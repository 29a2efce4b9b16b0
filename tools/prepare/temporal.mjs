import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, executable } from './paths.mjs';
import { atLeast, versionOf } from './prerequisites.mjs';
import { buildTemporal, builtBinary, requireGo } from './temporal-build.mjs';
import { downloadTemporal, whyNoDownload } from './temporal-download.mjs';

export const LEAST_TEMPORAL_CLI = [1, 3];

/**
 * The variable by which everything started here finds the `temporal` program; absent when TEMPORAL_ADDRESS names a server.
 */
export const BINARY_VARIABLE = 'MLOPS_TEMPORAL_BINARY';

/**
 * The Temporal CLI with its development server, first that works: a server that is already named, one on the PATH, the
 * cache, the SDK's download, a build with Go.
 * @param {string} root
 * @param {Promise<void>} dependencies the download is the SDK's, so it has to wait for it
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<Record<string, string>>} variables for the processes that need it
 */
export async function ensureTemporal(root, dependencies, report) {
  if (process.env['TEMPORAL_ADDRESS']) return {};
  const given = process.env[BINARY_VARIABLE];
  if (given) return { [BINARY_VARIABLE]: given };

  /** @type {string[]} */
  const reasons = [];
  const onPath = await temporalOnPath(reasons);
  if (onPath) return { [BINARY_VARIABLE]: onPath };
  const built = builtBinary(root);
  const downloaded = join(cacheFolder(), 'bin', executable('temporal-sdk'));
  for (const cached of [built, downloaded]) if (existsSync(cached)) return { [BINARY_VARIABLE]: cached };

  for (const reason of reasons) report.note(reason);
  const refusal = await download(root, downloaded, dependencies, report);
  if (refusal === undefined) return { [BINARY_VARIABLE]: downloaded };
  reasons.push(refusal);
  report.note(`${refusal} It is built from source instead: about 5 minutes, once.`);
  await requireGo(reasons);
  await buildTemporal(root, 'temporal', report);
  return { [BINARY_VARIABLE]: built };
}

/**
 * @param {string} root
 * @param {string} target
 * @param {Promise<void>} dependencies
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<string | undefined>} why there is no download; undefined when it lies at `target`
 */
async function download(root, target, dependencies, report) {
  report.step('asking for a download of the Temporal server');
  const refusal = await whyNoDownload();
  if (refusal !== undefined) return refusal;
  report.step('waiting for the packages: the SDK downloads the Temporal server');
  await dependencies;
  report.step('downloading the Temporal server');
  return downloadTemporal(root, target, report);
}

/**
 * @param {string[]} reasons gets why what lies there cannot be used
 * @returns {Promise<string | undefined>}
 */
async function temporalOnPath(reasons) {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const binary = folders
    .map((folder) => join(folder, executable('temporal')))
    .find((path) => existsSync(path));
  const version = binary && (await versionOf(binary, ['--version']));
  if (!version) return undefined;
  const found = /version (\S+)/.exec(version)?.[1];
  if (atLeast(found, LEAST_TEMPORAL_CLI)) return binary;
  reasons.push(
    `The temporal CLI on the PATH is ${found ?? 'of an unknown version'}; ${LEAST_TEMPORAL_CLI.join('.')} or newer is needed.`,
  );
  return undefined;
}

/** The variables by which the tests of verified principals find their programs. */
const SECURED_VARIABLES = /** @type {const} */ ({
  'temporal-secured': 'MLOPS_TEMPORAL_SECURED_BINARY',
  'temporal-ui': 'MLOPS_TEMPORAL_UI_BINARY',
});

/**
 * The server with an authorizer and the UI with a login, for the tests of verified principals: no download offers them
 * ready to run with a configuration of one's own. Without Go those tests are left out.
 * @param {string} root
 * @param {import('./status.mjs').Report} report
 * @returns {Promise<Record<string, string>>} variables for the tests
 */
export async function ensureSecured(root, report) {
  /** @type {Record<string, string>} */
  const env = {};
  try {
    for (const program of /** @type {const} */ (['temporal-secured', 'temporal-ui'])) {
      const binary = builtBinary(root, program);
      if (!existsSync(binary)) {
        await requireGo([]);
        await buildTemporal(root, program, report);
      }
      env[SECURED_VARIABLES[program]] = binary;
    }
  } catch (error) {
    report.note(
      `${error instanceof Error ? error.message : error}\nThe tests of verified principals are left out.`,
    );
  }
  return env;
}
