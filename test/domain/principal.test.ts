import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attestation, proofByPrincipal } from '../../src/domain/principal.js';

const rule = { people: ['alice@example.com'], authors: ['bob@example.com'], workers: ['worker'] };
const honest: Attestation = {
  principal: { type: 'jwt', name: 'alice@example.com' },
  byWorkflow: false,
  reapplied: false,
  completedBy: ['worker'],
};

test('a person on the list, attested by the server, is proven', () => {
  expect(proofByPrincipal(honest, rule)).toEqual({
    by: 'principal',
    person: 'alice@example.com',
    allowed: true,
    isAuthor: false,
  });
});

test('authors are told apart, by login or e-mail address and whatever the case', () => {
  expect(proofByPrincipal(honest, { ...rule, authors: ['Alice@Example.com'] })).toMatchObject({
    allowed: true,
    isAuthor: true,
  });
});

describe('what proves nobody, and why', () => {
  const named = (type: string, name: string): Partial<Attestation> => ({ principal: { type, name } });
  test.each<[string, Partial<Attestation>, RegExp]>([
    ['a name of another case', named('jwt', 'Alice@example.com'), /none of alice@example.com/],
    ['a stranger', named('jwt', 'mallory'), /mallory is none of/],
    ['a batch or a schedule', named('temporal', 'internal'), /attested as temporal\/internal/],
    ['a token without a subject', named('jwt', ''), /`sub` is empty/],
    ['a signal of a workflow', { byWorkflow: true }, /sent by a workflow/],
    ['what a reset put there', { reapplied: true }, /reset/],
    ['a task that somebody else completed', { completedBy: ['worker', 'carol'] }, /completed by carol/],
    ['a task that nobody answers for', { completedBy: ['worker', ''] }, /somebody unattested/],
  ])('%s', (_name, changes, problem) => {
    const proof = proofByPrincipal({ ...honest, ...changes }, rule);
    expect(proof).toMatchObject({ allowed: false, problem: expect.stringMatching(problem) as string });
  });

  test('a server without an authorizer; says how to turn one on', () => {
    const { byWorkflow, completedBy, reapplied } = honest;
    expect(proofByPrincipal({ byWorkflow, completedBy, reapplied }, rule)).toMatchObject({
      allowed: false,
      person: 'somebody',
      problem: expect.stringMatching(/attests nobody.*enablePrincipalPropagation.*mlops doctor/) as string,
    });
  });

  test('anybody, while it is not known who the workers are', () => {
    expect(proofByPrincipal(honest, { ...rule, workers: [] })).toMatchObject({
      allowed: false,
      problem: expect.stringContaining('`workers` of policy.yml') as string,
    });
  });
});

test('nobody is ever allowed but an attested person of the list, in a run that only workers worked on', () => {
  const name = fc.constantFrom<string[]>(
    'alice@example.com',
    'ALICE@example.com',
    ' alice@example.com',
    'worker',
    '',
  );
  const attestation: fc.Arbitrary<Attestation> = fc
    .record({
      principal: fc.option(fc.record({ type: fc.constantFrom('jwt', 'temporal', ''), name })),
      byWorkflow: fc.boolean(),
      reapplied: fc.boolean(),
      completedBy: fc.array(name, { maxLength: 3 }),
    })
    .map(({ principal, ...rest }) => ({ ...rest, ...(principal !== null && { principal }) }));
  const list = fc.uniqueArray(name, { maxLength: 3 });
  fc.assert(
    fc.property(attestation, list, list, (attested, people, workers) => {
      const proof = proofByPrincipal(attested, { people, workers, authors: [] });
      if (!proof.allowed) {
        expect(proof.problem).toBeDefined();
        return;
      }
      expect(attested.principal?.type).toBe('jwt');
      expect(people).toContain(attested.principal?.name);
      expect(proof.person).toBe(attested.principal?.name);
      expect(attested.byWorkflow || attested.reapplied).toBe(false);
      expect(attested.completedBy.filter((worker) => !workers.includes(worker))).toEqual([]);
    }),
  );
});
