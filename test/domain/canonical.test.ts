import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Evidence } from '../../src/domain/approval.js';
import { canonicalJson, evidenceText } from '../../src/domain/canonical.js';

const evidence: Evidence = {
  project: 'diabetes',
  environment: 'production',
  commit: '0123456789abcdef',
  model: { name: 'diabetes', version: '3', hash: 'abc' },
  codeHash: 'def',
  data: { train: 'diabetes-train:3' },
  metrics: { accuracy: 0.8, AUC: 0.86123 },
  target: { endpoint: '/subscriptions/x', deployment: 'd-1', deploymentHash: '123' },
  rollout: '10 % 10m → 100 %',
};

test('RFC 8785’s own example', () => {
  const value = {
    numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000F\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('the order of keys does not matter, and the text is the value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ unit: 'grapheme' }),
        fc.oneof(fc.integer(), fc.string({ unit: 'grapheme' }), fc.boolean()),
      ),
      (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

test.each([[Number.NaN], [{ a: [Number.POSITIVE_INFINITY] }], [undefined], ['\ud800']])(
  '%s has no canonical form',
  (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  },
);

test('people read one table', () => {
  const text = evidenceText(evidence);
  expect(text).toContain('| project | diabetes → production |');
  expect(text).toContain('| metrics | AUC 0.8612, accuracy 0.8 |');
  expect(text).toContain('| data | train: `diabetes-train:3` |');
  expect(text).not.toContain('costs by');
});

test('people read what the deployment costs by', () => {
  const target = { ...evidence.target, costs: { instance_type: 'Standard_DS3_v2', instance_count: '2' } };
  expect(evidenceText({ ...evidence, target })).toContain(
    '| costs by | instance_count `2`, instance_type `Standard_DS3_v2` |',
  );
});

test('names that a commit chose cannot add rows, links or mentions', () => {
  const text = evidenceText({
    ...evidence,
    metrics: { 'x |\n| model | fake': 1, '[a](http://b) @all <img>': 2 },
  });
  expect(text.split('\n')).toHaveLength(11);
  for (const raw of [' | model | fake', '@all', '<img', ' [a]']) expect(text).not.toContain(raw);
});
