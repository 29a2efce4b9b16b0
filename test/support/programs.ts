import { spawn } from 'node:child_process';

/** A program that a test has started. */
export interface Started {
  readonly ended: () => boolean;
  /** The beginning of what it wrote, where a program that cannot go on says why. */
  readonly log: () => string;
  /** Ends it and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program that ends with this process at the latest. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Started {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(0, 8_000)));
  let ended = false;
  const end = new Promise<void>((resolve) =>
    child.once('close', () => {
      ended = true;
      resolve();
    }),
  );
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  return {
    ended: () => ended,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await end;
      process.off('exit', killOnExit);
    },
  };
}
