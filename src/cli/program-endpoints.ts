import type { Command } from 'commander';
import type { Lazily } from './program.js';

const nameArgument = 'name of the endpoint';
const workspace = ['--workspace <alias>', 'where two workspaces have an endpoint of that name'] as const;

/** Commands about an endpoint: what serves, and back to what served. */
export function defineEndpointCommands(program: Command, lazily: Lazily): void {
  program.commandsGroup('Endpoints:');
  program
    .command('endpoint')
    .description('champion, queue and traffic of an endpoint')
    .argument('<endpoint>', nameArgument)
    .option(...workspace)
    .option('--json', 'for programs, and for `rollback --state`')
    .action(lazily(() => import('./commands/endpoint.js').then((module) => module.endpoint)));
  steering(program.command('rollback'))
    .description('back to the previous champion, or out of a rollout that runs')
    .option('--no-wait', 'do not wait for the outcome')
    .option('--print-az', 'print the `az` commands that do it when Temporal is down')
    .option('--state <file>', 'for --print-az: what `mlops endpoint --json` wrote')
    .action(lazily(() => import('./commands/rollback.js').then((module) => module.rollback)));
  steering(program.command('hold'))
    .description('let no further release begin')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.hold)));
  steering(program.command('resume'))
    .description('go on after `hold`')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.resume)));
}

function steering(command: Command): Command {
  return command
    .argument('<endpoint>', nameArgument)
    .option(...workspace)
    .option('--reason <text>', "kept in the endpoint's log")
    .option('--by <name>', 'who asks; default: your name on this machine');
}
