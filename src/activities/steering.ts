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

export function steeringActivities(
  deps: Dependencies,
): Pick<CoreActivities, 'verifySteering' | 'proveSteering'> {
  return {
    verifySteering: async ({ action, nth, ...at }) =>
      await judgeSteering(deps, at, { action, nth, run: await ownRun(deps) }),
    proveSteering: async ({ messages, ...at }) => {
      const run = await ownRun(deps);
      const { grant } = await openProject(deps, at);
      return await judgeTogether(deps, at, grant.operators, messages, run);
    },
  };
}

/** Each comment is a question to GitHub; signals can name any number of them. */
export const mostComments = 20;

/** The same of signals that came together. */
export async function judgeTogether(
  deps: Dependencies,
  at: At,
  operators: Operators,
  messages: readonly Omit<SteeringSignal, 'run'>[],
  run: RunHistory,
): Promise<SteeringVerdict[]> {
  const byName = new Map<string, SentSignal[]>();
  for (const { action } of messages)
    if (!byName.has(action))
      byName.set(
        action,
        run.signals.filter(({ name }) => name === action),
      );
  let comments = 0;
  return await Promise.all(
    messages.map(async ({ action, nth }) => {
      const named = byName.get(action) ?? [];
      const signal = named[nth];
      const asksGitHub = signal !== undefined && commentOf(messageOf(signal)) !== undefined;
      if (asksGitHub && (comments += 1) > mostComments) {
        const problem = `more than ${mostComments} comments at once, write it again`;
        return maySteer(operators, { id: messageOf(signal).id, proof: { ...unknown, problem } });
      }
      return await judge(deps, at, operators, { action, nth, named });
    }),
  );
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
  return await judge(deps, at, grant.operators, { action, nth, named });
}

async function judge(
  deps: Dependencies,
  at: At,
  operators: Operators,
  { action, nth, named }: Omit<SteeringSignal, 'run'> & { readonly named: readonly SentSignal[] },
): Promise<SteeringVerdict> {
  const signal = named[nth];
  if (signal === undefined) return maySteer(operators, { id: `signal/${action}/${nth}` });
  const { id, reason, claimedBy } = messageOf(signal);
  const proof = isRepeated(named, nth)
    ? { ...unknown, problem: 'the same comment again' }
    : await proofOf(deps, at, operators, action, signal);
  return maySteer(operators, {
    id,
    ...(reason !== undefined && { reason }),
    proof: claimedBy !== undefined && proof.by === 'none' ? { ...proof, person: claimedBy } : proof,
  });
}

function isRepeated(named: readonly SentSignal[], nth: number): boolean {
  const comments = named.slice(0, nth + 1).map((signal) => commentOf(messageOf(signal)));
  const comment = comments.at(-1);
  return comment !== undefined && comments.indexOf(comment) < nth;
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
