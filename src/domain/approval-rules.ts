import type { ApprovalOutcome, Decision, Proof, RecordedDecision } from './approval.js';
import type { ApprovalRule } from './project.js';

/** The open question that decisions are held against. Times are milliseconds since the epoch. */
export interface ApprovalQuestion {
  /** Digest code of the evidence that is asked about now. */
  readonly code: string;
  readonly askedAt: number;
  readonly now: number;
  /** Logins of the commits' authors, where the caller knows them; added to what each proof says. */
  readonly authors?: readonly string[];
}

export interface ApprovalState {
  readonly outcome: ApprovalOutcome;
  /** One entry for each decision, in order, with why it did not count. */
  readonly record: readonly RecordedDecision[];
}

/**
 * Decides an approval from what has arrived, in order of arrival. Not approved is where it starts and what every
 * doubt ends in; only proven, allowed and distinct people change that, and what is decided stays so.
 *
 * People are told apart by name, without regard to case. Someone who is on the list twice, as a login and as a
 * principal, counts twice: the list is what the operators vouch for.
 */
export function decide(
  rule: ApprovalRule,
  decisions: readonly Decision[],
  question: ApprovalQuestion,
): ApprovalState {
  const approvals = new Map<string, string>();
  const rejections = new Set<string>();
  const seen = new Set<string>();
  const record: RecordedDecision[] = [];
  const required = requiredPeople(rule);
  let end: ApprovalOutcome | undefined;
  for (const decision of decisions) {
    const refusal =
      end !== undefined
        ? `came after the decision (${end.kind})`
        : seen.has(decision.id)
          ? 'the same message again'
          : refusalOf(rule, decision, question, { approvals, rejections });
    seen.add(decision.id);
    record.push({ ...decision, counted: refusal === undefined, ...(refusal !== undefined && { refusal }) });
    if (refusal !== undefined || decision.proof === undefined) continue;
    const { person } = decision.proof;
    if (decision.answer === 'reject') {
      // Whoever rejects has changed an earlier mind.
      approvals.delete(fold(person));
      rejections.add(fold(person));
      if (rejections.size < (rule.rejections ?? 1)) continue;
      end = {
        kind: 'rejected',
        by: person,
        ...(decision.reason !== undefined && { reason: decision.reason }),
      };
    } else {
      approvals.set(fold(person), person);
      if (approvals.size >= required) end = { kind: 'approved', by: [...approvals.values()] };
    }
  }
  return { outcome: end ?? openOutcome(rule, question, [...approvals.values()], required), record };
}

function openOutcome(
  rule: ApprovalRule,
  question: ApprovalQuestion,
  approvals: readonly string[],
  required: number,
): ApprovalOutcome {
  if (!(question.now < expiresAt(rule, question))) return { kind: 'expired' };
  return { kind: 'pending', approvals, missing: required - approvals.length };
}

/** Why a decision does not count, or `undefined`. */
function refusalOf(
  rule: ApprovalRule,
  decision: Decision,
  question: ApprovalQuestion,
  earlier: Earlier,
): string | undefined {
  const { proof } = decision;
  if (decision.code !== question.code) {
    return `answers ${decision.code === '' ? 'no evidence' : decision.code}, asked is ${question.code}`;
  }
  if (decision.problem !== undefined) return decision.problem;
  if (!(decision.at >= question.askedAt)) return 'is older than the question';
  if (!(decision.at < expiresAt(rule, question))) return 'came after the approval had expired';
  if (proof === undefined) return 'nobody could prove who sent it';
  return (
    proofRefusal(rule, proof) ??
    (decision.answer === 'approve' ? approverRefusal(rule, proof, question, earlier) : undefined) ??
    (decision.answer === 'reject' && earlier.rejections.has(fold(proof.person))
      ? `${proof.person} has rejected already`
      : undefined)
  );
}

/** People, folded, whose answers have counted so far. */
interface Earlier {
  readonly approvals: ReadonlyMap<string, string>;
  readonly rejections: ReadonlySet<string>;
}

function proofRefusal(rule: ApprovalRule, proof: Proof): string | undefined {
  if (proof.problem !== undefined) return proof.problem;
  if (!rule.verify.includes(proof.by)) {
    return `is proven by ${proof.by}; this environment accepts ${rule.verify.join(', ')}`;
  }
  if (proof.by === 'none' && !mayStayUnverified(rule)) {
    return 'is unverified, and an unverified approval can neither be one of several nor come from a list';
  }
  if (proof.person.trim() === '') return 'names nobody';
  if (!proof.allowed) {
    const list =
      rule.approvers.length > 0 ? rule.approvers.join(', ') : 'people with maintain on the repository';
    return `${proof.person} may not decide here; allowed: ${list}`;
  }
  return undefined;
}

/** Rejecting is the safe direction, so authors may do it; approving their own work they may not. */
function approverRefusal(
  rule: ApprovalRule,
  proof: Proof,
  question: ApprovalQuestion,
  { approvals, rejections }: Earlier,
): string | undefined {
  const isAuthor =
    proof.isAuthor || (question.authors ?? []).some((author) => fold(author) === fold(proof.person));
  if (isAuthor && !rule.allowAuthors) {
    return `${proof.person} wrote commits that are asked about; somebody else must approve`;
  }
  if (approvals.has(fold(proof.person))) return `${proof.person} has approved already`;
  if (rejections.has(fold(proof.person))) return `${proof.person} has rejected it`;
  return undefined;
}

/** `verify: none` names nobody: it can stand for one approval by anyone, never for one of several or of a list. */
export function mayStayUnverified(rule: Pick<ApprovalRule, 'required' | 'approvers'>): boolean {
  return rule.required === 1 && rule.approvers.length === 0;
}

function requiredPeople(rule: ApprovalRule): number {
  return Number.isFinite(rule.required) ? Math.max(1, Math.ceil(rule.required)) : Number.POSITIVE_INFINITY;
}

function expiresAt(rule: ApprovalRule, question: ApprovalQuestion): number {
  return question.askedAt + rule.expiresMs;
}

function fold(person: string): string {
  return person.trim().toLowerCase();
}
