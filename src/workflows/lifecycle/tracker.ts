import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { courtesyActivities } from '../proxies.js';
import {
  type Blocked,
  type LifecycleInput,
  type LifecycleStatus,
  type LifecycleVerdict,
  type Phase,
  type PhaseState,
  type PhaseStatus,
  phases,
  searchAttributes,
} from '../messages.js';
import { describeLifecycle } from './details.js';
import { explain } from './why.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a lifecycle shows: to queries, in the Temporal UI, in search attributes and on GitHub. */
export class Tracker {
  readonly status: Mutable<Omit<LifecycleStatus, 'why'>>;
  private readonly blocks = new Map<string, Blocked>();
  private readonly reports: Promise<void>[] = [];
  private readonly courtesy = courtesyActivities();

  constructor(private readonly input: LifecycleInput) {
    this.status = {
      project: input.project,
      repository: input.source.repository,
      commit: input.source.commit,
      trigger: input.trigger,
      phases: phases.map((phase): PhaseStatus => ({ phase, state: 'pending', summary: '' })),
      candidates: [],
      models: [],
      decisions: [],
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
    this.attribute('phase', phase);
    this.show();
    this.tellGitHub(phase, state, summary);
  }

  note(...notes: readonly string[]): void {
    this.status.notes = [...this.status.notes, ...notes.filter((note) => !this.status.notes.includes(note))];
    this.show();
  }

  /** `workflowId` is who is blocked, this lifecycle or one that works for it. */
  blocked(workflowId: string, blocked: Blocked | undefined): void {
    if (blocked === undefined) this.blocks.delete(workflowId);
    else this.blocks.set(workflowId, blocked);
    const first = this.blocks.values().next().value;
    if (first === undefined) delete this.status.blocked;
    else this.status.blocked = first;
    this.show();
  }

  /** Workflow ids of whoever else is blocked. */
  blockers(): string[] {
    return [...this.blocks.keys()].filter((id) => id !== workflowInfo().workflowId);
  }

  verdict(verdict: LifecycleVerdict): void {
    this.status.verdict = verdict;
    this.attribute('verdict', verdict);
    this.show();
  }

  attribute(name: 'phase' | 'verdict' | 'model', value: string): void {
    // A namespace without these attributes would fail the workflow task; the start shows whether it has them.
    const known = workflowInfo().typedSearchAttributes.get(searchAttributes.project) !== undefined;
    if (known) upsertSearchAttributes([{ key: searchAttributes[name], value }]);
  }

  /** Waits for reports under way, so that none is cut off by the end of the workflow. */
  async settled(): Promise<void> {
    await Promise.all(this.reports);
  }

  private tellGitHub(phase: Phase, state: PhaseState, summary: string): void {
    if (this.input.source.directory !== undefined) return;
    const { source, project } = this.input;
    const { workflowId: lifecycleId } = workflowInfo();
    const report = this.courtesy.report({
      source,
      project,
      lifecycleId,
      phase,
      state,
      title: summary,
      summary,
    });
    this.reports.push(report.catch(() => undefined));
  }
}
