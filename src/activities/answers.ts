import type { Answer, Decision } from '../domain/approval.js';
import { decisionOf } from '../domain/decision.js';
import type { Attestation } from '../domain/principal.js';
import { approvePrefix, rejectPrefix } from '../workflows/messages.js';
import type { Activities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';
import { readRun, type RunHistory } from './histories.js';

/** An answer with the server's word on who sent it. */
export interface AttestedDecision {
  readonly decision: Decision;
  readonly attested: Attestation;
}

/** A question's answers, and since when it could be answered. Milliseconds since the epoch. */
export interface Answers {
  readonly askedAt: number;
  readonly decisions: readonly AttestedDecision[];
}

/** Whose history holds a question. */
export interface Asker {
  readonly workflowId: string;
  readonly runId: string;
  /** What it has to be. */
  readonly workflowType: string;
  /** When it was asked, where its history does not tell. Milliseconds since the epoch. */
  readonly requestedAt: number;
}

/**
 * Reads from the asker's own history, as the server holds it, who answered the question `code` and when. It could be
 * answered from when its evidence was collected.
 */
export async function readAnswers({ temporal }: Dependencies, asker: Asker, code: string): Promise<Answers> {
  const run = await readRun(temporal, asker.workflowId, asker.runId);
  if (run.workflowType !== asker.workflowType) {
    throw new NotAllowed([
      {
        code: 'NotApproved',
        message: `${asker.workflowId} is no ${asker.workflowType} but a ${run.workflowType}: its signals approve nothing`,
      },
    ]);
  }
  const decisions = answersIn(run, code);
  return { askedAt: askedAt(run, asker, code), decisions };
}

/** Every answer to the question `code`, in the order in which the server took them. */
export function answersIn({ signals }: RunHistory, code: string): AttestedDecision[] {
  return signals.flatMap(({ name, eventId, at, payload, attested }) => {
    const answer = answerOf(name, code);
    if (answer === undefined) return [];
    return [{ decision: decisionOf(answer, code, payload, { position: eventId, at }), attested }];
  });
}

/** The last collection of evidence before the first answer. */
function askedAt(run: RunHistory, { requestedAt }: Asker, code: string): number {
  const first = run.signals.find(({ name }) => answerOf(name, code) !== undefined)?.eventId ?? Infinity;
  const collected = run.scheduledAt('collectEvidence' satisfies keyof Activities);
  return collected.findLast(({ eventId }) => eventId < first)?.at ?? requestedAt;
}

function answerOf(signal: string, code: string): Answer | undefined {
  if (signal === `${approvePrefix}${code}`) return 'approve';
  return signal === `${rejectPrefix}${code}` ? 'reject' : undefined;
}
