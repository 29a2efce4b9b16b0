import { spawn } from 'node:child_process';

/** A child process whose whole process group ends with this process, however this process ends. */
export interface GuardedProcess {
  readonly pid: number;
  /** Resolves once when the child has ended; a signal shows as 128 + its number, as in a shell. */
  readonly exited: Promise<number>;
  /** SIGTERM to the group, SIGKILL after `graceMs` (default 5000); resolves when it has ended. */
  stop(graceMs?: number): Promise<void>;
}

export interface GuardedOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called with every complete line of stdout and stderr, without its line feed. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/**
 * The shell holds our pipe as its stdin. Its end means that we died, even by SIGKILL, and takes the
 * group down: no daemon, no polling, and workers that the child forked (gunicorn) go with it.
 */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
( trap '' TERM; cat <&3 >/dev/null 2>&1; kill -TERM 0; sleep 2; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
trap : TERM
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
exit "$code"`;

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function forwardLines(
  stream: NodeJS.ReadableStream,
  name: 'stdout' | 'stderr',
  onLine: NonNullable<GuardedOptions['onLine']>,
): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line, name);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest, name);
  });
}

/**
 * Starts a program in a process group of its own that ends when this process does.
 * A program that cannot be started ends with 126 or 127 and the shell's message on stderr.
 */
export function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardedOptions = {},
): GuardedProcess {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', command, ...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const onLine = options.onLine ?? (() => undefined);
  forwardLines(child.stdout, 'stdout', onLine);
  forwardLines(child.stderr, 'stderr', onLine);
  // The guard may end before our end of its pipe is closed.
  child.stdin.on('error', () => undefined);
  const { pid } = child;
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => {
      resolve(127);
    });
    child.once('exit', (code) => {
      // The watcher of the pipe, and whatever the child left behind, live in the same group.
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
      child.once('close', () => {
        resolve(code ?? 137);
      });
    });
  });
  return {
    pid: pid ?? -1,
    exited,
    async stop(graceMs = 5000) {
      if (pid === undefined) return;
      signalGroup(pid, 'SIGTERM');
      const kill = setTimeout(() => {
        signalGroup(pid, 'SIGKILL');
      }, graceMs);
      await exited;
      clearTimeout(kill);
    },
  };
}
