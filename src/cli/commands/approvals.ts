import type { RecordedDecision } from '../../domain/approval.js';
import type { ApprovalRecord } from '../../domain/approval-record.js';
import { approversText } from '../../domain/approval-times.js';
import { evidenceLines } from '../approval-text.js';
import { type ExitCode, exitCodes } from '../failures.js';
import { type Io, say, sayJson } from '../io.js';
import { table } from '../table.js';
import { withTemporal } from '../temporal.js';
import { statusOf } from './status.js';

export interface ApprovalsOptions {
  readonly json?: boolean;
}

/** From the workflow, or from the record in Blob when Temporal has forgotten it. */
export async function approvals(
  io: Io,
  text: string | undefined,
  options: ApprovalsOptions,
): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    const { id, status } = await statusOf(temporal, text);
    const { approvals: found = [], notes } = status;
    // What answered no question at all is told in the notes.
    const strays = notes.filter((note) => note.startsWith('refused'));
    if (options.json === true) sayJson(io, { id, approvals: found, strays });
    else if (found.length + strays.length === 0) say(io, `${id} has asked nobody. ${status.why}`);
    else
      say(io, [id, ...found.map(questionText), strays.join('\n')].filter((part) => part !== '').join('\n\n'));
    return exitCodes.ok;
  });
}

function questionText({
  code,
  environment,
  evidence,
  askedAt,
  rule,
  outcome,
  ...record
}: ApprovalRecord): string {
  const who = approversText(rule.approvers);
  const { decisions, dropped } = record;
  return [
    `${environment} ${code}: ${outcome.kind}, asked ${time(askedAt)}; needs ${rule.required} of ${who}, verified by ${rule.verify.join(' or ')}`,
    evidenceLines(evidence),
    decisions.length === 0
      ? 'nobody answered'
      : table(['when', 'answer', 'who', 'verified', 'counted'], decisions.map(row)),
    dropped === 0 ? '' : `and ${dropped} more that were refused`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function row({ at, answer, proof, claimedBy, counted, refusal, reason }: RecordedDecision): string[] {
  const verified = proof === undefined || proof.by === 'none' ? 'unverified' : proof.by;
  const outcome = counted ? `yes${reason === undefined ? '' : `: ${reason}`}` : `no: ${refusal ?? ''}`;
  return [time(at), answer, proof?.person ?? claimedBy ?? 'somebody', verified, outcome];
}

function time(at: number): string {
  return new Date(at).toISOString();
}
