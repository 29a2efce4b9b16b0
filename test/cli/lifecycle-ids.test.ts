import { expect, test } from 'vitest';
import { matchLifecycle } from '../../src/cli/lifecycle-ids.js';

const known = [
  'mlops/acme.models/diabetes/bbbbbbbbbbbb/retry/1',
  'mlops/acme.models/diabetes/bbbbbbbbbbbb',
  'mlops/acme.models/diabetes/aaaaaaaaaaaa',
  'mlops/acme.models/churn/cccccccccccc',
  'mlops/acme.models/shared/aaaaaaaaaaaa',
  'mlops/other.repo/shared/dddddddddddd',
].map((id) => ({ id }));

const idOf = (text: string): unknown => {
  const found = matchLifecycle(text, known);
  if (found.kind === 'one') return found.match.id;
  return found.kind === 'several' ? found.matches.map(({ id }) => id) : undefined;
};

test('a whole id is itself, also where others begin with it', () => {
  expect(idOf('mlops/acme.models/diabetes/bbbbbbbbbbbb')).toBe('mlops/acme.models/diabetes/bbbbbbbbbbbb');
});

test('a project is its newest lifecycle', () => {
  expect(idOf('diabetes')).toBe('mlops/acme.models/diabetes/bbbbbbbbbbbb/retry/1');
});

test('a commit is its newest lifecycle, by its first digits or all of them', () => {
  expect(idOf('diabetes/aaaa')).toBe('mlops/acme.models/diabetes/aaaaaaaaaaaa');
  expect(idOf('cccc')).toBe('mlops/acme.models/churn/cccccccccccc');
  expect(idOf('c'.repeat(40))).toBe('mlops/acme.models/churn/cccccccccccc');
  expect(idOf('diabetes/bbbb')).toBe('mlops/acme.models/diabetes/bbbbbbbbbbbb/retry/1');
});

test('any run of the parts will do', () => {
  expect(idOf('bbbbbbbbbbbb/retry/1')).toBe('mlops/acme.models/diabetes/bbbbbbbbbbbb/retry/1');
  expect(idOf('other.repo/shared')).toBe('mlops/other.repo/shared/dddddddddddd');
});

test('two projects or commits are ambiguous', () => {
  expect(idOf('aaaaaaaaaaaa')).toEqual([
    'mlops/acme.models/diabetes/aaaaaaaaaaaa',
    'mlops/acme.models/shared/aaaaaaaaaaaa',
  ]);
  expect(idOf('shared')).toHaveLength(2);
});

test('the middle of a name fits nothing', () => {
  expect(idOf('iabetes')).toBeUndefined();
  expect(idOf('diabetes/ffff')).toBeUndefined();
});
