import { Command, type OutputConfiguration } from 'commander';
import type { ExitCode } from './failures.js';
import type { Io } from './io.js';
import { defineEndpointCommands } from './program-endpoints.js';
import { defineLifecycleCommands } from './program-lifecycles.js';
import { defineProjectCommands } from './program-projects.js';
import { packageVersion } from './version.js';

/** Runs a command's work and keeps its exit code. */
export type Run = (work: () => Promise<ExitCode>) => Promise<void>;

/**
 * Turns a command's function into an action that loads it when it is called: `mlops --help` loads none of them, nor
 * what they use.
 */
export type Lazily = <A extends readonly unknown[]>(
  load: () => Promise<(io: Io, ...args: A) => Promise<ExitCode>>,
) => (...args: A) => Promise<void>;

/** The whole command line. Wrong usage throws CommanderError instead of ending the process. */
export function createProgram(io: Io, run: Run): Command {
  const lazily: Lazily =
    (load) =>
    (...args) =>
      run(async () => (await load())(io, ...args));
  const output: OutputConfiguration = {
    writeOut: (text) => io.out.write(text),
    writeErr: (text) => io.err.write(text),
  };
  const program = new Command('mlops')
    .description('Carries a model from a pushed commit to a monitored endpoint on Azure Machine Learning.')
    .version(packageVersion())
    .configureOutput(output)
    .exitOverride()
    .showHelpAfterError('(`mlops --help` shows the commands, `mlops COMMAND --help` one of them)')
    .addHelpText('after', footer);
  defineLifecycleCommands(program, lazily);
  defineEndpointCommands(program, lazily);
  defineProjectCommands(program, lazily);
  return program;
}

const footer = `
ID is a project (its newest lifecycle), project/commit, a commit, or a whole id as \`mlops list\` shows it.

Exit codes:
  0  done; of a lifecycle: planned, evaluated, registered or released
  1  failed; of a lifecycle: any other verdict
  2  bad input: wrong usage, unknown id, or mistakes in files; nothing was started
  3  Temporal or Azure cannot be reached; the message says which setting to change
  4  still waiting: for an approval, or blocked (\`status --exit-code\`)

Temporal is found by TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_PROFILE or temporal.toml;
Azure by MLOPS_POLICY and DefaultAzureCredential, or MLOPS_AZURE_URL and MLOPS_BLOB_URL for the local emulator.`;
