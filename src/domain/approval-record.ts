import type { ApprovalOutcome, Evidence, RecordedDecision } from './approval.js';
import type { ApprovalRule } from './project.js';

/** All that an auditor may want to know of one question. Times are milliseconds since the epoch. */
export interface ApprovalRecord {
  readonly environment: string;
  readonly code: string;
  /** SHA-256 of the canonical evidence; with the run's id it makes the code. */
  readonly digest: string;
  readonly runId: string;
  readonly evidence: Evidence;
  readonly rule: ApprovalRule;
  readonly askedAt: number;
  /** When the same was first asked, in an earlier run of the workflow; the expiry counts from there. */
  readonly since?: number;
  readonly outcome: ApprovalOutcome;
  /** In order of arrival: who, how verified, whether it counted, and why not. */
  readonly decisions: readonly RecordedDecision[];
  /** Further refused answers that were too many to keep. */
  readonly dropped: number;
}

/** Since when an open question of an earlier run asks the same; undefined where what is asked now is new. */
export function askedSince(
  records: readonly ApprovalRecord[],
  { environment, digest }: Pick<ApprovalRecord, 'environment' | 'digest'>,
): number | undefined {
  const last = records.findLast((record) => record.environment === environment);
  if (last?.digest !== digest || last.outcome.kind !== 'pending') return undefined;
  return last.since ?? last.askedAt;
}

const keptRefusals = 100;

/** Whatever counted, and the first of what was refused: strangers can send any number of answers. */
export function bounded(
  decisions: readonly RecordedDecision[],
  most = keptRefusals,
): {
  readonly kept: readonly RecordedDecision[];
  readonly dropped: number;
} {
  let refused = 0;
  const kept = decisions.filter(({ counted }) => counted || (refused += 1) <= most);
  return { kept, dropped: decisions.length - kept.length };
}
