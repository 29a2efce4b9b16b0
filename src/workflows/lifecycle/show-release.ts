import type {
  ApprovalAnnouncement,
  EndpointTarget,
  ReleaseNotice,
  Reminder,
} from '../../activities/contract.js';
import type { EvidenceDigest } from '../../domain/approval.js';
import { approversText } from '../../domain/approval-times.js';
import type { ChampionScore } from '../../domain/evaluation.js';
import type { Environment } from '../../domain/project.js';
import type { Release, ReleaseResult } from '../../domain/release.js';
import type { GateOutcome } from '../approval.js';
import { at, type Lifecycle, phaseOf } from './context.js';

/** How a model's way to one environment ended. */
export type ReleaseEnd =
  Exclude<ReleaseResult, { kind: 'tried' }> | { readonly kind: 'rejected' | 'expired' };

/** One release on GitHub: a deployment whose statuses tell its story, and a request where people are asked. */
export interface ReleaseSurface {
  deployment(state: ReleaseNotice['state'], description: string, environmentUrl?: string): void;
  request(
    state: ApprovalAnnouncement['state'],
    evidence: EvidenceDigest,
    champion: ChampionScore | null,
    reminder?: Reminder,
  ): Promise<void>;
  ended(end: ReleaseEnd): void;
}

export function releaseSurface(
  lifecycle: Lifecycle,
  environment: Environment,
  release: Release,
  target: EndpointTarget,
): ReleaseSurface {
  const { surfaces } = lifecycle.tracker;
  const common = { ...at(lifecycle), lifecycleId: lifecycle.id, environment: environment.name };
  const production = phaseOf(lifecycle, environment) === 'promote';
  const deployment: ReleaseSurface['deployment'] = (state, description, environmentUrl) => {
    const input = { ...common, releaseId: release.id, state, description, production };
    if (!surfaces.catchesUp) return;
    void surfaces.tell(release.id, {
      kind: 'reportRelease',
      input: { ...input, ...(environmentUrl !== undefined && { environmentUrl }) },
    });
  };
  return {
    deployment,
    async request(state, evidence, champion, reminder) {
      if (state === 'withdrawn' && !surfaces.catchesUp) return;
      const input = {
        ...common,
        ...{ evidence, endpointWorkflowId: target.workflowId, state },
        ...(reminder !== undefined && { reminder }),
      };
      await surfaces.tell(`request ${release.id}`, {
        kind: 'announceApproval',
        input: { ...input, ...(champion !== null && { champion }) },
      });
    },
    ended(end) {
      deployment(...shownEnd(end));
    },
  };
}

function shownEnd(end: ReleaseEnd): Parameters<ReleaseSurface['deployment']> {
  switch (end.kind) {
    case 'deployed':
      return ['success', end.summary, end.scoringUri];
    case 'rejected':
      return ['failure', 'rejected'];
    case 'expired':
      return ['inactive', 'nobody approved in time'];
    case 'superseded':
      return ['inactive', `${end.by} took its place`];
    case 'withdrawn':
      return ['inactive', 'withdrawn'];
    case 'rolled_back':
      return ['failure', `rolled back: ${end.reason}`];
    case 'failed':
      return ['failure', end.reason];
  }
}

export function shownOutcome({ kind }: GateOutcome): 'approved' | 'rejected' | 'expired' | 'withdrawn' {
  return kind === 'pending' || kind === 'outgrown' ? 'withdrawn' : kind;
}

export function reminderText(
  environment: string,
  approvers: readonly string[],
  count: number,
  escalated: boolean,
): string {
  return `${environment} still waits for an approval${count > 0 ? ` (reminder ${count})` : ''}${escalated ? ', escalated' : ''}: ${approversText(approvers)} may answer`;
}
