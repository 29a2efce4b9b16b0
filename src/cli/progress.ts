import type { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { LifecycleStatus, PendingApproval, PhaseStatus } from '../workflows/messages.js';
import { reasonOf } from './failures.js';
import { linesBetween } from './progress-lines.js';
import { type Reading, readLifecycle } from './reading.js';
import { createProgress, type Progress } from './terminal.js';

export interface FollowOptions {
  readonly out: Writable;
  /** Colours and a spinner; plain lines otherwise. */
  readonly tty: boolean;
  /**
   * Asks for the answer to an approval, once for each evidence. `signal` aborts when it was answered elsewhere.
   * Without it a line says how to answer.
   */
  readonly onApproval?: (pending: PendingApproval, signal: AbortSignal) => Promise<void>;
  /** Every change of a phase, after it was printed. */
  readonly onPhase?: (phase: PhaseStatus, status: LifecycleStatus) => void;
  /** Milliseconds between looks; default 500. A query is a billed action in Temporal Cloud. */
  readonly pollMs?: number;
  /** Stops following, which rejects with the signal's reason; the lifecycle goes on. */
  readonly signal?: AbortSignal;
  /** Ctrl-C stops the spinner and ends the process; for commands that only watch. */
  readonly handleSignals?: boolean;
}

/**
 * Shows a lifecycle until it has ended, a line a phase with its result and time. A worker or a server that is away
 * for a while is said aloud and waited for.
 * @returns its last status, which has a verdict
 * @throws WorkflowNotFoundError, what `onApproval` throws, and the reason of `signal`
 */
export async function followLifecycle(
  client: Client,
  workflowId: string,
  options: FollowOptions,
): Promise<LifecycleStatus> {
  const progress = createProgress(options.out, options.tty, options.handleSignals);
  const follower = new Follower(progress, options);
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const reading = await look(client, workflowId);
      const ended = follower.see(reading);
      if (ended !== undefined) return ended;
      await Promise.race([
        pause(options.pollMs ?? 500, undefined, options.signal && { signal: options.signal }),
        follower.troubled,
      ]);
    }
  } finally {
    follower.end();
  }
}

/** Away is what passes by itself: a server that restarts, a worker that is replaced. */
async function look(client: Client, workflowId: string): Promise<Reading> {
  const { ServiceError } = await import('@temporalio/client');
  try {
    return await readLifecycle(client, workflowId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { kind: 'silent', reason: `Temporal does not answer: ${reasonOf(error)}`, memo: {} };
  }
}

class Follower {
  private before: LifecycleStatus | undefined;
  private silentFor: string | undefined;
  private asking: { readonly code: string; readonly answered: AbortController } | undefined;
  /** Rejects with what `onApproval` threw. */
  readonly troubled: Promise<never>;
  private trouble: (error: unknown) => void = () => undefined;

  constructor(
    private readonly progress: Progress,
    private readonly options: FollowOptions,
  ) {
    this.troubled = new Promise((_, reject) => {
      this.trouble = reject;
    });
    // Nobody may be waiting at the moment it is rejected.
    this.troubled.catch(() => undefined);
  }

  /** The last status once it has ended. */
  see(reading: Reading): LifecycleStatus | undefined {
    if (reading.kind === 'silent') {
      this.saySilence(reading.reason);
      return undefined;
    }
    const { status } = reading;
    if (this.silentFor !== undefined) this.note('it answers again');
    this.silentFor = undefined;
    for (const line of linesBetween(this.before, status)) this.progress.print(line);
    this.tellPhases(status);
    this.before = status;
    this.ask(status.approval);
    return reading.kind === 'closed' ? status : undefined;
  }

  end(): void {
    this.asking?.answered.abort();
    this.progress.end();
  }

  private saySilence(reason: string): void {
    if (this.silentFor === undefined) this.note(`no answer at the moment, waiting (${reason})`);
    this.silentFor ??= reason;
  }

  private note(text: string): void {
    this.progress.print({ tone: 'note', label: '', text });
  }

  private tellPhases(status: LifecycleStatus): void {
    for (const phase of status.phases) {
      const known = this.before?.phases.find((other) => other.phase === phase.phase);
      const state = known?.state ?? 'pending';
      if (state !== phase.state) this.options.onPhase?.(phase, status);
    }
  }

  private ask(pending: PendingApproval | undefined): void {
    if (pending?.code === this.asking?.code) return;
    this.asking?.answered.abort();
    this.asking = undefined;
    this.progress.resume();
    if (pending === undefined) return;
    const answered = new AbortController();
    this.asking = { code: pending.code, answered };
    if (this.options.onApproval === undefined) {
      this.note(`answer with \`mlops approve\` or \`mlops reject\`, or the signal "${pending.approve}"`);
      return;
    }
    this.progress.pause();
    this.options.onApproval(pending, answered.signal).catch((error: unknown) => {
      if (!answered.signal.aborted) this.trouble(error);
    });
  }
}
