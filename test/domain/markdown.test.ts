import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columns, inCode, markdownLink, plain } from '../../src/domain/markdown.js';

test('text of users draws neither links nor tags, names nobody and stays in its line', () => {
  expect(plain('[x](http://evil) <b>\n# @octocat | **y**')).toBe(
    '\\[x\\](http://evil) &lt;b&gt; #\u200b @\u200boctocat \\| \\*\\*y\\*\\*',
  );
  expect(markdownLink('a](b', 'https://ml.azure.com/x(y)?a=b|c')).toBe(
    '[a\\](b](https://ml.azure.com/x%28y%29?a=b%7cc)',
  );
  expect(markdownLink('job', 'javascript:alert(1)')).toBe('job');
});

test('columns are aligned and as many lines as rows, whatever is in them', () => {
  expect(
    columns([
      ['AUC', '0.9'],
      ['accuracy', '0.81', 'x'],
    ]),
  ).toBe('```text\nAUC       0.9\naccuracy  0.81  x\n```');
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 })), (rows) => {
      const lines = columns(rows).split('\n');
      expect(lines).toHaveLength(rows.length + 2);
      for (const line of lines.slice(1, -1)) expect(line).not.toContain('`');
    }),
  );
  expect(inCode('a`b\nc')).toBe("`a'b c`");
});
