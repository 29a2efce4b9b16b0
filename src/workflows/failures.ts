import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { BlockingFailure } from '../activities/contract.js';
import type { Mistake } from '../domain/mistake.js';

const blocking: Readonly<Record<BlockingFailure, true>> = {
  QuotaExceeded: true,
  CapacityUnavailable: true,
  NotAuthorized: true,
  InfrastructureMissing: true,
  Outage: true,
  WorkerFault: true,
};

/** A failure that no retry mends, with a stable tag. */
export function failure(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** The failure behind the wrappers that the server puts around it. */
export function innermost(error: unknown): unknown {
  if (
    (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) &&
    error.cause !== undefined
  ) {
    return innermost(error.cause);
  }
  return error;
}

/** Tag and message when the world, not a decision, stands in the way. */
export function blockingReason(error: unknown): { type: string; message: string } | undefined {
  if (isCancellation(error)) return undefined;
  const cause = innermost(error);
  if (cause instanceof ApplicationFailure && cause.type !== undefined && cause.type !== null) {
    return Object.hasOwn(blocking, cause.type) ? { type: cause.type, message: cause.message } : undefined;
  }
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'Outage',
      message: `no answer in time (${cause.timeoutType}): is a worker for this task queue running?`,
    };
  }
  return undefined;
}

/** One line for people. */
export function messageOf(error: unknown): string {
  const cause = innermost(error);
  return cause instanceof Error ? cause.message : String(cause);
}

/** What is wrong in the project's files, where that is what failed; the activity sends it along. */
export function mistakesOf(error: unknown): readonly Mistake[] {
  const cause = innermost(error);
  if (!(cause instanceof ApplicationFailure) || cause.type !== 'SpecInvalid') return [];
  const mistakes: unknown = cause.details?.[0];
  return Array.isArray(mistakes) ? (mistakes as Mistake[]) : [];
}
