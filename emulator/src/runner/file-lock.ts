import { readFile, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../lock.js';

const POLL_MS = 200;

/** Runs `work` while no other process holds the lock file at `path`; the lock of a process that is gone does not count. */
export async function withFileLock(path: string, work: () => Promise<void>): Promise<void> {
  while (!(await tryLock(path))) await sleep(POLL_MS);
  try {
    await work();
  } finally {
    await unlink(path);
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const owner = Number(await readFile(path, 'utf8').catch(() => '0'));
  if (owner > 0 && !isAlive(owner)) await unlink(path).catch(() => undefined);
  return false;
}
