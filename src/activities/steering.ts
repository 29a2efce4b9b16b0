import type { Proof } from '../domain/approval.js';
import { decisionOf } from '../domain/decision.js';
import { proofByPrincipal } from '../domain/principal.js';
import { maySteer, type Operators, type SteeringAction, type SteeringVerdict } from '../domain/steering.js';
import { verifySteeringComment } from '../github/index.js';
import { commentOf, ownRun, unverified } from './approvals.js';
import type { At, CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import type { RunHistory, SentSignal } from './histories.js';
import { openProject } from './projects.js';

/** A comment older than this when its signal comes was meant for another day. */
export const commentCountsForMs = 3_600_000;

export function steeringActivities(deps: Dependencies): Pick<CoreActivities, 'verifySteering'> {
  return {
    verifySteering: async ({ action, nth, ...at }) =>
      await judgeSteering(deps, at, { action, nth, run: await ownRun(deps) }),
  };
}

export interface SteeringSignal {
  readonly action: SteeringAction;
  /** Which signal of its name in the run's history, from 0. */
  readonly nth: number;
  readonly run: RunHistory;
}

/** Whether one steering signal counts, and whose it is. */
export async function judgeSteering(
  deps: Dependencies,
  at: At,
  { action, nth, run }: SteeringSignal,
): Promise<SteeringVerdict> {
  const { grant } = await openProject(deps, at);
  const named = run.signals.filter(({ name }) => name === action);
  const signal = named[nth];
  if (signal === undefined) return maySteer(grant.operators, { id: `signal/${action}/${nth}` });
  const { id, reason, claimedBy } = messageOf(signal);
  const again = named.slice(0, nth).some((earlier) => messageOf(earlier).id === id);
  const proof = again
    ? { ...unknown, problem: 'the same comment again' }
    : await proofOf(deps, at, grant.operators, action, signal);
  return maySteer(grant.operators, {
    id,
    ...(reason !== undefined && { reason }),
    proof: claimedBy !== undefined && proof.by === 'none' ? { ...proof, person: claimedBy } : proof,
  });
}

const unknown: Proof = { by: 'none', person: 'somebody', allowed: false, isAuthor: false };

/** The payload is read as that of an answer: reason, comment and claimed name are hints by whoever sent it. */
export function messageOf({ payload, eventId: position, at }: SentSignal): ReturnType<typeof decisionOf> {
  return decisionOf('approve', '', payload, { position, at });
}

async function proofOf(
  deps: Dependencies,
  { source, project }: At,
  operators: Operators,
  action: SteeringAction,
  signal: SentSignal,
): Promise<Proof> {
  const message = messageOf(signal);
  const comment = commentOf(message);
  if (operators === 'anyone') return unverified(deps, message.claimedBy);
  if (comment !== undefined) {
    return await verifySteeringComment(deps.github, source.repository, comment, {
      action,
      project,
      operators,
      notBefore: signal.at - commentCountsForMs,
    });
  }
  return proofByPrincipal(signal.attested, { people: operators, authors: [], workers: deps.workers });
}
