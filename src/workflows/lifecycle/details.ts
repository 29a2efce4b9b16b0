import { evidenceText } from '../../domain/canonical.js';
import type { CandidateResult } from '../../domain/evaluation.js';
import type { LifecycleStatus, PendingApproval, PhaseState } from '../messages.js';

const marks: Readonly<Record<PhaseState, string>> = {
  pending: '·',
  running: '▶',
  waiting: '⏸',
  blocked: '⛔',
  done: '✔',
  failed: '✘',
  skipped: '–',
};

/** Markdown for the Temporal UI, kept short: it travels in a URL. */
export function describeLifecycle(
  status: LifecycleStatus,
  run: { workflowId: string; runId: string },
): string {
  return [
    `**${status.project}** at \`${status.commit.slice(0, 12)}\` (${status.trigger})`,
    status.why,
    phaseTable(status),
    status.approval === undefined ? '' : question(status.approval),
    status.candidates.length === 0 ? '' : candidateTable(status.candidates),
    ...status.notes.map((note) => `- ${note}`),
    status.report === undefined ? '' : `Report: \`${status.report}\``,
    `\`${run.workflowId}\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function phaseTable({ phases }: LifecycleStatus): string {
  const rows = phases.map(({ phase, state, summary }) => `| ${marks[state]} ${phase} | ${cell(summary)} |`);
  return ['| phase | result |', '|---|---|', ...rows].join('\n');
}

function candidateTable(candidates: readonly CandidateResult[]): string {
  const rows = candidates.map((candidate) => {
    if (candidate.kind === 'failed') return `| ${candidate.candidate} | failed: ${cell(candidate.reason)} |`;
    const metrics = Object.entries(candidate.metrics)
      .slice(0, 6)
      .map(([name, value]) => `${name} ${value.toPrecision(4)}`);
    return `| [${candidate.candidate}](${candidate.link})${candidate.reused ? ' (reused)' : ''} | ${metrics.join(', ')} |`;
  });
  return ['| candidate | metrics |', '|---|---|', ...rows].join('\n');
}

function question(approval: PendingApproval): string {
  const { environment, evidence, approvals, required, expiresAt, approve, reject } = approval;
  return [
    `**Asked:** may this go to **${environment}**?`,
    evidenceText(evidence),
    `${approvals.length} of ${required} approvals, until ${new Date(expiresAt).toISOString()}. Send the signal **\`${approve}\`** or **\`${reject}\`**; no payload is needed.`,
  ].join('\n\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300);
}
