import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { withLock } from '../prepare/lock.mjs';
import { runOrThrow } from '../prepare/processes.mjs';
import { hashFiles, isStamped, writeStamp } from '../prepare/stamps.mjs';

const SOURCES = ['src', 'action/src', 'emulator/src', 'tools', 'bench', 'package-lock.json'];
const CONFIGS = ['tsconfig.json', 'tsconfig.base.json', 'emulator/tsconfig.json'];

/**
 * Compiles everything into lib/ and emulator/lib/ and bundles the workflows into lib/workflow-bundle.js and the job that
 * monitors next to the data into lib/monitoring-job.mjs; does nothing when the sources are those of the last build.
 * @param {string} root
 * @param {import('../prepare/status.mjs').Report} report
 * @throws with the compiler's messages
 */
export async function build(root, report) {
  if (isBuilt(root)) return;
  const name = `build-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`;
  await withLock(
    name,
    () => compile(root, report),
    (holder) => report.step(`waiting for process ${holder}, which builds`),
  );
}

/**
 * @param {string} root
 * @param {import('../prepare/status.mjs').Report} report
 */
async function compile(root, report) {
  if (isBuilt(root)) return;
  const stamp = sourceHash(root);
  report.step('compiling TypeScript');
  await runOrThrow(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
    cwd: root,
  });
  report.step('bundling the workflows and the monitoring job');
  await runOrThrow(process.execPath, [join(root, 'tools', 'build', 'workflow-bundle.mjs')], { cwd: root });
  // What it imports may have been installed only now.
  const { bundleMonitoringJob } = await import('./monitoring-job.mjs');
  const lib = join(root, 'lib');
  await bundleMonitoringJob(
    join(lib, 'src', 'monitoring', 'job', 'main.js'),
    join(lib, 'monitoring-job.mjs'),
  );
  writeStamp(stampFile(root), stamp);
}

/** @param {string} root */
const stampFile = (root) => join(root, 'lib', '.build-stamp');

/** @param {string} root */
const sourceHash = (root) =>
  hashFiles(
    root,
    [...SOURCES, ...CONFIGS],
    [],
    (path) => !path.startsWith('tools/') || /\.ts$|^tools\/build/.test(path),
  );

/** @param {string} root */
const isBuilt = (root) => isStamped(stampFile(root), sourceHash(root));
