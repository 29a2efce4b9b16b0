import { join } from 'node:path';
import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { root } from './prepare/paths.mjs';
import { start } from './prepare/processes.mjs';

/** Builds, then compares with the recordings of Microsoft's client; arguments go to tools/parity/main.ts. */
await runAsCommand(async () => {
  await prepare({ need: ['dependencies', 'build'] });
  const script = join(root, 'lib', 'tools', 'parity', 'main.js');
  const args = [script, ...process.argv.slice(2)];
  process.exitCode = (await start(process.execPath, args, { cwd: root, inherit: true }).exited) ?? 1;
});
