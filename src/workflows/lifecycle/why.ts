import { approversText } from '../../domain/approval-times.js';
import type { LifecycleStatus } from '../messages.js';

/** One paragraph: what decided, what it waits for, who can act. `now` is milliseconds since the epoch. */
export function explain(status: Omit<LifecycleStatus, 'why'>, now: number): string {
  const sentences = [
    decided(status),
    status.verdict === undefined ? waiting(status, now) : undefined,
    ...failedCandidates(status),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

function decided({ verdict, gate, phases, decisions }: Omit<LifecycleStatus, 'why'>): string | undefined {
  const failed = phases.find(({ state }) => state === 'failed');
  const rejection = decisions.find(({ counted, answer }) => counted && answer === 'reject');
  switch (verdict) {
    case undefined:
      return gate?.summary;
    case 'planned':
      return 'The plan was checked and nothing was started, as the project asks for this ref.';
    case 'evaluated':
      return `The candidates were trained and evaluated. ${gate?.summary ?? ''}`.trim();
    case 'gate_failed':
      return `The gate was not met: ${gate?.summary ?? 'no candidate finished'}`;
    case 'registered':
      return `The model was registered; the project names no environment to release it to. ${gate?.summary ?? ''}`.trim();
    case 'released':
      return `Released: ${phases.find(({ phase }) => phase === 'promote')?.summary ?? ''}`;
    case 'rejected':
      return `Rejected by ${rejection?.proof?.person ?? 'an approver'}${rejection?.reason === undefined ? '' : `: ${rejection.reason}`}. The model stays registered.`;
    case 'expired':
      return 'Nobody with the right to approve did so in time. The model stays registered and can be released later.';
    case 'rolled_back':
    case 'superseded':
    case 'cancelled':
    case 'failed':
      return `${verdict === 'rolled_back' ? 'Rolled back' : capitalized(verdict)}: ${failed?.summary ?? 'see the history'}`;
  }
}

function waiting(
  { blocked, approval, phases }: Omit<LifecycleStatus, 'why'>,
  now: number,
): string | undefined {
  if (blocked !== undefined) {
    return `Blocked at ${blocked.step} (${blocked.type}): ${blocked.message} It looks again by itself; say \`retry\` when it is mended.`;
  }
  if (approval !== undefined) {
    const hours = Math.max(0, (approval.expiresAt - now) / 3_600_000);
    const who = approversText(approval.approvers);
    return `Waiting for ${approval.required - approval.approvals.length} approval(s) for ${approval.environment} by ${who}, for another ${hours.toFixed(1)} h: send the signal \`${approval.approve}\`.`;
  }
  const running = phases.find(({ state }) => state === 'running' || state === 'waiting');
  return running === undefined ? undefined : `Now: ${running.phase}: ${running.summary}`;
}

function failedCandidates({ candidates }: Omit<LifecycleStatus, 'why'>): string[] {
  return candidates.flatMap((candidate) =>
    candidate.kind === 'failed' ? [`Candidate ${candidate.candidate} failed: ${candidate.reason}`] : [],
  );
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
