import { expect, test } from 'vitest';
import { reachOf, type ReachRules } from '../../src/domain/reach.js';

const rules: ReachRules = {
  pull_request: 'plan',
  'feature/**': 'train',
  'feature/live': 'production',
  main: 'production',
};

test.each<[ReachRules | undefined, string, string | undefined]>([
  [undefined, 'refs/heads/main', 'production'],
  [undefined, 'refs/heads/topic', undefined],
  [undefined, 'refs/pull/7/merge', 'plan'],
  [rules, 'refs/heads/feature/a/b', 'train'],
  [rules, 'refs/heads/feature/live', 'production'],
  [rules, 'refs/heads/pull_request', undefined],
  [rules, 'refs/tags/main', undefined],
  [{ main: 'train' }, 'refs/pull/7/merge', undefined],
])('%o on %s: %s', (on, ref, reach) => {
  expect(reachOf(on, ref, 'main')).toBe(reach);
});
