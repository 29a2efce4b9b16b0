import type { ApprovalRule } from './project.js';

/** Who may answer at a moment: those who are listed, and after `escalate.after` also those listed there. */
export function approversAt(rule: ApprovalRule, askedAt: number, at: number): readonly string[] {
  const { approvers, escalate } = rule;
  // An empty list means everybody with the right to maintain; a list in its place would shut them out.
  if (escalate === undefined || approvers.length === 0 || at < askedAt + escalate.afterMs) return approvers;
  return [...new Set([...approvers, ...escalate.to])];
}

/** Those who may answer, for people. */
export function approversText(approvers: readonly string[]): string {
  return approvers.length === 0 ? 'anyone with the right to maintain' : approvers.join(', ');
}

/** What a question that nobody has settled does at a moment. */
export interface Due {
  /** How often people should have been reminded by now. */
  readonly reminders: number;
  readonly escalated: boolean;
  /** Milliseconds until the next of these, or the expiry. */
  readonly nextInMs: number;
}

/**
 * @param since when an earlier run first asked the same: reminders go on from there. The last guard reads one run, so
 * that who is listed in `escalate` waits anew.
 */
export function dueAt(rule: ApprovalRule, askedAt: number, now: number, since = askedAt): Due {
  const { remindMs, escalate, expiresMs } = rule;
  const elapsed = Math.max(0, now - askedAt);
  const before = askedAt - since;
  const reminders = remindMs === undefined ? 0 : Math.floor((before + elapsed) / remindMs);
  const escalated = escalate !== undefined && elapsed >= escalate.afterMs;
  const next = [
    expiresMs,
    ...(remindMs === undefined ? [] : [(reminders + 1) * remindMs - before]),
    ...(escalate === undefined || escalated ? [] : [escalate.afterMs]),
  ];
  return { reminders, escalated, nextInMs: Math.max(1, Math.min(...next) - elapsed) };
}
