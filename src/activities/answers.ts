import { defaultPayloadConverter } from '@temporalio/common';
import type { Answer, Decision } from '../domain/approval.js';
import type { Release } from '../domain/release.js';
import { decisionOf } from '../domain/decision.js';
import { approvePrefix, rejectPrefix, workflowTypes } from '../workflows/messages.js';
import type { Activities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { NotAllowed } from './errors.js';

/** A question's answers, and since when it could be answered. Milliseconds since the epoch. */
export interface Answers {
  readonly askedAt: number;
  readonly decisions: Decision[];
}

/**
 * Reads from a lifecycle's own history, as the server holds it, who answered the question `code` and when. It could
 * be answered from when its evidence was collected.
 */
export async function readAnswers(
  { temporal }: Dependencies,
  release: Release,
  code: string,
): Promise<Answers> {
  const handle = temporal.workflow.getHandle(release.lifecycleId, release.lifecycleRunId);
  const { events } = await handle.fetchHistory();
  const type = events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name;
  if (type !== workflowTypes.lifecycle) {
    throw new NotAllowed([
      {
        code: 'NotApproved',
        message: `${release.lifecycleId} is no lifecycle but a ${type ?? 'nothing'}: its signals approve nothing`,
      },
    ]);
  }
  const decisions: Decision[] = [];
  let askedAt = release.requestedAt;
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name;
    const asked = scheduled === ('collectEvidence' satisfies keyof Activities);
    if (asked && decisions.length === 0) askedAt = millis(event.eventTime);
    const signal = event.workflowExecutionSignaledEventAttributes;
    const answer = answerOf(signal?.signalName ?? '', code);
    if (answer === undefined || signal === undefined || signal === null) continue;
    const payload = decode(signal.input?.payloads?.[0]);
    decisions.push(
      decisionOf(answer, code, payload, { position: decisions.length, at: millis(event.eventTime) }),
    );
  }
  return { askedAt, decisions };
}

function answerOf(signal: string, code: string): Answer | undefined {
  if (signal === `${approvePrefix}${code}`) return 'approve';
  return signal === `${rejectPrefix}${code}` ? 'reject' : undefined;
}

/** A payload that cannot be read is none: it was optional. */
function decode(payload: Parameters<typeof defaultPayloadConverter.fromPayload>[0] | undefined): unknown {
  if (payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined;
  }
}

function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
}
