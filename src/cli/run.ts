import { CommanderError } from 'commander';
import { CliError, type ExitCode, exitCodes } from './failures.js';
import { type Io, warn } from './io.js';
import { createProgram } from './program.js';

/** Runs one command line and tells its exit code; expected problems become one message, never a stack trace. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = createProgram(io, async (work) => {
    code = await work();
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
    if (error instanceof CliError) {
      warn(io, `mlops: ${error.message}`);
      return error.exitCode;
    }
    return await explain(error, io);
  }
}

/** Errors of the layers below that are expected here; anything else is a mistake in this program and shows where. */
async function explain(error: unknown, io: Io): Promise<ExitCode> {
  if (!(error instanceof Error)) throw error;
  const { SettingsError } = await import('../settings.js');
  if (error instanceof SettingsError) {
    warn(io, `mlops: ${error.message}`);
    return exitCodes.badInput;
  }
  if (error.name === 'AzureError') {
    const { explainAzure } = await import('./azure.js');
    const problem = explainAzure(error, io.env);
    warn(io, `mlops: ${problem.message}`);
    return problem.exitCode;
  }
  warn(io, `mlops: this is a mistake in mlops itself, please report it:\n${error.stack ?? error.message}`);
  return exitCodes.failed;
}
