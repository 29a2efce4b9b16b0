import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ApprovalRecord, bounded } from '../../src/domain/approval-record.js';
import { bundleOf, problemsOf } from '../../src/domain/bundle.js';
import { canonicalJson } from '../../src/domain/canonical.js';
import { approval as rule } from './fixtures.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const evidence = {
  project: 'diabetes',
  environment: 'production',
  commit: 'c',
  model: { name: 'diabetes', version: '1', hash: 'h' },
  codeHash: 'h',
  data: {},
  metrics: { AUC: 0.9 },
  target: { endpoint: 'e', deployment: 'd', deploymentHash: 'h' },
  rollout: '100 %',
};
const digest = hash(canonicalJson(evidence));
const code = hash(`run${digest}`).slice(0, 12);
const answer = (person: string) => ({
  ...{ id: person, answer: 'approve' as const, code, at: 5, counted: true },
  proof: { by: 'github' as const, person, allowed: true, isAuthor: false },
});
const approval: ApprovalRecord = {
  ...{ environment: 'production', code, digest, runId: 'run', evidence, rule, askedAt: 1, dropped: 0 },
  outcome: { kind: 'approved', by: ['ann', 'max'] },
  decisions: [answer('ann'), answer('max')],
};
const signed = (changed: Partial<ApprovalRecord>) =>
  bundleOf({ lifecycle: 'l', record: { approvals: [{ ...approval, ...changed }] }, report: '<p>' }, hash);

test('what was written is found whole', () => {
  expect(problemsOf(signed({}), hash)).toEqual([]);
});

test('whatever is changed afterwards shows', () => {
  const bundle = signed({});
  fc.assert(
    fc.property(fc.constantFrom('lifecycle', 'record', 'report'), fc.string(), (part, text) => {
      const changed = { ...bundle, [part]: part === 'record' ? { approvals: [], text } : `${text}!` };
      expect(problemsOf(changed, hash)).not.toEqual([]);
    }),
  );
});

test.each<[string, Partial<ApprovalRecord>, RegExp]>([
  ['other evidence', { evidence: { ...evidence, rollout: '1 %' } }, /evidence has the digest/],
  ['another run', { runId: 'other' }, /do not make this code/],
  ['too few people', { decisions: [answer('ann')] }, /its answers make it expired/],
])('a bundle whose hashes were made anew for %s does not fit itself', (_name, changed, problem) => {
  expect(problemsOf(signed(changed), hash).join()).toMatch(problem);
});

test('a flood of refusals is kept in part, whatever counted is kept', () => {
  const refused = Array.from({ length: 10_000 }, (_, index) => ({ ...answer(`${index}`), counted: false }));
  const { kept, dropped } = bounded([...refused, answer('ann')]);
  expect(kept).toHaveLength(101);
  expect(kept.at(-1)?.proof?.person).toBe('ann');
  expect(dropped).toBe(9_900);
});
