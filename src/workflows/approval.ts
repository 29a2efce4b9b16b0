import { condition, defineSignal, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type {
  Answer,
  ApprovalOutcome,
  Decision,
  EvidenceDigest,
  RecordedDecision,
} from '../domain/approval.js';
import { type ApprovalRecord, bounded } from '../domain/approval-record.js';
import { decide } from '../domain/approval-rules.js';
import { approversAt, type Due, dueAt } from '../domain/approval-times.js';
import type { ChampionScore } from '../domain/evaluation.js';
import { decisionOf } from '../domain/decision.js';
import type { ApprovalRule } from '../domain/project.js';
import { approvePrefix, type DecisionPayload, type PendingApproval, rejectPrefix } from './messages.js';

/** What the gate needs from the workflow that it stands in. */
export interface ApprovalRequest {
  readonly environment: string;
  readonly evidence: EvidenceDigest;
  readonly rule: ApprovalRule;
  /** When an earlier run first asked for this evidence: being asked anew gives nobody more time. */
  readonly since?: number;
  /** What serves there now. */
  readonly champion?: ChampionScore;
  /** Proves who sent what, by an activity. */
  readonly verify: (decisions: readonly Decision[], askedAt: number) => Promise<Decision[]>;
  readonly changed: (pending: PendingApproval | undefined, record: ApprovalRecord) => void;
  /** After every answer that settled nothing. */
  readonly judged?: () => Promise<void>;
  /** True ends the gate without an approval. */
  readonly withdrawn: () => boolean;
  /** True ends the gate once what has arrived is judged: it has to be asked in a new run. */
  readonly outgrown?: () => boolean;
  /** What would be approved, read anew; `undefined` where it was not read. */
  readonly recheck?: () => Promise<EvidenceDigest | undefined>;
  /** Told before people are asked about other evidence. */
  readonly asksAgain?: (evidence: EvidenceDigest) => Promise<void>;
  /** It is time to remind those who may answer, or others may answer from now on. */
  readonly remind?: (approvers: readonly string[], due: Due) => Promise<void>;
}

export type GateOutcome = ApprovalOutcome | { readonly kind: 'withdrawn' } | { readonly kind: 'outgrown' };

/**
 * Asks people. Starts as *not approved*; only decisions that name this evidence and whose sender an activity has
 * proven change that. The two signals exist only while the question is open, so that the Temporal UI offers
 * exactly the answers that can count. What was approved is looked at once more: if it has changed meanwhile, the
 * approval is void and people are asked again.
 */
export async function awaitApproval(request: ApprovalRequest): Promise<GateOutcome> {
  const { since, ...later } = request;
  for (let { evidence } = request; ;) {
    const isFirst = evidence === request.evidence;
    const outcome = await ask({ ...later, evidence, ...(isFirst && since !== undefined && { since }) });
    if (outcome.kind !== 'approved' || request.recheck === undefined) return outcome;
    const now = await request.recheck();
    if (now === undefined || now.code === evidence.code) return outcome;
    evidence = now;
    await request.asksAgain?.(evidence);
  }
}

/** One question, up to its end. */
async function ask(request: ApprovalRequest): Promise<GateOutcome> {
  const { evidence } = request;
  const outgrown = (): boolean => request.outgrown?.() ?? false;
  const askedAt = Date.now();
  const rule = { ...request.rule, expiresMs: expiryOf(request, askedAt) - askedAt };
  const arrived: Decision[] = [];
  const close = listen(request, arrived);
  let proven: Decision[] = [];
  let [verified, judged] = [0, 0];
  const dueNow = (): Due => dueAt(rule, askedAt, Date.now(), request.since);
  let told = dueNow();
  try {
    for (;;) {
      const { outcome, record } = decide(rule, proven, { code: evidence.code, askedAt, now: Date.now() });
      request.changed(
        pendingApproval(request, askedAt, outcome),
        recordOf(request, askedAt, outcome, record),
      );
      if (outcome.kind !== 'pending') return outcome;
      if (judged < proven.length) await request.judged?.();
      judged = proven.length;
      if (outgrown()) return { kind: 'outgrown' };
      const due = dueNow();
      if (due.reminders > told.reminders || due.escalated !== told.escalated) {
        told = due;
        await request.remind?.(approversAt(rule, askedAt, Date.now()), due);
      }
      await condition(
        () => arrived.length > verified || request.withdrawn() || outgrown(),
        dueNow().nextInMs,
      );
      if (request.withdrawn()) return { kind: 'withdrawn' };
      const fresh = arrived.slice(verified);
      verified = arrived.length;
      if (fresh.length === 0) continue;
      proven = updated(proven, await request.verify(fresh.slice(0, answersAtOnce), askedAt));
      // A flood is read in few looks: each reads the whole history.
      if (arrived.length > answersAtOnce && !outgrown()) await sleep(floodPauseMs);
    }
  } finally {
    close();
  }
}

/** More answers than people give are not told to activities one by one. */
const answersAtOnce = 100;
const floodPauseMs = 10_000;

function expiryOf({ rule, since }: ApprovalRequest, askedAt: number): number {
  return (since ?? askedAt) + rule.expiresMs;
}

function recordOf(
  { environment, evidence, rule, since }: ApprovalRequest,
  askedAt: number,
  outcome: ApprovalOutcome,
  record: readonly RecordedDecision[],
): ApprovalRecord {
  const { kept: decisions, dropped } = bounded(record);
  const { runId } = workflowInfo();
  const asked = { askedAt, ...(since !== undefined && { since }) };
  return { environment, ...evidence, runId, rule, ...asked, outcome, decisions, dropped };
}

/** Verifying may tell of earlier answers again, or of ones that have arrived meanwhile. */
function updated(known: readonly Decision[], told: readonly Decision[]): Decision[] {
  const ids = new Set(told.map(({ id }) => id));
  return [...known.filter(({ id }) => !ids.has(id)), ...told];
}

const longestDescribed = 200;
const noPayload = 'Needs no payload; `{"reason": "…"}` is optional.';

function listen({ environment, evidence }: ApprovalRequest, arrived: Decision[]): () => void {
  const { code } = evidence;
  const { model, steering } = evidence.evidence;
  const what = steering ?? `${model.name}:${model.version}`;
  // The name says which question; this says it in words, for whoever picks from the list.
  const asked = `${what.slice(0, longestDescribed)} for ${environment}`;
  const answers: readonly [Answer, string, string][] = [
    ['approve', approvePrefix, `Approve ${asked}, exactly as the details show it. ${noPayload}`],
    ['reject', rejectPrefix, `Reject ${asked}: nothing changes there. ${noPayload}`],
  ];
  const signals = answers.map(([answer, prefix, description]) => {
    const signal = defineSignal<[DecisionPayload?]>(`${prefix}${code}`);
    setHandler(
      signal,
      (payload) => {
        arrived.push(decisionOf(answer, code, payload, { position: arrived.length, at: Date.now() }));
      },
      { description },
    );
    return signal;
  });
  return () => {
    for (const signal of signals) setHandler(signal, undefined);
  };
}

function pendingApproval(
  request: ApprovalRequest,
  askedAt: number,
  outcome: ApprovalOutcome,
): PendingApproval | undefined {
  const { environment, evidence, rule, champion } = request;
  if (outcome.kind !== 'pending') return undefined;
  return {
    environment,
    code: evidence.code,
    approve: `${approvePrefix}${evidence.code}`,
    reject: `${rejectPrefix}${evidence.code}`,
    evidence: evidence.evidence,
    ...(champion !== undefined && { champion }),
    required: rule.required,
    approvers: approversAt(rule, askedAt, Date.now()),
    allowAuthors: rule.allowAuthors,
    verify: rule.verify,
    askedAt,
    expiresAt: expiryOf(request, askedAt),
    approvals: outcome.approvals,
  };
}
