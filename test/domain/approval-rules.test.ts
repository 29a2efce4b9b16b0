import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision, Proof } from '../../src/domain/approval.js';
import { decide } from '../../src/domain/approval-rules.js';
import type { ApprovalRule } from '../../src/domain/project.js';

const rule: ApprovalRule = {
  approvers: [],
  required: 1,
  expiresMs: 1000,
  verify: ['github', 'principal'],
  allowAuthors: false,
};
const question = { code: 'c0de', askedAt: 1000, now: 1500 };

function proof(person: string, changes: Partial<Proof> = {}): Proof {
  return { by: 'github', person, allowed: true, isAuthor: false, ...changes };
}

function decision(id: string, changes: Partial<Decision> = {}): Decision {
  return { id, answer: 'approve', code: 'c0de', at: 1200, proof: proof('alice'), ...changes };
}

const outcomeOf = (decisions: Decision[], changes: Partial<ApprovalRule> = {}, now = 1500): string =>
  decide({ ...rule, ...changes }, decisions, { ...question, now }).outcome.kind;

describe('what counts', () => {
  test('it starts as not approved', () => {
    expect(decide(rule, [], question).outcome).toEqual({ kind: 'pending', approvals: [], missing: 1 });
  });

  test('one proven, allowed person approves', () => {
    expect(decide(rule, [decision('1')], question).outcome).toEqual({ kind: 'approved', by: ['alice'] });
  });

  test('two people by different proofs make two', () => {
    const bob = decision('2', { proof: proof('bob@contoso.com', { by: 'principal' }) });
    expect(decide({ ...rule, required: 2 }, [decision('1'), bob], question).outcome).toEqual({
      kind: 'approved',
      by: ['alice', 'bob@contoso.com'],
    });
  });

  test('one rejection by an allowed person ends it, even after an approval of two', () => {
    const no = decision('2', { answer: 'reject', reason: 'biased', proof: proof('bob') });
    expect(
      decide(
        { ...rule, required: 2 },
        [decision('1'), no, decision('3', { proof: proof('carol') })],
        question,
      ),
    ).toMatchObject({
      outcome: { kind: 'rejected', by: 'bob', reason: 'biased' },
      record: [
        { counted: true },
        { counted: true },
        { counted: false, refusal: 'came after the decision (rejected)' },
      ],
    });
  });

  test('an author may stop the own work', () => {
    const no = decision('1', { answer: 'reject', proof: proof('alice', { isAuthor: true }) });
    expect(outcomeOf([no])).toBe('rejected');
  });

  test('an unverified answer stands for one approval by anyone', () => {
    const somebody = decision('1', { proof: proof('somebody', { by: 'none' }) });
    expect(outcomeOf([somebody], { verify: ['none'] })).toBe('approved');
    expect(outcomeOf([somebody], { verify: ['none'], approvers: ['somebody'] })).toBe('pending');
    expect(outcomeOf([somebody, { ...somebody, id: '2' }], { verify: ['none'], required: 2 })).toBe(
      'pending',
    );
  });
});

test('where several must reject, one person is one, and takes an approval back', () => {
  const two = { rejections: 2, required: 2 };
  const no = (id: string, person: string) => decision(id, { answer: 'reject', proof: proof(person) });
  expect(outcomeOf([no('1', 'bob'), no('2', 'BOB')], two)).toBe('pending');
  expect(outcomeOf([no('1', 'bob'), no('2', 'carol')], two)).toBe('rejected');
  const taken = [decision('1'), no('2', 'alice'), decision('3', { proof: proof('dave') }), decision('4')];
  expect(decide({ ...rule, ...two }, taken, question).outcome).toEqual({
    kind: 'pending',
    approvals: ['dave'],
    missing: 1,
  });
});

describe('what never counts, and why', () => {
  test.each<[string, Partial<Decision>, Partial<ApprovalRule>, RegExp]>([
    ['other evidence', { code: 'beef' }, {}, /^answers beef, asked is c0de$/],
    ['no proof', {}, {}, /nobody could prove/],
    [
      'a failed proof',
      { proof: proof('alice', { problem: 'the comment was edited' }) },
      {},
      /the comment was edited/,
    ],
    [
      'a proof that is not accepted',
      { proof: proof('alice', { by: 'none' }) },
      {},
      /is proven by none; this environment accepts github, principal/,
    ],
    [
      'a stranger',
      { proof: proof('mallory', { allowed: false }) },
      { approvers: ['alice'] },
      /mallory may not decide here; allowed: alice/,
    ],
    ['an author', { proof: proof('alice', { isAuthor: true }) }, {}, /alice wrote commits/],
    ['nobody', { proof: proof(' ') }, {}, /names nobody/],
    ['an answer from before the question', { at: 999 }, {}, /older than the question/],
    ['an answer at the expiry', { at: 2000 }, {}, /after the approval had expired/],
    ['an answer at no time', { at: Number.NaN }, {}, /older than the question/],
  ])('%s', (name, changes, ruleChanges, refusal) => {
    const given = decision('1', changes);
    const { id, answer, code, at } = given;
    const { outcome, record } = decide(
      { ...rule, ...ruleChanges },
      [name === 'no proof' ? { id, answer, code, at } : given],
      question,
    );
    expect(outcome.kind).toBe('pending');
    expect(record).toEqual([
      expect.objectContaining({ counted: false, refusal: expect.stringMatching(refusal) as string }),
    ]);
  });

  test('the same person twice, however written, and the same message twice', () => {
    const twice = [
      decision('1'),
      decision('2', { proof: proof('ALICE ') }),
      decision('1', { proof: proof('bob') }),
    ];
    const { outcome, record } = decide({ ...rule, required: 2 }, twice, question);
    expect(outcome).toEqual({ kind: 'pending', approvals: ['alice'], missing: 1 });
    expect(record.map(({ refusal }) => refusal)).toEqual([
      undefined,
      'ALICE  has approved already',
      'the same message again',
    ]);
  });

  test('an author whom only the caller knows', () => {
    expect(decide(rule, [decision('1')], { ...question, authors: ['Alice'] }).outcome.kind).toBe('pending');
  });

  test('expiry ends an open question, and does not undo a decision', () => {
    expect(outcomeOf([], {}, 2000)).toBe('expired');
    expect(outcomeOf([decision('1')], {}, 5000)).toBe('approved');
  });

  test.each([0, -1, Number.NaN])('a rule that asks for %s people does not approve by itself', (required) => {
    expect(outcomeOf([], { required })).toBe('pending');
  });
});

const people = ['alice', 'bob', 'carol', 'ALICE', ''];
const decisions = fc.array(
  fc.record(
    {
      id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
      answer: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'reject' as const),
      code: fc.constantFrom('c0de', 'c0de', 'c0de', 'beef'),
      at: fc.constantFrom(500, 1000, 1500, 1999, 2000, 9000),
      proof: fc.record(
        {
          by: fc.constantFrom('github' as const, 'principal' as const, 'none' as const),
          person: fc.constantFrom(...people),
          allowed: fc.boolean(),
          isAuthor: fc.boolean(),
          problem: fc.constant('edited'),
        },
        { requiredKeys: ['by', 'person', 'allowed', 'isAuthor'] },
      ),
    },
    { requiredKeys: ['id', 'answer', 'code', 'at'] },
  ),
  { maxLength: 12 },
) as fc.Arbitrary<Decision[]>;
const rules = fc.record({
  approvers: fc.constantFrom([], ['alice', 'bob']),
  required: fc.integer({ min: 0, max: 3 }),
  expiresMs: fc.constant(1000),
  verify: fc.subarray(['github', 'principal', 'none'] as const),
  allowAuthors: fc.boolean(),
});
const times = fc.constantFrom(1000, 1500, 2000, 99_999);

/** Written apart from the code under test: who could possibly have approved. */
function valid(given: ApprovalRule, { code, at, answer, proof: shown }: Decision): boolean {
  if (answer !== 'approve' || code !== 'c0de' || at < 1000 || at >= 2000 || shown === undefined) return false;
  if (
    shown.problem !== undefined ||
    !shown.allowed ||
    shown.person === '' ||
    !given.verify.includes(shown.by)
  )
    return false;
  return given.allowAuthors || !shown.isAuthor;
}

describe('properties', () => {
  test('nothing is approved without enough distinct, allowed, verified, fresh people', () => {
    fc.assert(
      fc.property(rules, decisions, times, (given, all, now) => {
        const { outcome } = decide(given, all, { ...question, now });
        if (outcome.kind !== 'approved') return;
        const distinct = new Set(
          all.filter((one) => valid(given, one)).map(({ proof: shown }) => shown?.person.toLowerCase()),
        );
        expect(distinct.size).toBeGreaterThanOrEqual(Math.max(1, given.required));
        expect(new Set(outcome.by.map((name) => name.toLowerCase())).size).toBe(outcome.by.length);
      }),
      { numRuns: 1000 },
    );
  });

  test('what was refused changes nothing: without it the outcome is the same', () => {
    fc.assert(
      fc.property(rules, decisions, times, (given, all, now) => {
        const whole = decide(given, all, { ...question, now });
        const counted = all.filter((_, index) => whole.record[index]?.counted);
        expect(decide(given, counted, { ...question, now }).outcome).toEqual(whole.outcome);
        expect(whole.record).toHaveLength(all.length);
      }),
      { numRuns: 500 },
    );
  });

  test('time alone never approves, and a decision stays', () => {
    fc.assert(
      fc.property(rules, decisions, times, times, decisions, (given, all, a, b, more) => {
        const first = decide(given, all, { ...question, now: Math.min(a, b) }).outcome;
        const later = decide(given, all, { ...question, now: Math.max(a, b) }).outcome;
        if (first.kind === 'pending') expect(['pending', 'expired']).toContain(later.kind);
        if (first.kind === 'approved' || first.kind === 'rejected') {
          expect(decide(given, [...all, ...more], { ...question, now: b }).outcome).toEqual(first);
        }
      }),
      { numRuns: 500 },
    );
  });
});
