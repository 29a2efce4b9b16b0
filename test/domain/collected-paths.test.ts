import { describe, expect, test } from 'vitest';
import { dayFolders, isCollectedWithin } from '../../src/domain/collected-paths.js';

const at = (text: string): number => Date.parse(`${text}Z`);
const window = { fromMs: at('2026-02-27T23:30:00'), toMs: at('2026-03-01T01:00:00') };

describe('folders of the data collector', () => {
  test('a window touches every day from its first to its last moment', () => {
    expect(dayFolders(window)).toEqual(['2026/02/27', '2026/02/28', '2026/03/01']);
    expect(dayFolders({ fromMs: window.fromMs, toMs: window.fromMs + 1 })).toEqual(['2026/02/27']);
  });

  test.each([
    ['2026/02/27/22', false],
    ['2026/02/27/23', true],
    ['2026/02/28/12', true],
    ['2026/03/01/00', true],
    ['2026/03/01/01', false],
  ])('the hour %s counts: %s', (hour, counts) => {
    expect(isCollectedWithin(`e/blue/model_inputs/${hour}/worker.jsonl`, window)).toBe(counts);
  });

  test.each([
    'e/blue/model_inputs/2026/02/28/worker.jsonl',
    'e/blue/model_inputs/2026/02/28/12/worker.txt',
    '',
  ])('other files are none of it: %j', (path) => {
    expect(isCollectedWithin(path, window)).toBe(false);
  });
});
