import { CancellationScope, condition, ParentClosePolicy, patched, startChild } from '@temporalio/workflow';
import { reportingId } from '../../domain/keys.js';
import type { SourceRef } from '../../domain/source.js';
import type { Timing } from '../../domain/timing.js';
import { messageOf } from '../failures.js';
import { deliver, type Notice, type reporting, willPass } from '../reporting.js';
import { courtesyActivities } from '../proxies.js';

/**
 * What GitHub shows of a lifecycle. Each surface (the check run, a deployment, a request) is told one notice after
 * the other and always the newest, so that an outage of GitHub holds nothing up and the surfaces catch up after it.
 */
export class Surfaces {
  private readonly newest = new Map<string, Notice>();
  private readonly telling = new Set<string>();
  /** False for a lifecycle that began before surfaces caught up. */
  readonly catchesUp = patched('surfaces-catch-up');
  private told: Promise<void> = Promise.resolve();

  constructor(
    private readonly source: SourceRef,
    private readonly timing: Timing,
    private readonly refused: (problem: string) => void,
  ) {}

  /** Shows `notice` on the surface as soon as GitHub takes it; returns at once. */
  async tell(surface: string, notice: Notice): Promise<void> {
    // An uncommitted tree has no place on GitHub.
    if (this.source.directory !== undefined) return;
    if (!this.catchesUp) {
      await this.tellOnce(notice);
      return;
    }
    this.newest.set(surface, notice);
    if (this.telling.has(surface)) return;
    this.telling.add(surface);
    void CancellationScope.nonCancellable(() => this.keepTelling(surface));
  }

  /** Tells the deployment of a release that is under way what it does now. */
  step(releaseId: string, description: string): void {
    const shown = this.newest.get(releaseId);
    if (shown?.kind !== 'reportRelease' || shown.input.state !== 'in_progress') return;
    void this.tell(releaseId, { kind: 'reportRelease', input: { ...shown.input, description } });
  }

  /** Gives GitHub a moment to take what is left; what it does not take then is told by a workflow that stays. */
  async settled(lifecycleId: string): Promise<void> {
    if (!this.catchesUp) {
      await this.told;
      return;
    }
    if (await condition(() => this.telling.size === 0, this.timing.farewellMs)) return;
    const notices = [...this.telling].flatMap((surface) => this.newest.get(surface) ?? []);
    await startChild<typeof reporting>('reporting', {
      workflowId: reportingId(lifecycleId),
      args: [{ notices, timing: this.timing }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
    }).catch((error: unknown) => {
      this.refused(`GitHub shows an older state: ${messageOf(error)}`);
    });
  }

  private async keepTelling(surface: string): Promise<void> {
    for (;;) {
      const notice = this.newest.get(surface);
      if (notice === undefined) break;
      try {
        await deliver(notice);
      } catch (error) {
        if (willPass(error)) continue;
        // A permission that is missing, a repository that is gone: nothing that waiting would mend.
        this.refused(`GitHub shows less: ${messageOf(error)}`);
      }
      if (this.newest.get(surface) === notice) break;
    }
    this.telling.delete(surface);
  }

  /** As lifecycles did that began before surfaces caught up: a few tries, reports in their order. */
  private async tellOnce(notice: Notice): Promise<void> {
    const tell = (): Promise<void> => deliver(notice, courtesyActivities()).catch(() => undefined);
    if (notice.kind === 'report') this.told = this.told.then(() => CancellationScope.nonCancellable(tell));
    else if (notice.kind === 'announceApproval') await tell();
  }
}
