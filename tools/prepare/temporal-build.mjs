import { mkdirSync, renameSync, rmSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { runOrThrow } from './processes.mjs';
import { LEAST_GO, atLeast, versionOf } from './prerequisites.mjs';

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
 * Builds the Temporal CLI of tools/temporal-server, once even when two processes ask at the same time.
 * @param {string} root
 * @param {string} target
 * @param {import('./status.mjs').Report} report
 */
export async function buildTemporal(root, target, report) {
  const build = async () => {
    if (existsSync(target)) return;
    const cwd = join(root, 'tools', 'temporal-server');
    report.step('downloading the Go modules of the Temporal server');
    await runOrThrow('go', ['mod', 'download'], { cwd });
    const unfinished = `${target}.${process.pid}`;
    mkdirSync(dirname(target), { recursive: true });
    let packages = 0;
    report.step('compiling the Temporal server');
    try {
      await runOrThrow(
        'go',
        [
          'build',
          '-v',
          '-mod=readonly',
          '-ldflags=-s -w',
          '-o',
          unfinished,
          'github.com/temporalio/cli/cmd/temporal',
        ],
        {
          cwd,
          onLine: () => {
            packages += 1;
            report.step(`compiling the Temporal server: ${packages} packages done`);
          },
        },
      );
      renameSync(unfinished, target);
    } finally {
      rmSync(unfinished, { force: true });
    }
  };
  await withLock('temporal-build', build, (holder) =>
    report.step(`waiting for process ${holder}, which builds it`),
  );
}
