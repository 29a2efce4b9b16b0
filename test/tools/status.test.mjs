import { describe, expect, it } from 'vitest';
import { createBoard, elapsed } from '../../tools/prepare/status.mjs';

function recorder(isTTY = false) {
  /** @type {string[]} */
  const written = [];
  return { isTTY, columns: 40, written, write: (/** @type {string} */ text) => written.push(text) };
}

describe('status board', () => {
  it('prints a line when a part begins and when it ends', async () => {
    const out = recorder();
    const board = createBoard(out);
    await board.part('build', (report) => Promise.resolve(report.step('compiling')));
    board.close();
    expect(out.written).toEqual(['… build: compiling (0 s)\n', '✓ build: ready (0 s)\n']);
  });

  it('says nothing of a part that has nothing to do', async () => {
    const out = recorder();
    const board = createBoard(out);
    expect(await board.part('build', () => Promise.resolve(7))).toBe(7);
    board.close();
    expect(out.written).toEqual([]);
  });

  it('marks a part that failed and passes the error on', async () => {
    const out = recorder();
    const board = createBoard(out);
    const failing = board.part('temporal', (report) => {
      report.step('compiling');
      return Promise.reject(new Error('no compiler'));
    });
    await expect(failing).rejects.toThrow('no compiler');
    board.close();
    expect(out.written.at(-1)).toBe('✗ temporal: failed (0 s)\n');
  });

  it('redraws on a terminal, within its width', async () => {
    const out = recorder(true);
    const board = createBoard(out);
    await board.part('python', (report) => Promise.resolve(report.step('x'.repeat(100))));
    board.close();
    expect(out.written[1]?.startsWith('\x1b[1A\x1b[2K✓ python: ready')).toBe(true);
    expect(out.written[0]?.trimEnd().length).toBeLessThanOrEqual(40 + '\x1b[2K'.length);
  });

  it.each([
    [400, '0 s'],
    [59_000, '59 s'],
    [200_000, '3 min 20 s'],
  ])('says %d ms as %s', (ms, text) => {
    expect(elapsed(ms)).toBe(text);
  });
});
