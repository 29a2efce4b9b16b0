import type { Answer, Evidence } from '../domain/approval.js';
import { evidenceText } from '../domain/canonical.js';
import type { PendingApproval } from '../workflows/messages.js';
import { facts } from './table.js';

/** The evidence as columns: the same facts as in the Temporal UI and on GitHub, without their Markdown. */
export function evidenceLines(evidence: Evidence): string {
  const rows = evidenceText(evidence)
    .split('\n')
    .slice(2)
    .map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  return facts(rows.map(([, name = '', value = '']) => [name, plain(value)]));
}

function plain(cell: string): string {
  return cell.replaceAll('`', '').replaceAll('\\', '').replaceAll('&lt;', '<').replaceAll('\u200b', '');
}

/** What an endpoint's owner asks its approvers, and how they answer. */
export function approvalLines(approval: PendingApproval, id: string): string {
  return `${evidenceLines(approval.evidence)}\n\nthe approvers are asked: mlops approve ${id}, or the signal "${approval.approve}"`;
}

/** The comment that answers in place of a signal, ready to copy, and where it goes. */
export function commentFor(
  { code }: Pick<PendingApproval, 'code'>,
  answer: Answer,
  repository: string,
  reason?: string,
): string {
  return `Write this comment where the worker asked (the commit's pull request or issue in ${repository}):\n  /${answer} ${code}${reason === undefined ? '' : ` ${reason}`}`;
}
