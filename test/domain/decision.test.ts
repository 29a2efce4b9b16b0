import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../src/domain/approval-rules.js';
import { decisionOf, unreadable } from '../../src/domain/decision.js';
import type { ApprovalRule } from '../../src/domain/project.js';

const rule: ApprovalRule = {
  approvers: [],
  required: 1,
  expiresMs: 1000,
  verify: ['principal'],
  allowAuthors: false,
};
const at = 1200;
const arrived = (payload: unknown) => decisionOf('approve', 'c0de', payload, { position: 3, at });

/** As if the best of proofs had come with it. */
function outcomeOf(payload: unknown): string {
  const proof = { by: 'principal', person: 'alice', allowed: true, isAuthor: false } as const;
  const question = { code: 'c0de', askedAt: 1000, now: 1500 };
  return decide(rule, [{ ...arrived(payload), proof }], question).outcome.kind;
}

describe('the payload of an answer', () => {
  test('is optional, and its expected parts are kept', () => {
    expect(arrived(undefined)).toEqual({ id: 'signal/3', answer: 'approve', code: 'c0de', at });
    expect(arrived({ reason: 'fine', comment_id: 7, unknown: [] })).toMatchObject({
      id: 'comment/7',
      reason: 'fine',
    });
    for (const payload of [undefined, null, {}, { reason: 'fine', by: 'alice' }])
      expect(outcomeOf(payload)).toBe('approved');
  });

  test('makes the answer void when it is malformed, whoever sent it', () => {
    for (const payload of [
      unreadable,
      '',
      'yes',
      true,
      0,
      [],
      new Uint8Array(2),
      { reason: {} },
      { review_id: 1.5 },
    ])
      expect(outcomeOf(payload)).toBe('pending');
    expect(outcomeOf({ reason: 'x'.repeat(5_000) })).toBe('pending');
  });

  test('of any shape throws nothing and stays small', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (payload) => {
        const decision = arrived(payload);
        expect(JSON.stringify(decision).length).toBeLessThan(2_000);
        expect(decision.id).toMatch(/^(signal|comment|review)\/\d+$/);
      }),
    );
  });
});
