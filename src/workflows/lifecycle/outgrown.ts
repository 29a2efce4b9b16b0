import { patched, sleep, workflowInfo } from '@temporalio/workflow';
import { bounded } from '../../domain/approval-record.js';
import type { ModelRef } from '../../domain/model.js';
import type { LifecycleInput, LifecycleStatus } from '../messages.js';
import type { LifecycleBase } from './context.js';
import type { Tracker } from './tracker.js';

/**
 * People cannot be asked in this run any more: the server takes 10,000 signals a run, and strangers may have sent
 * them. The lifecycle continues as new and asks there. A question's code carries the run's id, so that whatever was
 * answered here is void by itself.
 */
export class Outgrown extends Error {
  constructor(
    readonly environment: string,
    readonly model: ModelRef,
  ) {
    super(`the history has grown too long to ask about ${environment} in this run`);
  }
}

/** Whether the server advises to continue as new, which it does long before it refuses signals. */
export function isLong({ input }: LifecycleBase): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= (input.historyLimit ?? Infinity);
}

/** False for lifecycles that began before questions moved to a new run. */
export function mayRenew(): boolean {
  return patched('asks-anew-in-a-new-run');
}

const quietMs = 2_000;
/** Of the pause itself, and of a report to GitHub meanwhile. */
const quietEvents = 20;

/**
 * Waits for the end of a flood. The server lets no run end while signals pour in, and what came since the last try would
 * have to be worked off at once by the next; at the latest the server's limit makes it quiet.
 */
export async function untilQuiet(): Promise<void> {
  for (;;) {
    const { historyLength: before } = workflowInfo();
    await sleep(quietMs);
    if (workflowInfo().historyLength - before <= quietEvents) return;
  }
}

/** Input of the run that asks anew. */
export function renewed(
  input: LifecycleInput,
  tracker: Tracker,
  { environment, model }: Outgrown,
): LifecycleInput {
  return { ...input, resume: { environment, model, status: carried(tracker.status) } };
}

const carriedQuestions = 5;
const carriedRefusals = 5;

/** Refusals of a flood stay in the record in Blob, which is written before; the next run starts with a few. */
function carried(status: Omit<LifecycleStatus, 'why'>): Omit<LifecycleStatus, 'why'> {
  const approvals = (status.approvals ?? []).slice(-carriedQuestions).map((record) => {
    const { kept, dropped } = bounded(record.decisions, carriedRefusals);
    return { ...record, decisions: kept, dropped: record.dropped + dropped };
  });
  return { ...status, approvals, decisions: approvals.flatMap(({ decisions }) => decisions) };
}
