import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GuardedProcess, spawnGuarded } from 'azureml-emulator/process';

/** One of the machine's processes and how to know that it is ready. */
export interface ChildOptions {
  /** Name of its log in the folder, without `.log`. */
  readonly name: string;
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface Child<T> {
  readonly process: GuardedProcess;
  readonly ready: Promise<T>;
}

const startTimeoutMs = 60_000;

/**
 * Starts a process that ends with this one. `ready` resolves with what `readyOf` makes of one of its lines, and rejects
 * when it ends or says nothing for a minute.
 */
export function startChild<T>(options: ChildOptions, readyOf: (line: string) => T | undefined): Child<T> {
  const { name, folder, command, args, env } = options;
  const log = join(folder, `${name}.log`);
  const { promise, resolve, reject } = deferred<T>();
  const process = spawnGuarded(command, args, {
    ...(env !== undefined && { env }),
    onLine(line) {
      appendFileSync(log, `${line}\n`);
      const found = readyOf(line);
      if (found !== undefined) resolve(found);
    },
  });
  const patience = setTimeout(() => {
    reject(new Error(`${name} was not ready in ${startTimeoutMs / 1000} s; see ${log}`));
  }, startTimeoutMs);
  void process.exited.then((code) => {
    reject(new Error(`${name} ended with ${code} before it was ready; see ${log}`));
  });
  const ready = promise.finally(() => {
    clearTimeout(patience);
  });
  // Who waits for it hears of it; a process that nobody waits for may end.
  ready.catch(() => undefined);
  return { process, ready };
}

/** As a machine that loses power would: nothing is said to anybody. */
export async function killChild({ pid, exited }: GuardedProcess): Promise<void> {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await exited;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
