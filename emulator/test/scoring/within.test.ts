import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { expect, it } from 'vitest';
import { within } from '../../src/scoring/within.js';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

/** Ends only when the signal does. */
const endless = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });

it('ends work in time although garbage is collected meanwhile', async () => {
  const late = new Error('late');
  const ended = within(300, new AbortController().signal, late, endless).catch((error: unknown) => error);
  await sleep(20);
  collect();
  expect(await ended).toBe(late);
});

it('ends work that is over before', async () => {
  const over = new AbortController();
  const ended = within(60_000, over.signal, new Error('late'), endless).catch((error: unknown) => error);
  over.abort(new Error('over'));
  expect(await ended).toMatchObject({ message: 'over' });
});

it('gives what the work gave, and its error', async () => {
  const { signal } = new AbortController();
  expect(await within(60_000, signal, new Error('late'), () => Promise.resolve(1))).toBe(1);
  await expect(
    within(60_000, signal, new Error('late'), () => Promise.reject(new Error('own'))),
  ).rejects.toThrow('own');
});
