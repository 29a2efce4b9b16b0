import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { root } from '../../tools/prepare/paths.mjs';
import { run, runOrThrow, start } from '../../tools/prepare/processes.mjs';

/**
 * A zombie that init has not collected yet is not alive.
 * @param {number} pid
 */
function alive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
}

/** A shell with a child of its own; it says both process ids. */
const FAMILY = 'sleep 600 & echo "$! $$"; wait';

/** @param {string} line */
const pids = (line) => line.trim().split(' ').map(Number);

describe('a started program', () => {
  it('gives its output by lines and its exit code', async () => {
    const { code, output } = await run('sh', ['-c', 'echo one; echo two >&2; exit 3']);
    expect(code).toBe(3);
    expect(output.split('\n').sort()).toEqual(['one', 'two']);
  });

  it('that does not exist ends with 127', async () => {
    expect((await run('no-such-program-here', [])).code).toBe(127);
  });

  it('that fails throws the first and the last lines of its output', async () => {
    const failure = runOrThrow('sh', ['-c', 'echo the reason; seq 100; echo the end; exit 1']);
    await expect(failure).rejects.toThrow(/exit code 1:\nthe reason\n(.|\n)*lines left out(.|\n)*the end$/);
  });

  it('is stopped with its descendants', async () => {
    /** @type {(line: string) => void} */
    let onLine = () => undefined;
    /** @type {Promise<string>} */
    const line = new Promise((resolve) => (onLine = resolve));
    const program = start('sh', ['-c', FAMILY], { onLine });
    const family = pids(await line);
    expect(family.map(alive)).toEqual([true, true]);
    await program.stop();
    await vi.waitFor(() => expect(family.map(alive)).toEqual([false, false]));
  });

  it('ends with its parent, even when that is killed', async () => {
    const module = pathToFileURL(join(root, 'tools', 'prepare', 'processes.mjs')).href;
    const script = `
      const { start } = await import(${JSON.stringify(module)});
      start('sh', ['-c', ${JSON.stringify(FAMILY)}], { onLine: console.log });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [chunk] = await once(parent.stdout, 'data');
    const family = pids(String(chunk));
    expect(family.map(alive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(family.map(alive)).toEqual([false, false]), { timeout: 10_000 });
  });

  it('ends when its parent gets Ctrl-C', async () => {
    const at = (/** @type {string} */ name) => pathToFileURL(join(root, 'tools', 'prepare', name)).href;
    const script = `
      const { start } = await import(${JSON.stringify(at('processes.mjs'))});
      const { runAsCommand } = await import(${JSON.stringify(at('command.mjs'))});
      await runAsCommand(() => start('sh', ['-c', ${JSON.stringify(FAMILY)}], { onLine: console.log }).exited);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const [chunk] = await once(parent.stdout, 'data');
    parent.kill('SIGINT');
    const [code] = await once(parent, 'exit');
    expect(code).toBe(130);
    await vi.waitFor(() => expect(pids(String(chunk)).map(alive)).toEqual([false, false]));
  });
});
