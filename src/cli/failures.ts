/** Exit codes of `mlops`; scripts rely on them, `--help` and docs/cli.md list them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  badInput: 2,
  unreachable: 3,
  waiting: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A problem that is expected: its message is all that people see. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

/** The command, a file or a setting is wrong; nothing was started. */
export function badInput(message: string): CliError {
  return new CliError(message, exitCodes.badInput);
}

/** Something that the command needs does not answer; the message says what was tried and which setting to change. */
export function unreachable(message: string): CliError {
  return new CliError(message, exitCodes.unreachable);
}

/** It answered, and the answer is no. */
export function failed(message: string): CliError {
  return new CliError(message, exitCodes.failed);
}

/** Message of the innermost cause: Temporal wraps what happened in what it was doing. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
