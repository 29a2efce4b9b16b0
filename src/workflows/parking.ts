import { ApplicationFailure, condition, patched, sleep } from '@temporalio/workflow';
import type { Timing } from '../domain/timing.js';
import { blockingReason } from './failures.js';
import type { Blocked } from './messages.js';

/** Looks at one blocked step that people may ask for at once; `retry` is open to everybody who may write to the namespace. */
const mostAtOnce = 20;
/** Later ones, as a part of the pause between two looks. */
const laterShare = 1 / 3;

/**
 * Runs steps that the world can block (quota, capacity, permission, a long outage). A blocked step waits, looks again
 * slowly or when somebody says `retry`, and fails only when `blockedForMs` have passed: the work done before it is
 * never lost to a quota error.
 */
export class Parking {
  private readonly blockedSteps = new Map<string, Blocked>();
  private readonly lookedAtOnce = new Map<string, number>();
  private wakes = 0;

  constructor(
    private readonly timing: Timing,
    private readonly changed: (blocked: Blocked | undefined) => void,
  ) {}

  get blocked(): Blocked | undefined {
    return this.blockedSteps.values().next().value;
  }

  /** Every blocked step tries again now. */
  wake(): void {
    this.wakes += 1;
  }

  async step<T>(name: string, run: () => Promise<T>): Promise<T> {
    try {
      return await this.untilFree(name, run);
    } finally {
      this.lookedAtOnce.delete(name);
      if (this.blockedSteps.delete(name)) this.changed(this.blocked);
    }
  }

  private async untilFree<T>(name: string, run: () => Promise<T>): Promise<T> {
    for (;;) {
      const wakesBefore = this.wakes;
      try {
        return await run();
      } catch (error) {
        const reason = blockingReason(error);
        if (reason === undefined) throw error;
        await this.park(name, reason, wakesBefore);
      }
    }
  }

  private async park(
    step: string,
    reason: { type: string; message: string },
    wakesBefore: number,
  ): Promise<void> {
    const since = this.blockedSteps.get(step)?.since ?? Date.now();
    const until = since + this.timing.blockedForMs;
    const left = until - Date.now();
    if (left <= 0) {
      throw ApplicationFailure.nonRetryable(
        `${step} was blocked for too long: ${reason.message}`,
        'BlockedTooLong',
      );
    }
    this.blockedSteps.set(step, { step, ...reason, since, until });
    this.changed(this.blocked);
    const woken = await condition(() => this.wakes > wakesBefore, Math.min(left, this.timing.blockedLookMs));
    if (woken) await this.space(step, until);
  }

  /** A look for each of thousands of signals would use up the history. */
  private async space(step: string, until: number): Promise<void> {
    const looks = (this.lookedAtOnce.get(step) ?? 0) + 1;
    this.lookedAtOnce.set(step, looks);
    if (looks <= mostAtOnce || !patched('retries are bounded')) return;
    await sleep(Math.max(1, Math.min(this.timing.blockedLookMs * laterShare, until - Date.now())));
  }
}
