import { expect, test } from 'vitest';
import { EndedEarly, startedAgain } from '../../tools/local/started-again.js';

function failing(
  times: number,
  error: Error,
): { readonly starts: () => number; readonly start: () => Promise<string> } {
  let starts = 0;
  return {
    starts: () => starts,
    start() {
      starts += 1;
      return starts > times ? Promise.resolve('serves') : Promise.reject(error);
    },
  };
}

test('what ended before it served is started anew', async () => {
  const { start, starts } = failing(2, new EndedEarly('temporal', 'address already in use'));
  expect(await startedAgain(start)).toBe('serves');
  expect(starts()).toBe(3);
});

test('what ends each time fails with its own words', async () => {
  const { start } = failing(9, new EndedEarly('temporal', 'address already in use'));
  await expect(startedAgain(start)).rejects.toThrow(
    'temporal ended before it served: address already in use',
  );
});

test('other failures are not tried again', async () => {
  const { start, starts } = failing(9, new Error('wrong database'));
  await expect(startedAgain(start)).rejects.toThrow('wrong database');
  expect(starts()).toBe(1);
});
