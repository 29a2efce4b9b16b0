import { approversText } from '../domain/approval-times.js';
import type { CandidateVerdict } from '../domain/evaluation.js';
import { columns, inCode, plain } from '../domain/markdown.js';
import { compareText, formatNumber, formatPair } from '../domain/text.js';
import type { PendingApproval } from './messages.js';

const shownMetrics = 12;

/**
 * What approvers read in the Temporal UI: what is asked, of whom, how to answer, and what it rests on.
 * @param gate what the gate said of the candidate, where the asker has judged it
 */
export function questionText(approval: PendingApproval, gate?: CandidateVerdict): string[] {
  const { environment, evidence, approve, reject } = approval;
  const { model, commit, target, steering, trial, contract } = evidence;
  return [
    steering === undefined
      ? `### May ${inCode(`${model.name}:${model.version}`)} go to ${plain(environment)}?`
      : `### ${plain(environment)}: ${plain(steering)}?`,
    `**To answer:** *More Actions*, *Send a Signal*, then ${inCode(approve)} or ${inCode(reject)}, and *Submit*; no payload is needed. A comment ${inCode(`/${approve}`)} on GitHub does the same where comments count.`,
    whoMay(approval),
    metricsText(approval, gate),
    gate === undefined ? '' : `**Gate:** ${gate.reasons.map((reason) => plain(reason)).join('; ')}`,
    contract === undefined ? '' : `**Breaks callers:** ${plain(contract)}`,
    `**Rollout:** ${plain(evidence.rollout)}`,
    columns([
      ['commit', commit.slice(0, 12)],
      ['model', `${model.name}:${model.version}  sha256 ${model.hash.slice(0, 12)}`],
      ...(model.registry === undefined
        ? []
        : [['registry', `${model.registry.id}  sha256 ${model.registry.hash.slice(0, 12)}`]]),
      ['code', `sha256 ${evidence.codeHash.slice(0, 12)}`],
      ...Object.entries(evidence.data)
        .sort(([a], [b]) => compareText(a, b))
        .map(([name, version]) => ['data', `${name}: ${version}`]),
      ['deployment', `${target.deployment}  sha256 ${target.deploymentHash.slice(0, 12)}`],
      ...(target.costs === undefined ? [] : [['costs by', costsText(target.costs)]]),
      ...(trial === undefined ? [] : [['test', `${trial.rows} rows by job ${trial.job}`]]),
    ]),
  ];
}

function costsText(costs: Readonly<Record<string, string>>): string {
  return Object.entries(costs)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function whoMay({
  approvers,
  allowAuthors,
  required,
  approvals,
  expiresAt,
  verify,
}: PendingApproval): string {
  const people =
    verify.length === 1 && verify[0] === 'none' ? 'anybody (unverified)' : approversText(approvers);
  const authors = allowAuthors === true ? '' : ', but nobody who wrote commits that are asked about';
  const given = approvals.length === 0 ? '' : ` (${approvals.join(', ')})`;
  return `**Who:** ${plain(people)}${authors}. ${approvals.length} of ${required} approvals${plain(given)}, until ${new Date(expiresAt).toISOString()}.`;
}

/** The challenger's metrics beside the champion's; those that the gate speaks of come first. */
function metricsText({ evidence, champion }: PendingApproval, gate: CandidateVerdict | undefined): string {
  const gated = (name: string): number => (gate?.reasons.some((r) => r.startsWith(`${name} `)) ? 0 : 1);
  const names = [
    ...new Set([...Object.keys(evidence.metrics), ...Object.keys(champion?.metrics ?? {})]),
  ].sort((a, b) => gated(a) - gated(b) || compareText(a, b));
  if (names.length === 0) return '';
  const old = champion === undefined ? 'no champion' : `${champion.model}:${champion.version}`;
  const rows = names
    .slice(0, shownMetrics)
    .map((name) => [name, ...compared(own(evidence.metrics, name), own(champion?.metrics ?? {}, name))]);
  const rest = names.length - rows.length;
  return columns([
    ['metric', 'challenger', old, 'change'],
    ...rows,
    ...(rest > 0 ? [[`… and ${rest} more in the report`]] : []),
  ]);
}

function compared(now: number | undefined, before: number | undefined): string[] {
  if (now === undefined || before === undefined)
    return [now, before].map((value) => (value === undefined ? '-' : formatNumber(value)));
  const change = now - before;
  return [...formatPair(now, before), `${change > 0 ? '+' : ''}${formatNumber(change)}`];
}

/** Metrics are named by users: `constructor` is a name like any other. */
function own(metrics: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name] : undefined;
}
