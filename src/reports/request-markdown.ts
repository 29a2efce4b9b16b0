import type { EvidenceDigest } from '../domain/approval.js';
import { evidenceText } from '../domain/canonical.js';
import { approversText } from '../domain/approval-times.js';
import type { ChampionScore } from '../domain/evaluation.js';
import { markdownLink, plain } from '../domain/markdown.js';
import { metricBars } from './metric-bars.js';

export interface RequestInput {
  readonly environment: string;
  readonly state: 'pending' | 'approved' | 'rejected' | 'expired' | 'withdrawn';
  readonly evidence: EvidenceDigest;
  readonly champion?: ChampionScore;
  readonly reminder?: {
    readonly count: number;
    readonly approvers: readonly string[];
    readonly escalated: boolean;
  };
  /** First words of the comments that answer, `approve 3f2a9c41d07b`. */
  readonly approve: string;
  readonly reject: string;
  /** Address of the workflow in the Temporal UI. */
  readonly link?: string;
}

const headlines: Readonly<Record<RequestInput['state'], string>> = {
  pending: '⏸️ Waiting for approval',
  approved: '✅ Approved',
  rejected: '❌ Rejected',
  expired: '⌛ Nobody answered in time',
  withdrawn: '↩️ No longer asked',
};

/** The question to people, or what came of it. Safe whatever user code named its metrics and data. */
export function requestMarkdown(input: RequestInput): string {
  const { environment, state, evidence, champion, link } = input;
  const { project, model, metrics } = evidence.evidence;
  const against =
    champion === undefined
      ? 'Nothing serves there yet.'
      : `Champion: ${plain(`${champion.model}:${champion.version}`)} of ${plain(champion.commit.slice(0, 12))}.`;
  return [
    `### ${headlines[state]}: ${plain(project)} → ${plain(environment)}`,
    `Model ${plain(`${model.name}:${model.version}`)}, evidence ${plain(evidence.code)}. ${against}`,
    evidenceText(evidence.evidence),
    metricBars(metrics, champion?.metrics),
    ...(state === 'pending' ? [question(input), reminded(input)] : []),
    ...(link === undefined ? [] : [markdownLink('Workflow in the Temporal UI', link)]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Names people as GitHub notifies them. */
function reminded({ reminder }: RequestInput): string {
  if (reminder === undefined) return '';
  const { count, approvers, escalated } = reminder;
  const who = approvers
    .map((name) => (name.startsWith('@') ? name : name.includes('@') ? plain(name) : `@${name}`))
    .join(', ');
  const times = count === 0 ? 'Still open' : `Reminder ${count}`;
  return `**${times}${escalated ? ', escalated' : ''}:** ${approvers.length === 0 ? approversText(approvers) : who} may answer.`;
}

function question({ approve, reject }: RequestInput): string {
  return [
    'Answer by a comment with one of these as its first line (a reason may follow), or send the signal of the same name in the Temporal UI. On a pull request, a review that approves exactly this commit counts too.',
    '```text',
    `/${approve}`,
    `/${reject}`,
    '```',
  ].join('\n');
}
