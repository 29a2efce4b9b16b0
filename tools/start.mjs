import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';
import { root } from './prepare/paths.mjs';

await runAsCommand(() => prepare({ need: ['dependencies', 'build', 'temporal', 'python', 'prewarm'] }));
// In this process, so that Ctrl-C and the end of the terminal reach the demonstration directly.
const demo = await import(pathToFileURL(join(root, 'lib', 'tools', 'demo', 'main.js')).href);
process.exitCode = await demo.main(process.argv.slice(2));
