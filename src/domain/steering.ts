import type { Proof } from './approval.js';
import type { Verification } from './project.js';

/**
 * What each steering message needs. Safer ones only stop or go back, so one verified operator is enough. Riskier
 * ones change what the approvers agreed to: they make new evidence, and it has to be approved again.
 */
export const steeringNeeds = {
  pause: 'operator',
  hold: 'operator',
  abort: 'operator',
  rollback: 'operator',
  skip: 'approval',
  plan: 'approval',
  resume: 'approval',
  queue_jump: 'approval',
  retire: 'approval',
} as const satisfies Readonly<Record<string, 'operator' | 'approval'>>;

export type SteeringAction = keyof typeof steeringNeeds;

/** What an endpoint's log says of a message that it has followed. */
export const steeringDone: Readonly<Record<SteeringAction, string>> = {
  pause: 'paused',
  hold: 'held',
  abort: 'abort',
  rollback: 'rollback',
  skip: 'skipped the step',
  plan: 'changed the plan',
  resume: 'resumed',
  queue_jump: 'moved a release to the front',
  retire: 'retires the endpoint',
};

/** Who may steer: people by name; `anyone` names nobody and is for local use. */
export type Operators = readonly string[] | 'anyone';

/** Whether one steering message counts, and whose it is. */
export interface SteeringVerdict {
  readonly allowed: boolean;
  /** Login or principal; `somebody` where nobody is proven. */
  readonly by: string;
  readonly verified: Verification;
  /** Deduplicates: the comment's id, else the signal's event. */
  readonly id: string;
  readonly reason?: string;
  /** Why it does not count. */
  readonly problem?: string;
}

export interface SteeringMessage {
  readonly id: string;
  readonly reason?: string;
  readonly proof?: Proof;
}

/** Not allowed is where it starts; only a proven operator changes that. Authors of the commit may steer. */
export function maySteer(operators: Operators, { id, reason, proof }: SteeringMessage): SteeringVerdict {
  const problem = refusalOf(operators, proof);
  return {
    allowed: problem === undefined,
    by: proof?.person ?? 'somebody',
    verified: proof?.by ?? 'none',
    id,
    ...(reason !== undefined && { reason }),
    ...(problem !== undefined && { problem }),
  };
}

function refusalOf(operators: Operators, proof: Proof | undefined): string | undefined {
  if (operators !== 'anyone' && operators.length === 0) {
    return 'policy.yml names no operators for this project, so nobody may steer it: add `operators`';
  }
  if (proof === undefined) return 'nobody could prove who sent it';
  if (proof.problem !== undefined) return proof.problem;
  if (proof.by === 'none' && operators !== 'anyone') return 'a plain signal names nobody; operators do';
  if (proof.person.trim() === '') return 'names nobody';
  if (!proof.allowed) return `${proof.person} is no operator of this project`;
  return undefined;
}
