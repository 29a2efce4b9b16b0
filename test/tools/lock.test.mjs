import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../tools/prepare/lock.mjs';
import { cacheFolder } from '../../tools/prepare/paths.mjs';
import { setEnvironment, temporaryFolder } from './temporary.mjs';

describe('lock', () => {
  it('lets one holder in at a time and names it to those who wait', async () => {
    setEnvironment({ XDG_CACHE_HOME: temporaryFolder() });
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(20);
      inside -= 1;
      return 'done';
    };
    /** @type {number[]} */
    const holders = [];
    const results = await Promise.all([1, 2, 3].map(() => withLock('x', work, (pid) => holders.push(pid))));
    expect(results).toEqual(['done', 'done', 'done']);
    expect(most).toBe(1);
    expect(holders).toEqual([process.pid, process.pid]);
  });

  it('is free again after a failure', async () => {
    setEnvironment({ XDG_CACHE_HOME: temporaryFolder() });
    await expect(withLock('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await withLock('x', () => Promise.resolve(1))).toBe(1);
  });

  it('is taken over from a process that died', async () => {
    setEnvironment({ XDG_CACHE_HOME: temporaryFolder() });
    const { pid } = spawnSync('true');
    const folder = join(cacheFolder(), 'locks');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'x.lock'), String(pid));
    expect(await withLock('x', () => Promise.resolve('mine'))).toBe('mine');
  });
});
