import type { CandidateResult } from '../domain/evaluation.js';
import { formatNumber } from '../domain/text.js';
import type { LifecycleStatus, PhaseState, PhaseStatus, ReleaseProgress } from '../workflows/messages.js';

/** One line of progress; `tone` chooses symbol and colour. */
export interface Line {
  readonly tone: PhaseState | 'step' | 'note';
  readonly label: string;
  readonly text: string;
  /** How long it took. */
  readonly ms?: number;
}

/** What happened between two looks at a lifecycle, oldest first. Without `before`: everything so far. */
export function linesBetween(before: LifecycleStatus | undefined, now: LifecycleStatus): Line[] {
  return [
    ...now.notes
      .filter((note) => !(before?.notes.includes(note) ?? false))
      .map((text): Line => ({ tone: 'note', label: '', text })),
    ...now.candidates
      .filter(
        ({ candidate }) => !(before?.candidates.some((known) => known.candidate === candidate) ?? false),
      )
      .map(candidateLine),
    ...releaseLines(before, now),
    ...blockedLine(before, now),
    ...now.phases.filter((phase) => hasNews(phase, before)).map(phaseLine),
  ];
}

function hasNews(phase: PhaseStatus, before: LifecycleStatus | undefined): boolean {
  if (phase.state === 'pending') return false;
  const known = before?.phases.find((other) => other.phase === phase.phase);
  return known?.state !== phase.state || known.summary !== phase.summary;
}

function phaseLine({ phase, state, summary, startedAt, finishedAt }: PhaseStatus): Line {
  const line = { tone: state, label: phase, text: summary };
  const timed = startedAt !== undefined && finishedAt !== undefined && state !== 'skipped';
  return timed ? { ...line, ms: finishedAt - startedAt } : line;
}

function candidateLine(result: CandidateResult): Line {
  if (result.kind === 'failed') {
    const log = result.log === undefined ? '' : `\n${result.log.trimEnd()}`;
    const link = result.link === undefined ? '' : `\n${result.link}`;
    return { tone: 'failed', label: '', text: `${result.candidate}: ${result.reason}${log}${link}` };
  }
  const metrics = Object.entries(result.metrics).map(([name, value]) => `${name} ${formatNumber(value)}`);
  const reused = result.reused ? ['reused an unchanged job'] : [];
  return {
    tone: 'step',
    label: '',
    text: `${result.candidate}: ${[...metrics, ...reused].join(', ')}`,
    ms: result.seconds * 1_000,
  };
}

function releaseLines(before: LifecycleStatus | undefined, now: LifecycleStatus): Line[] {
  return Object.entries(now.releases)
    .filter(([id, progress]) => stepText(before?.releases[id]) !== stepText(progress))
    .map(([id, progress]) => ({
      tone: 'step',
      label: '',
      text: `${id.split('/').at(-1) ?? id}: ${stepText(progress)}`,
    }));
}

function stepText(progress: ReleaseProgress | undefined): string {
  if (progress === undefined) return '';
  const traffic = Object.entries(progress.traffic ?? {}).filter(([, percent]) => percent > 0);
  const shares = traffic.map(([deployment, percent]) => `${deployment} ${percent} %`).join(', ');
  return shares === '' ? progress.step : `${progress.step} (traffic ${shares})`;
}

function blockedLine(before: LifecycleStatus | undefined, { blocked }: LifecycleStatus): Line[] {
  if (blocked === undefined || blocked.message === before?.blocked?.message) return [];
  return [{ tone: 'blocked', label: '', text: `blocked at ${blocked.step}: ${blocked.message}` }];
}

/** `0.4s`, `12s`, `3m 20s`, `2h 5m`: as exact as people read it. */
export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
