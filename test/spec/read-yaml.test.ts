import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy, parseProject } from '../../src/spec/index.js';
import { mistakesIn } from './fixtures.js';

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g'].map((key, index) => {
    const before = 'abcdef'.charAt(index);
    return `${key}: &${key} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}]`;
  }),
].join('\n');

describe('what is not plain YAML', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['a tab', 'train:\n\tjob: a.yml\n', /^mlops\.yaml:2:1 {2}a tab is used for indentation/],
    ['a key twice', 'train: a.yml\ntrain: b.yml\n', /^mlops\.yaml:2:1 {2}this key is there twice/],
    ['broken syntax', 'train: [a.yml\n', /^mlops\.yaml:\d+:\d+ {2}not valid YAML/],
    ['two documents', 'train: a.yml\n---\ntrain: b.yml\n', /several documents/],
    ['UTF-16', Buffer.from('\uFEFFtrain: a.yml', 'utf16le'), /not UTF-8; save it as UTF-8/],
    ['Latin-1', Uint8Array.from([0x6e, 0x61, 0x6d, 0x65, 0x3a, 0x20, 0xe4]), /not UTF-8/],
    ['text decoded wrongly', 'train: a.yml\nname: J\uFFFDrg\n', /^mlops\.yaml:2:8 {2}the file is not UTF-8/],
    ['an alias bomb', bomb, /more than 100 aliases/],
    ['an alias of itself', 'train: &a {job: *a}\n', /nested deeper|more than|points to nothing/],
    ['deep nesting', `train: ${'['.repeat(60)}${']'.repeat(60)}\n`, /nested deeper than 40 levels/],
    ['a huge file', `# ${'x'.repeat(1_000_001)}\ntrain: a.yml\n`, /at most 1000000/],
    ['a map as key', '? {a: b}\n: c\n', /a key must be plain text/],
  ])('%s is one clear mistake', (_, text, expected) => {
    expect(mistakesIn(text).join('\n')).toMatch(expected);
  });

  test('an honest anchor is understood, and its mistakes are at the alias’s value', () => {
    const text = 'train:\n  candidates:\n    a: &job {job: a.yml}\n    b: *job\ngate: AUC > 0.5\n';
    const result = parseProject(text, { file: 'mlops.yaml', defaultName: 'demo' });
    expect(result).toMatchObject({
      ok: true,
      project: { candidates: [{ name: 'a' }, { name: 'b', job: { file: 'a.yml' } }] },
    });
  });
});

test('whatever is written, reading ends in a result and every mistake has a line', () => {
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('t.yml', 'AUC > 0.5', '10m', 'always', 'none', 'a'),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'train',
          'gate',
          'environments',
          'a',
          'b',
          'extends',
          'set',
          'rollout',
          'steps',
          'approval',
          'candidates',
          'job',
          'projects',
          'workspaces',
        ),
        tie('tree'),
        { maxKeys: 5 },
      ),
    ),
  })).tree;
  fc.assert(
    fc.property(value, (content) => {
      const text = JSON.stringify(content);
      const project = parseProject(text, { file: 'mlops.yaml', defaultName: 'demo' });
      const policy = parsePolicy(text, { file: 'policy.yml' });
      for (const result of [project, policy]) {
        if (result.ok) continue;
        expect(result.mistakes.length).toBeGreaterThan(0);
        expect(result.mistakes.filter(({ line }) => line === undefined)).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});
