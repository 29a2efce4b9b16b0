import type { Proof } from './approval.js';

/** Who sent a signal, and who worked on the run that received it, as the server wrote it into the history. */
export interface Attestation {
  /** Computed by the server from the caller's token; absent where it attests nobody. */
  readonly principal?: Principal;
  /** Sent by another workflow: whoever happened to be served at that moment may stand in `principal`. */
  readonly byWorkflow: boolean;
  /** Put into this run by a reset, which stamps everything with the person who reset. */
  readonly reapplied: boolean;
  /** Names of everybody who completed tasks of this run; empty text for one whom the server did not attest. */
  readonly completedBy: readonly string[];
}

export interface Principal {
  readonly type: string;
  readonly name: string;
}

export interface PrincipalRule {
  /** Who may act; teams of GitHub name no principal. */
  readonly people: readonly string[];
  /** Logins and e-mail addresses of the commits' authors. */
  readonly authors: readonly string[];
  /** Principals of the workers. */
  readonly workers: readonly string[];
}

/** How to make a server attest its callers; docs/operations.md has the whole of it. */
export const turnOnPrincipals =
  'a server from 1.31 on with a JWT authorizer and frontend.enablePrincipalPropagation does (docs/operations.md, Verified principals; `mlops doctor` checks it)';

/**
 * Proves by the server's own word who sent a signal. Every way in which that word is known to go wrong (a reset, a
 * signal of another workflow, a task completed by somebody who is no worker) is a `problem`, and so is silence.
 */
export function proofByPrincipal(attested: Attestation, rule: PrincipalRule): Proof {
  const person = attested.principal?.name ?? '';
  const problem = problemOf(attested, rule);
  return {
    by: 'principal',
    person: person === '' ? 'somebody' : person,
    allowed: problem === undefined,
    isAuthor: rule.authors.some((author) => author.toLowerCase() === person.toLowerCase()),
    ...(problem !== undefined && { problem }),
  };
}

function problemOf(
  { principal, byWorkflow, reapplied, completedBy }: Attestation,
  { people, workers }: PrincipalRule,
): string | undefined {
  if (byWorkflow) return 'was sent by a workflow, not by a person';
  if (reapplied)
    return 'was put here again by a reset, which makes it look sent by whoever reset: send it again';
  if (principal === undefined) return `the Temporal server attests nobody: ${turnOnPrincipals}`;
  if (principal.type !== 'jwt')
    return `is attested as ${principal.type}/${principal.name}, not as a person (jwt)`;
  if (principal.name === '') return 'the token names nobody (its `sub` is empty)';
  if (workers.length === 0) {
    return 'which principals the workers have is not known, so a task that somebody else completed would not show: name them in `workers` of policy.yml';
  }
  const strangers = [...new Set(completedBy.filter((name) => !workers.includes(name)))];
  if (strangers.length > 0) {
    const names = strangers.map((name) => (name === '' ? 'somebody unattested' : name)).join(', ');
    return `tasks of this workflow were completed by ${names}, not only by the workers (${workers.join(', ')}): nothing in it can be trusted`;
  }
  if (!people.includes(principal.name)) return `${principal.name} is none of ${listed(people)}`;
  return undefined;
}

function listed(people: readonly string[]): string {
  return people.length === 0
    ? 'the approvers: the list is empty, and a principal must stand on it'
    : people.join(', ');
}
