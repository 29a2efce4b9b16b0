import type { CandidateResult } from '../domain/evaluation.js';
import { formatNumber } from '../domain/text.js';
import type { LifecycleStatus, PhaseStatus } from '../workflows/messages.js';
import { formatDuration } from './progress-lines.js';
import { facts, table } from './table.js';

/** A lifecycle's status as people read it. `link` is its page in the Temporal UI. */
export function lifecycleText(id: string, status: LifecycleStatus, link: string | undefined): string {
  const { gate, blocked, approval, report, notes } = status;
  const sections = [
    facts([
      ['lifecycle', id],
      ['commit', `${status.repository}@${status.commit.slice(0, 12)} (${status.trigger})`],
      ['state', stateOf(status)],
      ['models', status.models.map(({ name, version }) => `${name}:${version}`).join(', ')],
      ['gate', gate?.summary],
      ['approval', approval && `${approval.environment} waits for the signal "${approval.approve}"`],
      ['blocked', blocked && `at ${blocked.step} (${blocked.type}): ${blocked.message}`],
      ['report', report],
      ['link', link],
    ]),
    table(['phase', 'state', 'time', 'result'], status.phases.map(phaseRow)),
    candidatesText(status.candidates),
    releasesText(status),
    notes.map((note) => `note: ${note}`).join('\n'),
    status.why,
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

/** The verdict, or what it does now. */
export function stateOf({ verdict, blocked, approval, phases }: LifecycleStatus): string {
  if (verdict !== undefined) return verdict;
  if (blocked !== undefined) return 'blocked';
  if (approval !== undefined) return 'waiting for approval';
  const now = phases.find(({ state }) => state === 'running' || state === 'waiting');
  return now === undefined ? 'running' : `running: ${now.phase}`;
}

function phaseRow({ phase, state, summary, startedAt, finishedAt }: PhaseStatus): string[] {
  const timed = startedAt !== undefined && state !== 'skipped' && state !== 'pending';
  const time = timed ? formatDuration((finishedAt ?? Date.now()) - startedAt) : '';
  return [phase, state, time, summary];
}

function candidatesText(candidates: readonly CandidateResult[]): string {
  if (candidates.length === 0) return '';
  const rows = candidates.map((result) =>
    result.kind === 'finished'
      ? [result.candidate, result.reused ? 'reused' : 'finished', metricsText(result.metrics), result.link]
      : [result.candidate, 'failed', result.reason, result.link ?? ''],
  );
  return table(['candidate', 'state', 'result', 'job'], rows);
}

function metricsText(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(', ');
}

function releasesText({ releases }: LifecycleStatus): string {
  const rows = Object.entries(releases).map(([id, { endpoint, state, step, scoringUri }]) => [
    id.split('/').at(-1) ?? id,
    endpoint,
    state,
    step,
    scoringUri ?? '',
  ]);
  return rows.length === 0 ? '' : table(['environment', 'endpoint', 'state', 'step', 'address'], rows);
}
