import { run } from './cli/run.js';

/**
 * The command line `mlops`. Resolves with the exit code and leaves ending the process to the caller.
 * @param args without node and script: `['status', 'diabetes']`
 */
export async function main(args: readonly string[]): Promise<number> {
  const { stdout: out, stderr: err, stdin, env } = process;
  // Whoever reads may have read enough (`mlops list | head`).
  out.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit();
  });
  return await run(args, { out, err, env, cwd: process.cwd(), tty: out.isTTY && stdin.isTTY });
}
