import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { spawnGuarded } from '../src/process.js';

/** A zombie, which nobody has waited for, is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

/** Runs a shell script and gives its lines and exit code. */
async function run(script: string): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const child = spawnGuarded('sh', ['-c', script], {
    onLine: (line, stream) => {
      lines.push(`${stream}: ${line}`);
    },
  });
  return { code: await child.exited, lines };
}

describe('spawnGuarded', () => {
  it('gives lines and the exit code', async () => {
    expect(await run('echo a; echo b >&2; printf c; exit 3')).toEqual({
      code: 3,
      lines: expect.arrayContaining(['stdout: a', 'stderr: b', 'stdout: c']) as string[],
    });
  });

  it('shows a signal and a missing program as a shell does', async () => {
    expect((await run('kill -KILL $$')).code).toBe(137);
    expect(await spawnGuarded('/no/such/program', []).exited).toBe(127);
  });

  it('ends the whole group when it is stopped, also what ignores SIGTERM', async () => {
    let forked = 0;
    const child = spawnGuarded('sh', ['-c', "trap '' TERM; sleep 600 & echo $!; wait; sleep 600"], {
      onLine: (line) => {
        forked = Number(line);
      },
    });
    await expect.poll(() => forked).toBeGreaterThan(0);
    await child.stop(200);
    await expect.poll(() => isAlive(forked)).toBe(false);
  });

  it('ends the group when this process dies by SIGKILL', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'guard-'));
    const source = fileURLToPath(new URL('../src/process.ts', import.meta.url));
    await build({
      entryPoints: [source],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(dir, 'p.mjs'),
    });
    const script = `import { spawnGuarded } from './p.mjs';
      spawnGuarded('sh', ['-c', 'sleep 600 & echo $!; wait'], { onLine: (line) => console.log(line) });`;
    await writeFile(join(dir, 'main.mjs'), script);
    const parent = spawn(process.execPath, [join(dir, 'main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const forked = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (data: Buffer) => {
        resolve(Number(data.toString()));
      });
    });
    expect(isAlive(forked)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(forked), { timeout: 10_000 }).toBe(false);
    await rm(dir, { recursive: true });
  });
});
