import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { CoreActivities, EndpointTarget } from '../../activities/contract.js';
import type { Mistake } from '../../domain/mistake.js';
import type { Timing } from '../../domain/timing.js';
import {
  type Blocked,
  type LifecycleInput,
  type LifecycleStatus,
  type LifecycleVerdict,
  type Phase,
  type PhaseState,
  type PhaseStatus,
  phases,
  type searchAttributes,
} from '../messages.js';
import { describeLifecycle } from './details.js';
import { Surfaces } from './surfaces.js';
import { explain } from './why.js';

function keyword(name: keyof typeof searchAttributes) {
  return defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
}

type Outcome = Parameters<CoreActivities['report']>[0]['outcome'];

const outcomes: Readonly<Record<LifecycleVerdict, Outcome>> = {
  planned: 'success',
  evaluated: 'success',
  registered: 'success',
  released: 'success',
  gate_failed: 'failure',
  rejected: 'failure',
  rolled_back: 'failure',
  failed: 'failure',
  expired: 'neutral',
  superseded: 'neutral',
  cancelled: 'cancelled',
};

const keptNotes = 50;
/** Strangers can send any number of signals: further ones are only counted, which costs nothing. */
const keptRefusals = 25;

/** GitHub's line for what blocks, or that nothing does any more. */
function titleOf(blocked: Blocked | undefined): string {
  return blocked === undefined ? 'goes on' : `blocked at ${blocked.step}: ${blocked.message}`;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a lifecycle shows: to queries, in the Temporal UI, in search attributes and on GitHub. */
export class Tracker {
  readonly status: Mutable<Omit<LifecycleStatus, 'why'>>;
  private readonly blocks = new Map<string, Blocked>();
  private refused = 0;
  readonly surfaces: Surfaces;

  constructor(
    private readonly input: LifecycleInput,
    timing: Timing,
  ) {
    this.surfaces = new Surfaces(input.source, timing, (problem) => {
      this.note(problem);
    });
    this.status = input.resume?.status ?? {
      project: input.project,
      repository: input.source.repository,
      commit: input.source.commit,
      trigger: input.trigger,
      phases: phases.map((phase): PhaseStatus => ({ phase, state: 'pending', summary: '' })),
      candidates: [],
      models: [],
      decisions: [],
      approvals: [],
      releases: {},
      notes: [],
    };
  }

  snapshot(): LifecycleStatus {
    return { ...this.status, why: explain(this.status, Date.now()) };
  }

  /** Shows the present state; cheap, so callers say it after every change. */
  show(): void {
    setCurrentDetails(describeLifecycle(this.snapshot(), workflowInfo()));
  }

  phase(phase: Phase, state: PhaseState, summary: string): void {
    const now = Date.now();
    this.status.phases = this.status.phases.map((status) => {
      if (status.phase !== phase) return status;
      const ended = state === 'done' || state === 'failed' || state === 'skipped';
      return {
        ...status,
        state,
        summary,
        startedAt: status.startedAt ?? now,
        ...(ended ? { finishedAt: now } : {}),
      };
    });
    this.attribute('MlopsPhase', phase);
    this.show();
    this.tellGitHub('running', `${phase}: ${summary}`);
  }

  /** The phase that was under way, or would have been next, goes no further. */
  stop(reason: string): void {
    const open =
      this.status.phases.find(({ state }) => state === 'running' || state === 'waiting') ??
      this.status.phases.find(({ state }) => state === 'pending');
    if (open !== undefined) this.phase(open.phase, 'failed', reason);
  }

  note(...notes: readonly string[]): void {
    const fresh = notes.filter((note) => !this.status.notes.includes(note));
    this.status.notes = [...this.status.notes, ...fresh].slice(-keptNotes);
    this.show();
  }

  /** A signal that says nothing that counts. Showing each of ten thousand would outlast a workflow task. */
  refuse(what: string): void {
    this.refused += 1;
    if (this.refused <= keptRefusals) this.note(`refused ${what}`);
    else if (this.refused === keptRefusals + 1)
      this.note('further refused signals are counted in the history only');
  }

  /** `workflowId` is who is blocked, this lifecycle or one that works for it. */
  blocked(workflowId: string, blocked: Blocked | undefined): void {
    if (blocked === undefined) this.blocks.delete(workflowId);
    else this.blocks.set(workflowId, blocked);
    const first = this.blocks.values().next().value;
    if (first === undefined) delete this.status.blocked;
    else this.status.blocked = first;
    this.show();
    if (this.surfaces.catchesUp) this.tellGitHub('running', titleOf(first));
  }

  /** Workflow ids of whoever else is blocked. */
  blockers(): string[] {
    return [...this.blocks.keys()].filter((id) => id !== workflowInfo().workflowId);
  }

  /** A release that was asked for and has not been answered. */
  release(id: string, { endpoint, workflowId: owner }: EndpointTarget): void {
    const progress = { endpoint, owner, state: 'queued', step: 'waiting for its turn' } as const;
    this.status.releases = { ...this.status.releases, [id]: progress };
    this.show();
  }

  /** `mistakes` are those of the project's files, where they ended it. */
  verdict(verdict: LifecycleVerdict, mistakes?: readonly Mistake[]): void {
    this.status.verdict = verdict;
    this.attribute('MlopsVerdict', verdict);
    this.show();
    this.tellGitHub(outcomes[verdict], this.snapshot().why, mistakes);
  }

  attribute(name: 'MlopsPhase' | 'MlopsVerdict' | 'MlopsModel', value: string): void {
    // A namespace without these attributes would fail the workflow task; the start shows whether it has them.
    const known = workflowInfo().typedSearchAttributes.get(keyword('MlopsProject')) !== undefined;
    if (known) upsertSearchAttributes([{ key: keyword(name), value }]);
  }

  private tellGitHub(outcome: Outcome, title: string, mistakes: readonly Mistake[] = []): void {
    const { source, project } = this.input;
    const { workflowId: lifecycleId } = workflowInfo();
    const summary = describeLifecycle(this.snapshot(), workflowInfo());
    const input = { source, project, lifecycleId, outcome, title, summary };
    void this.surfaces.tell('check', {
      kind: 'report',
      input: { ...input, ...(mistakes.length > 0 && { mistakes }) },
    });
  }
}
