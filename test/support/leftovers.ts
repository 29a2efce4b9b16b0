import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Processes that still have to do with a folder: by their arguments, and on Linux also by their environment and
 * working folder. `PID command` each.
 */
export async function leftovers(folder: string): Promise<string[]> {
  const all = existsSync('/proc/self/cmdline') ? await fromProc() : await fromPs();
  return all
    .filter(({ pid, about }) => pid !== process.pid && about.includes(folder))
    .map(({ text }) => text);
}

interface Found {
  readonly pid: number;
  readonly text: string;
  /** Everything in which the folder may stand. */
  readonly about: string;
}

async function fromProc(): Promise<Found[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string): Promise<string> =>
        readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      const [args, environment, state] = await Promise.all([read('cmdline'), read('environ'), read('stat')]);
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      // What has ended and waits for its parent runs no more.
      const zombie = /\) Z /.test(state);
      const text = `${pid} ${args.replaceAll('\0', ' ')}`;
      return { pid: Number(pid), text, about: zombie ? '' : [args, environment, cwd].join('\n') };
    }),
  );
  return found;
}

async function fromPs(): Promise<Found[]> {
  const { stdout } = await promisify(execFile)('ps', ['-Aww', '-o', 'pid=,command=']);
  return stdout.split('\n').map((text) => ({ pid: Number.parseInt(text, 10), text, about: text }));
}
