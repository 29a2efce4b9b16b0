import { prepare } from './prepare.mjs';
import { runAsCommand } from './prepare/command.mjs';

await runAsCommand(() => prepare({ need: ['dependencies', 'build'] }));
