import { type Command, InvalidArgumentError, Option } from 'commander';
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
  program
    .command('invoke')
    .description('score data by a batch endpoint, and wait for the job; Ctrl-C leaves the job alone')
    .argument('<endpoint>', 'name of the batch endpoint')
    .requiredOption(
      '--input <data>',
      'azureml:name@latest, azureml:name:version, an address, a file or folder',
    )
    .addOption(
      new Option('--type <type>', 'of the input; default: its own').choices([
        'uri_file',
        'uri_folder',
        'mltable',
      ]),
    )
    .option('--deployment <name>', 'default: the one that the endpoint serves by')
    .option('--workspace <alias>', 'alias in policy.yml; needed where there is one')
    .option('--name <job>', 'name of the job: calling again finds it instead of starting another')
    .option('--no-wait', 'print the name of the job and end')
    .option('--json', 'for programs')
    .action(lazily(() => import('./commands/invoke.js').then((module) => module.invoke)));
  steering(program.command('rollback'))
    .description('back to the previous champion, or out of a rollout that runs')
    .option('--no-wait', 'do not wait for the outcome')
    .option('--print-az', 'print the `az` commands that do it when Temporal is down')
    .option('--state <file>', 'for --print-az: what `mlops endpoint --json` wrote')
    .action(lazily(() => import('./commands/rollback.js').then((module) => module.rollback)));
  steering(program.command('hold'))
    .description('no further release and no further step until `resume`')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.hold)));
  steering(program.command('pause'))
    .description('the rollout that runs stays where it is until `resume`')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.pause)));
  steering(program.command('resume'))
    .description('go on after `hold` or `pause`, or wait longer where too little was seen')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.resume)));
  steering(program.command('abort'))
    .description('end the release that runs: its traffic goes back')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.abort)));
  steering(program.command('skip'))
    .description("end the rollout's step that runs")
    .action(lazily(() => import('./commands/steer.js').then((module) => module.skip)));
  steering(program.command('replan'), (command) =>
    command.argument('[steps...]', '30:10m 60:1h; none: everything at once'),
  )
    .description("replace the rollout's steps that have not begun")
    .action(lazily(() => import('./commands/steer.js').then((module) => module.replan)));
  steering(program.command('jump'), (command) =>
    command.argument('<release>', "id of the waiting release, or its lifecycle's"),
  )
    .description('a waiting release goes before all others')
    .action(lazily(() => import('./commands/steer.js').then((module) => module.jump)));
  steering(program.command('retire'))
    .description('the endpoint goes, with its deployments and its monitoring; its records stay')
    .option('--days <number>', 'show who called it in so many days; default 7', toDays)
    .option('--drain <time>', 'how long it answers nothing before anything is deleted; default 15m')
    .option('--yes', 'ask nothing here; approvers are asked all the same')
    .option('--dry-run', 'only show who calls it and what would go')
    .option('--no-wait', 'do not wait until it is gone')
    .action(lazily(() => import('./commands/retire.js').then((module) => module.retire)));
}

function toDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0) return days;
  throw new InvalidArgumentError('a whole number of days, such as 30');
}

function steering(command: Command, withArguments = (same: Command): Command => same): Command {
  return withArguments(command.argument('<endpoint>', nameArgument))
    .option(...workspace)
    .option('--reason <text>', "kept in the endpoint's log")
    .option('--by <name>', 'who asks; default: your name on this machine');
}
