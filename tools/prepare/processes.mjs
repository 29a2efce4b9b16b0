import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * The shell holds our pipe as its stdin. Its end means that we died, even by SIGKILL, and takes the child's
 * process group down: an interrupted preparation leaves no compiler running.
 */
const GUARD = `
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
( cat <&3 >/dev/null 2>&1; kill -KILL 0 ) >/dev/null 2>&1 &
exec 3<&-
trap : TERM INT
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
exit "$code"`;

const POSIX = process.platform !== 'win32';

/** @typedef {{ pid: number, exited: Promise<number>, stop: (graceMs?: number) => Promise<void> }} Running */
/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, inherit?: boolean }} RunOptions */

/** @type {Set<Running>} */
const running = new Set();

/**
 * Starts a program in a process group of its own that ends when this process does.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options `onLine` gets every line of stdout and stderr; `inherit` passes both through instead
 * @returns {Running} `exited` resolves with the exit code; 127 means that the program was not found
 */
export function start(command, args, options = {}) {
  const [file, ...rest] = POSIX ? ['/bin/sh', '-c', GUARD, 'guard', command, ...args] : [command, ...args];
  const output = options.inherit ? 'inherit' : 'pipe';
  const child = spawn(file ?? command, rest, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: POSIX,
    // npm is a .cmd file on Windows, which only a shell can start.
    shell: !POSIX && command === 'npm',
    stdio: ['pipe', output, output],
  });
  child.stdin?.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) if (stream) forwardLines(stream, options.onLine);
  const pid = child.pid ?? -1;
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => {
      if (POSIX) signalTree(pid, 'SIGKILL');
      const done = () => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
      if (options.inherit) done();
      else child.once('close', done);
    });
  });
  /** @type {Running} */
  const self = { pid, exited, stop: (graceMs = 5000) => stopTree(pid, exited, graceMs) };
  running.add(self);
  void exited.then(() => running.delete(self));
  return self;
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 * @returns {Promise<{ code: number, output: string }>} `output` is stdout and stderr as they came
 */
export async function run(command, args, options = {}) {
  /** @type {string[]} */
  const lines = [];
  const onLine = (/** @type {string} */ line) => {
    lines.push(line);
    options.onLine?.(line);
  };
  const code = await start(command, args, { ...options, onLine }).exited;
  return { code, output: lines.join('\n') };
}

/**
 * Like `run`, but an exit code other than 0 throws an error that carries the beginning and the end of the output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} options
 */
export async function runOrThrow(command, args, options = {}) {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  throw new Error(
    `${command} ${args.slice(0, 3).join(' ')} ended with exit code ${code}:\n${excerpt(output)}`,
  );
}

/**
 * Compilers say what is wrong at the end, npm says it before it prints its help.
 * @param {string} output
 */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= 40) return lines.join('\n');
  return [...lines.slice(0, 15), `… ${lines.length - 40} lines left out …`, ...lines.slice(-25)].join('\n');
}

/** Stops every program started here that still runs, with all its descendants. */
export async function stopAll(graceMs = 3000) {
  await Promise.all([...running].map((one) => one.stop(graceMs)));
}

/**
 * On SIGINT, SIGTERM and SIGHUP stops all programs started here, then ends as the signal would.
 * @returns {() => void} takes the handlers off again
 */
export function stopOnSignals() {
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const handler = (/** @type {NodeJS.Signals} */ signal) => {
    void stopAll().then(() => process.exit(128 + constants.signals[signal]));
  };
  for (const signal of signals) process.on(signal, handler);
  return () => {
    for (const signal of signals) process.off(signal, handler);
  };
}

/**
 * @param {number} pid
 * @param {Promise<number>} exited
 * @param {number} graceMs
 */
async function stopTree(pid, exited, graceMs) {
  if (pid < 0) return;
  signalTree(pid, 'SIGTERM');
  const kill = setTimeout(() => signalTree(pid, 'SIGKILL'), graceMs);
  await exited;
  clearTimeout(kill);
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalTree(pid, signal) {
  if (!POSIX) {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * @param {NodeJS.ReadableStream} stream
 * @param {((line: string) => void) | undefined} onLine
 */
function forwardLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (/** @type {string} */ chunk) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine?.(rest);
  });
}
