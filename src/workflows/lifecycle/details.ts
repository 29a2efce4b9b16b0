import type { CandidateResult, CandidateVerdict } from '../../domain/evaluation.js';
import { columns, inCode, markdownLink, plain } from '../../domain/markdown.js';
import { formatNumber } from '../../domain/text.js';
import type { LifecycleStatus, PendingApproval, PhaseState } from '../messages.js';
import { questionText } from '../question.js';

const marks: Readonly<Record<PhaseState, string>> = {
  pending: '·',
  running: '▶',
  waiting: '⏸',
  blocked: '⛔',
  done: '✔',
  failed: '✘',
  skipped: '–',
};

const longestWhy = 800;
const shownNotes = 8;
const shownRefusals = 3;

/**
 * Markdown for the Temporal UI and GitHub's check run, kept short: it travels in a URL. Names, reasons and notes come
 * from users' code and from strangers, so none of them is Markdown here.
 */
export function describeLifecycle(
  status: LifecycleStatus,
  run: { workflowId: string; runId: string },
): string {
  const { approval, blocked, candidates, notes, report } = status;
  return [
    `**${plain(status.project)}** at ${inCode(status.commit.slice(0, 12))} of ${plain(status.repository)} (${plain(status.trigger)})`,
    approval === undefined || blocked !== undefined ? plain(status.why, longestWhy) : '',
    ...(approval === undefined
      ? []
      : [...questionText(approval, gateOf(status)), refusedText(status, approval)]),
    phaseText(status),
    candidates.length === 0 ? '' : candidateList(candidates),
    notesText(notes),
    report === undefined ? '' : `Report: ${inCode(report)}`,
    inCode(run.workflowId),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** So that whoever answered in vain sees why. */
function refusedText({ decisions }: LifecycleStatus, { code }: PendingApproval): string {
  return decisions
    .filter((decision) => !decision.counted && decision.code === code)
    .slice(-shownRefusals)
    .map(({ answer, proof, refusal = '' }) => {
      const who = proof === undefined ? '' : ` by ${proof.person}`;
      return `- refused: ${answer}${plain(who)}: ${plain(refusal)}`;
    })
    .join('\n');
}

/** What the gate said of the candidate that is asked about. */
function gateOf({ gate }: LifecycleStatus): CandidateVerdict | undefined {
  return gate?.verdicts.find(({ candidate }) => candidate === gate.best);
}

function phaseText({ phases }: LifecycleStatus): string {
  return columns(phases.map(({ phase, state, summary }) => [`${marks[state]} ${phase}`, summary]));
}

function candidateList(candidates: readonly CandidateResult[]): string {
  return candidates
    .map((candidate) => {
      if (candidate.kind === 'failed')
        return `- ${markdownLink(candidate.candidate, candidate.link)} failed: ${plain(candidate.reason)}`;
      const metrics = Object.entries(candidate.metrics)
        .slice(0, 6)
        .map(([metric, value]) => `${metric} ${formatNumber(value)}`);
      const reused = candidate.reused ? ' (reused)' : '';
      return `- ${markdownLink(candidate.candidate, candidate.link)}${reused}: ${plain(metrics.join(', '))}`;
    })
    .join('\n');
}

function notesText(notes: readonly string[]): string {
  const shown = notes.slice(-shownNotes).map((note) => `- ${plain(note)}`);
  const rest = notes.length - shown.length;
  return (rest > 0 ? [`- ${rest} earlier notes in the query \`status\``, ...shown] : shown).join('\n');
}
