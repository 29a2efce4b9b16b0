import { join } from 'node:path';
import { Command } from 'commander';
import { root } from '../local/paths.js';

export interface DemoOptions {
  /** Sends the approval itself. */
  readonly yes: boolean;
  /** Ends when the story is told instead of staying up. */
  readonly exit: boolean;
  /** Kills the worker in the middle of training and of the rollout. */
  readonly crash: boolean;
  /** Goes on with shifted traffic. */
  readonly drift: boolean;
  /** State of everything that runs; made anew at each start. */
  readonly folder: string;
  /** CSV file to use instead of generated data. */
  readonly data?: string;
  /** Folder of somebody's own project to carry through instead of the example. */
  readonly project?: string;
}

export function parseOptions(argv: readonly string[]): DemoOptions {
  return new Command('npm start --')
    .description('From a pushed commit to a monitored production endpoint, on this machine.')
    .option('--yes', 'send the approval as a second person instead of asking', false)
    .option('--exit', 'end when the story is told; exit code 0 only when all of it worked', false)
    .option('--crash', 'kill the worker in the middle of training and of the rollout', false)
    .option('--drift', 'go on with shifted traffic: drift is found and retraining starts', false)
    .option('--folder <dir>', 'folder of all state, made anew', join(root, '.local/demo'))
    .option('--data <file>', 'CSV table to train on instead of a generated one')
    .option('--project <dir>', 'carry your own project through (folder of mlops.yaml) instead of the example')
    .parse(argv, { from: 'user' })
    .opts<DemoOptions>();
}
