import { expect, test } from 'vitest';
import { formatMs, formatNumber, formatPair, nearest } from '../../src/domain/text.js';

test.each([
  [0, '0s'],
  [200, '200ms'],
  [90_000, '1m 30s'],
  [600_000, '10m'],
  [3_900_000, '1h 5m'],
  [72 * 3_600_000, '72h'],
  [4 * 86_400_000, '4d'],
])('%d ms is %s', (milliseconds, text) => {
  expect(formatMs(milliseconds)).toBe(text);
});

test('numbers keep what tells them apart', () => {
  expect(formatNumber(0.861234)).toBe('0.8612');
  expect(formatNumber(1234567)).toBe('1235000');
  expect(formatPair(0.12345, 0.12346)).toEqual(['0.12345', '0.12346']);
});

test('a guess is near or none', () => {
  expect(nearest('metrik', ['metric', 'goal'])).toBe('metric');
  expect(nearest('AUC', ['auc', 'accuracy'])).toBe('auc');
  expect(nearest('x', ['ab', 'cd'])).toBeUndefined();
});
