import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Proof } from '../../src/domain/approval.js';
import { maySteer, steeringNeeds } from '../../src/domain/steering.js';

const alice: Proof = { by: 'github', person: 'alice', allowed: true, isAuthor: true };

test('safer messages need an operator, riskier ones the approval again', () => {
  const needing = (need: string): string[] =>
    Object.entries(steeringNeeds).flatMap(([action, needs]) => (needs === need ? [action] : []));
  expect(needing('operator')).toEqual(['pause', 'hold', 'abort', 'rollback']);
  expect(needing('approval')).toEqual(['skip', 'plan', 'resume', 'queue_jump', 'retire']);
});

test('a proven operator steers, also the own commit', () => {
  expect(maySteer(['alice'], { id: '1', reason: 'slow', proof: alice })).toEqual({
    allowed: true,
    by: 'alice',
    verified: 'github',
    id: '1',
    reason: 'slow',
  });
});

test.each([
  ['where nobody is an operator', [], alice, /names no operators/],
  ['unproven', ['alice'], undefined, /nobody could prove/],
  ['unverified', ['alice'], { ...alice, by: 'none' as const }, /names nobody/],
  ['not on the list', ['bob'], { ...alice, allowed: false }, /alice is no operator/],
  ['with a failed proof', ['alice'], { ...alice, problem: 'was edited' }, /was edited/],
])('%s it does not count', (_name, operators, proof, problem) => {
  const verdict = maySteer(operators, { id: '1', ...(proof !== undefined && { proof }) });
  expect(verdict).toMatchObject({ allowed: false, problem: expect.stringMatching(problem) as string });
});

test('in local use anybody steers, and is shown as unverified', () => {
  const somebody: Proof = { by: 'none', person: 'somebody', allowed: true, isAuthor: false };
  expect(maySteer('anyone', { id: '1', proof: somebody })).toMatchObject({ allowed: true, verified: 'none' });
});

test('nobody steers without a proof that allows it', () => {
  const proof = fc.record(
    {
      by: fc.constantFrom('github' as const, 'principal' as const, 'none' as const),
      person: fc.constantFrom('alice', '', ' '),
      allowed: fc.boolean(),
      isAuthor: fc.boolean(),
      problem: fc.constant('broken'),
    },
    { requiredKeys: ['by', 'person', 'allowed', 'isAuthor'] },
  );
  const operators = fc.oneof(fc.constant('anyone' as const), fc.subarray(['alice', 'bob']));
  fc.assert(
    fc.property(operators, fc.option(proof), (who, given) => {
      const verdict = maySteer(who, { id: '1', ...(given !== null && { proof: given }) });
      const may =
        given?.allowed === true &&
        given.problem === undefined &&
        given.person.trim() !== '' &&
        (who === 'anyone' || (who.length > 0 && given.by !== 'none'));
      expect(verdict.allowed).toBe(may);
    }),
  );
});
