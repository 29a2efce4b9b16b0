import { type Command, InvalidArgumentError } from 'commander';
import type { InitOptions } from './commands/init.js';
import type { Io } from './io.js';
import type { Lazily } from './program.js';
import { withQueue, withSource } from './program-lifecycles.js';

/** Commands about a project's files and what they need. */
export function defineProjectCommands(program: Command, lazily: Lazily): void {
  program.commandsGroup('Projects:');
  program
    .command('validate')
    .description('every mistake of mlops.yaml, policy.yml and CLI v2 files, without asking Azure')
    .argument('[paths...]', 'files, or folders that hold an mlops.yaml; default: this folder')
    .option('--strict', 'what Azure would refuse later is an error too')
    .option('--json', 'for programs')
    .action(lazily(() => import('./commands/validate.js').then((module) => module.validate)));
  program
    .command('translate')
    .description('the requests that submitting a CLI v2 file makes, in order, without asking Azure')
    .argument('<file>', 'YAML file as `az ml … --file` takes it')
    .option('--set <path=value>', 'override a key, as `az ml --set` does; repeatable', repeated, [])
    .option('--name <name>', 'name of what is made')
    .option('--endpoint-name <name>', 'endpoint of a deployment')
    .option('--root <folder>', 'refuse files outside this folder')
    .option('--json', 'for programs')
    .action(lazily(() => import('./commands/translate.js').then((module) => module.translate)));
  program
    .command('init')
    .description(
      'proposes mlops.yaml, policy.yml and the workflow from the az ml files and scripts that are here',
    )
    .argument('[folder]', 'folder of the project; default: this one')
    .option('--name <name>', 'of the project; default: the folder, else the repository')
    .option('--yes', 'ask nothing: the likeliest of everything')
    .option('--dry-run', 'show the files instead of writing them')
    .option('--overwrite', 'replace files that are there, without asking')
    .option('--live', 'look at the endpoint in Azure too: what it serves becomes the first champion')
    .option('--subscription <id>', 'of the workspace, where the scripts do not say it')
    .option('--resource-group <name>', 'of the workspace')
    .option('--workspace <name>', 'name of the workspace')
    .option('--location <region>', 'of the workspace')
    .option('--json', 'what was found and proposed, for programs; writes nothing')
    .action(
      lazily(() =>
        import('./commands/init.js').then(
          ({ init }) =>
            (io: Io, folder: string | undefined, options: InitOptions) =>
              init(io, folder, options),
        ),
      ),
    );
  withQueue(program.command('plan'))
    .description('what a push would do, and what Azure lacks for it')
    .argument('[folder]', 'folder of mlops.yaml; default: this one')
    .option('--explain', 'every setting in force and who set it; asks nobody')
    .option('--offline', 'only what the files tell')
    .option('--json', 'the project with every default, for programs; asks nobody')
    .action(lazily(() => import('./commands/plan.js').then((module) => module.plan)));
  withQueue(withSource(program.command('setup')))
    .description('what is missing in Temporal and Azure; with --apply it is created')
    .argument('[project]', 'checked against the one here, so that no other is set up by mistake')
    .option('--apply', 'create it')
    .option('--json', 'for programs')
    .action(lazily(() => import('./commands/setup.js').then((module) => module.setup)));
  defineUpkeepCommands(program, lazily);
  program
    .command('doctor')
    .description(
      'what approvals rest on: server, authorizer, who you are to it, ports; what to do about each',
    )
    .option(
      '--ports <name=port,...>',
      "the server's inner ports; default: those of its own configuration",
      toPorts,
    )
    .option('--server-config <file>', "the server's configuration, for what nobody sees from outside")
    .option('--worker', 'also what Azure and GitHub grant to a worker with these settings')
    .option('--strict', 'a warning is an error too')
    .option('--json', 'for programs')
    .action(lazily(() => import('./commands/doctor.js').then((module) => module.doctor)));
}

function defineUpkeepCommands(program: Command, lazily: Lazily): void {
  program
    .command('gc')
    .description('what this product made and nobody needs any more; with --yes it goes')
    .option('--workspace <alias>', "default: each of the policy's; repeatable", repeated, [])
    .option('--older-than <time>', 'younger things stay', '30d')
    .option('--versions <number>', 'so many of the newest versions of each model stay', toCount, 5)
    .option('--records-older-than <time>', 'delete records too (evidence, reports); default: they stay')
    .option('--only <kind>', 'deployment, model, outputs, schedule or record; repeatable', repeated, [])
    .option('--yes', 'do it; without it nothing is changed')
    .option('--json', 'for programs: also what stays, and why')
    .action(lazily(() => import('./commands/gc.js').then((module) => module.gc)));
  program
    .command('keep')
    .description('a model version, and what it comes from, is never tidied away')
    .argument('<model:version>', 'as `mlops endpoint` shows it')
    .option('--workspace <alias>', 'where it is registered')
    .option('--project <name>', 'in place of --workspace: the one that trains it')
    .option('--reason <text>', 'kept on it')
    .option('--remove', 'it may go again')
    .action(lazily(() => import('./commands/keep.js').then((module) => module.keep)));
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number of at least 1');
}

function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function toPorts(text: string): Record<string, number> {
  const ports = text
    .split(',')
    .map((pair) => pair.split('='))
    .map(([name = '', port]) => [name, Number(port)] as const);
  if (ports.every(([name, port]) => name !== '' && Number.isInteger(port) && port > 0))
    return Object.fromEntries(ports);
  throw new InvalidArgumentError('such as history=7234,matching=7235');
}
