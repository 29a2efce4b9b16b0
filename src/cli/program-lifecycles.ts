import { type Command, InvalidArgumentError, Option } from 'commander';
import { reaches } from '../domain/reach.js';
import type { Lazily } from './program.js';

const idArgument = 'project, project/commit, or a whole id';
const json = ['--json', 'for programs'] as const;
const watch = ['--watch', 'follow it to its end; its verdict is the exit code'] as const;

/** Options that say where a lifecycle's files come from. */
export function withSource(command: Command): Command {
  return command
    .option('--repository <owner/name>', 'default: the remote `origin` of this checkout')
    .option('--commit <sha>', 'default: HEAD')
    .option('--ref <branch>', 'default: the branch that is checked out')
    .option('--path <folder>', 'folder of mlops.yaml in the repository; default: the nearest one');
}

export function withQueue(command: Command): Command {
  return command.option('--task-queue <name>', "the workers' queue; default: the first of MLOPS_TASK_QUEUES");
}

/** Commands about one commit's way through the phases. */
export function defineLifecycleCommands(program: Command, lazily: Lazily): void {
  program.commandsGroup('Lifecycles:');
  defineStart(program, lazily);
  defineLooking(program, lazily);
  defineDeciding(program, lazily);
  defineSteering(program, lazily);
}

function defineStart(program: Command, lazily: Lazily): void {
  const start = program
    .command('start')
    .description("start a commit's lifecycle; a commit that has one already is told so")
    .option('--project <name>', "default: the name in the commit's mlops.yaml");
  withQueue(withSource(start))
    .addOption(
      new Option(
        '--reach <how far>',
        'go no further than this; default: what `on:` allows the branch',
      ).choices(reaches),
    )
    .option('--source <folder>', 'train an uncommitted tree, with a worker on this machine')
    .option('--by <login>', 'who asks')
    .option(...watch)
    .option(...json)
    .action(lazily(() => import('./commands/start.js').then((module) => module.start)));
}

function defineLooking(program: Command, lazily: Lazily): void {
  program
    .command('status')
    .description('how a lifecycle stands; without ID the newest')
    .argument('[id]', idArgument)
    .option('--exit-code', 'tell by the exit code: 0 well, 1 failed, 4 waits for people or the world')
    .option(...json)
    .action(lazily(() => import('./commands/status.js').then((module) => module.status)));
  program
    .command('list')
    .description('lifecycles, newest first')
    .option('--project <name>', 'only of this project')
    .option('--running', 'only those that have not ended')
    .option('--limit <count>', 'at most so many', toCount, 20)
    .option(...json)
    .action(lazily(() => import('./commands/list.js').then((module) => module.list)));
  program
    .command('watch')
    .description('follow a lifecycle to its end, a line a phase; its verdict is the exit code')
    .argument('[id]', idArgument)
    .option(...json)
    .action(lazily(() => import('./commands/watch.js').then((module) => module.watch)));
  program
    .command('why')
    .description('one paragraph: what decided, what it waits for, who can act')
    .argument('[id]', idArgument)
    .action(lazily(() => import('./commands/why.js').then((module) => module.why)));
  program
    .command('report')
    .description("fetch a lifecycle's evaluation report")
    .argument('[id]', idArgument)
    .option('--out <file>', 'where to; `-` is standard output')
    .option('--open', 'show it in the browser')
    .option('--workspace <alias>', 'where it was trained; default: what the policy says')
    .action(lazily(() => import('./commands/report.js').then((module) => module.report)));
  program
    .command('open')
    .description("print a lifecycle's page in the Temporal UI, and open it")
    .argument('[id]', idArgument)
    .option('--print', 'print it only')
    .action(lazily(() => import('./commands/open.js').then((module) => module.open)));
}

function defineDeciding(program: Command, lazily: Lazily): void {
  const decide = (name: 'approve' | 'reject', description: string): void => {
    program
      .command(name)
      .description(description)
      .argument('<id>', idArgument)
      .option('--reason <text>', 'kept in the record')
      .option('--by <name>', 'who answers; default: your name on this machine. It proves nothing')
      .option('--code <12 digits>', 'only if it still asks about exactly this evidence')
      .option('--yes', 'do not ask')
      .action(lazily(() => import('./commands/decide.js').then((module) => module[name])));
  };
  decide('approve', 'show the evidence of the pending release and approve it');
  decide('reject', 'show the evidence of the pending release and reject it');
  program
    .command('approvals')
    .description(
      'the whole record: who was asked what, who answered, how that was verified, what was refused and why',
    )
    .argument('[id]', idArgument)
    .option(...json)
    .action(lazily(() => import('./commands/approvals.js').then((module) => module.approvals)));
  program
    .command('evidence')
    .description('write record and report into one file that `mlops verify` checks without any connection')
    .argument('<id>', idArgument)
    .option('--out <file>', 'where to')
    .option('--workspace <alias>', 'where it was trained; default: what the policy says')
    .option('--key <file>', 'Ed25519 private key (PEM) that signs it; default: MLOPS_EVIDENCE_KEY')
    .action(lazily(() => import('./commands/evidence.js').then((module) => module.evidence)));
  program
    .command('verify')
    .description(
      'check a file of `mlops evidence`: hashes, evidence, and that its answers decide what it says',
    )
    .argument('<file>')
    .option('--public-key <file>', 'Ed25519 public key (PEM) that must have signed it')
    .action(lazily(() => import('./commands/evidence.js').then((module) => module.verify)));
}

function defineSteering(program: Command, lazily: Lazily): void {
  program
    .command('retry')
    .description('let a blocked lifecycle look again at once; start one that has ended anew')
    .argument('<id>', idArgument)
    .option(...watch)
    .option(...json)
    .action(lazily(() => import('./commands/retry.js').then((module) => module.retry)));
  program
    .command('cancel')
    .description('stop a lifecycle: its jobs are cancelled, its traffic goes back')
    .argument('<id>', idArgument)
    .option('--watch', 'follow it to its end')
    .action(lazily(() => import('./commands/cancel.js').then((module) => module.cancel)));
  const release = program
    .command('release')
    .description('release a registered model version: it enters at staging, with tests and approval')
    .argument('<model:version>', 'as `mlops status` shows it under models')
    .requiredOption('--to <environment>', 'the last environment that it goes to')
    .option('--project <name>', 'default: what the model was registered by')
    .option('--workspace <alias>', 'where it is registered; default: what the policy says');
  withQueue(withSource(release))
    .option('--by <login>', 'who asks')
    .option(...watch)
    .option(...json)
    .action(lazily(() => import('./commands/release.js').then((module) => module.release)));
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('a whole number above 0 is expected');
}
