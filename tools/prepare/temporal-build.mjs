import { mkdirSync, renameSync, rmSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, executable } from './paths.mjs';
import { runOrThrow } from './processes.mjs';
import { LEAST_GO, atLeast, versionOf } from './prerequisites.mjs';
import { hashFiles } from './stamps.mjs';

/** What can be built from tools/temporal-server: file in the cache → Go package and what people call it. */
export const programs = {
  temporal: { source: 'github.com/temporalio/cli/cmd/temporal', what: 'the Temporal server' },
  'temporal-secured': {
    source: 'go.temporal.io/server/cmd/server',
    what: 'the Temporal server with an authorizer',
  },
  'temporal-ui': {
    source: 'github.com/temporalio/ui-server/v2/cmd/server',
    what: 'the Temporal UI with a login',
  },
};

/** @typedef {keyof typeof programs} Program */

/**
 * Where a program built from tools/temporal-server is kept: another go.sum is another file.
 * @param {string} root
 * @param {Program} program
 */
export function builtBinary(root, program = 'temporal') {
  const key = hashFiles(root, ['tools/temporal-server/go.mod', 'tools/temporal-server/go.sum']).slice(0, 12);
  return join(cacheFolder(), 'bin', executable(`${program}-${key}`));
}

/**
 * Throws when Go is missing. It is asked for only here, where no binary could be had.
 * @param {readonly string[]} reasons why the other ways did not work
 */
export async function requireGo(reasons) {
  const found = (await versionOf('go', ['version']))?.match(/go(\d+\.\d+(\.\d+)?)/)?.[1];
  if (atLeast(found, LEAST_GO)) return;
  throw new Error(
    [
      ...reasons,
      `Go ${LEAST_GO.join('.')} or newer is needed to build the Temporal server, found ${found ?? 'none'}: get it from ` +
        'https://go.dev/dl; or install the temporal CLI (https://docs.temporal.io/cli#install); or name a running ' +
        'server in TEMPORAL_ADDRESS.',
    ].join('\n'),
  );
}

/**
 * Builds a program of tools/temporal-server, once even when two processes ask at the same time. Go compiles what several
 * programs share only once.
 * @param {string} root
 * @param {Program} program
 * @param {import('./status.mjs').Report} report
 */
export async function buildTemporal(root, program, report) {
  const { source, what } = programs[program];
  const target = builtBinary(root, program);
  const build = async () => {
    if (existsSync(target)) return;
    const cwd = join(root, 'tools', 'temporal-server');
    report.step(`downloading the Go modules of ${what}`);
    await runOrThrow('go', ['mod', 'download'], { cwd });
    const unfinished = `${target}.${process.pid}`;
    mkdirSync(dirname(target), { recursive: true });
    let packages = 0;
    report.step(`compiling ${what}`);
    try {
      await runOrThrow('go', ['build', '-v', '-mod=readonly', '-ldflags=-s -w', '-o', unfinished, source], {
        cwd,
        onLine: () => {
          packages += 1;
          report.step(`compiling ${what}: ${packages} packages done`);
        },
      });
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { force: true });
    }
  };
  await withLock('temporal-build', build, (holder) =>
    report.step(`waiting for process ${holder}, which builds it`),
  );
}
