import { userInfo } from 'node:os';
import type { Answer, RecordedDecision } from '../../domain/approval.js';
import type { DecisionPayload, LifecycleStatus, PendingApproval } from '../../workflows/messages.js';
import { commentFor, evidenceLines } from '../approval-text.js';
import { confirm } from '../confirm.js';
import { CliError, type ExitCode, exitCodes, failed } from '../failures.js';
import { type Io, say, warn } from '../io.js';
import { readLifecycle } from '../reading.js';
import { type Temporal, withTemporal } from '../temporal.js';
import { untilSeen } from '../until-seen.js';
import { decideForEndpoint } from './decide-endpoint.js';
import { statusOf } from './status.js';

export interface DecideOptions {
  readonly reason?: string;
  readonly by?: string;
  /** Only this evidence, by the 12 digits of its code. */
  readonly code?: string;
  readonly yes?: boolean;
}

export async function approve(io: Io, text: string, options: DecideOptions): Promise<ExitCode> {
  return await decide(io, 'approve', text, options);
}

export async function reject(io: Io, text: string, options: DecideOptions): Promise<ExitCode> {
  return await decide(io, 'reject', text, options);
}

async function decide(io: Io, answer: Answer, text: string, options: DecideOptions): Promise<ExitCode> {
  return await withTemporal(io, async (temporal) => {
    if (text.startsWith('mlops/endpoint/'))
      return await decideForEndpoint(io, temporal, answer, text, options);
    const { id, status } = await statusOf(temporal, text);
    const pending = pendingOf(id, status, options.code);
    say(io, evidenceLines(pending.evidence));
    refuseUnprovable(pending, answer, status, options);
    if (!(await confirmed(io, answer, pending, options))) return exitCodes.failed;
    const payload: DecisionPayload = {
      by: options.by ?? userInfo().username,
      ...(options.reason !== undefined && { reason: options.reason }),
    };
    await temporal.client.workflow.getHandle(id).signal(pending[answer], payload);
    return await sayOutcome(io, temporal, id, pending, status);
  });
}

function pendingOf(
  id: string,
  { approval, why }: LifecycleStatus,
  code: string | undefined,
): PendingApproval {
  if (approval === undefined) throw failed(`${id} waits for no approval. ${why}`);
  if (code !== undefined && code !== approval.code) {
    throw failed(
      `${id} no longer asks about ${code}: the evidence is ${approval.code} now; read it before you answer`,
    );
  }
  return approval;
}

/** A signal from here names nobody; where GitHub alone can prove a person, it would only be refused. */
function refuseUnprovable(
  pending: PendingApproval,
  answer: Answer,
  { repository }: LifecycleStatus,
  { reason }: DecideOptions,
): void {
  if (pending.verify.some((way) => way !== 'github')) return;
  throw failed(
    `${pending.environment} accepts answers on GitHub only, where the worker can prove who gave them. ${commentFor(pending, answer, repository, reason)}`,
  );
}

async function confirmed(
  io: Io,
  answer: Answer,
  pending: PendingApproval,
  { yes }: DecideOptions,
): Promise<boolean> {
  if (yes === true || !io.tty) return true;
  return await confirm(`${answer} this for ${pending.environment}?`);
}

/** Waits until the workflow has judged the answer: sending it is not yet having decided. */
async function sayOutcome(
  io: Io,
  temporal: Temporal,
  id: string,
  pending: PendingApproval,
  before: LifecycleStatus,
): Promise<ExitCode> {
  const earlier = before.decisions.length;
  const judged = await untilSeen(temporal.pollMs, async () => {
    const reading = await readLifecycle(temporal.client, id);
    return reading.kind === 'silent' ? undefined : reading.status.decisions.slice(earlier).at(-1);
  });
  if (judged === undefined) {
    throw new CliError(
      `the answer was sent but is not judged yet; see \`mlops status ${id}\``,
      exitCodes.waiting,
    );
  }
  return tell(io, judged, pending, before);
}

function tell(
  io: Io,
  decision: RecordedDecision,
  pending: PendingApproval,
  { repository }: LifecycleStatus,
): ExitCode {
  const { answer, counted, refusal, proof, reason } = decision;
  if (!counted) {
    warn(
      io,
      `the answer was not counted: ${refusal ?? 'no reason was given'}. ${commentFor(pending, answer, repository, reason)}`,
    );
    return exitCodes.failed;
  }
  const given = pending.approvals.length + 1;
  const who = proof?.by === 'none' ? `${proof.person} (unverified)` : (proof?.person ?? 'somebody');
  say(
    io,
    answer === 'reject'
      ? `rejected by ${who}`
      : `approved by ${who}${given < pending.required ? `, ${given} of ${pending.required}` : ''}`,
  );
  return exitCodes.ok;
}
