import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { unreadable } from '../domain/decision.js';
import type { Attestation } from '../domain/principal.js';

/** One signal as the server holds it. Times are milliseconds since the epoch. */
export interface SentSignal {
  readonly eventId: number;
  readonly name: string;
  readonly at: number;
  /** `unreadable` where its bytes are no JSON. */
  readonly payload: unknown;
  readonly attested: Attestation;
}

/** What a run's history tells those who must not believe the run itself. */
export interface RunHistory {
  readonly workflowType: string;
  readonly signals: readonly SentSignal[];
  /** When each activity of that name was scheduled, in order. */
  scheduledAt(activity: string): readonly { readonly eventId: number; readonly at: number }[];
}

type Events = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>;
type Event = Events[number];

/** `WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW` of temporal.api.enums.v1, whose type no public package exports. */
const resetCause = 20;

export async function readRun(temporal: Client, workflowId: string, runId: string): Promise<RunHistory> {
  const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return runOf(events ?? []);
}

function runOf(events: readonly Event[]): RunHistory {
  const completedBy = events
    .filter(
      (event) => event.workflowTaskCompletedEventAttributes ?? event.activityTaskCompletedEventAttributes,
    )
    .map(({ principal }) => principal?.name ?? '');
  const signals: SentSignal[] = [];
  let reapplying = false;
  for (const event of events) {
    if (Number(event.workflowTaskFailedEventAttributes?.cause) === resetCause) reapplying = true;
    if (event.workflowTaskStartedEventAttributes) reapplying = false;
    const signal = signalOf(event, { completedBy: [...new Set(completedBy)], reapplied: reapplying });
    if (signal !== undefined) signals.push(signal);
  }
  return {
    workflowType: events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? 'nothing',
    signals,
    scheduledAt: (activity) =>
      events
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity)
        .map((event) => ({ eventId: Number(event.eventId), at: millis(event.eventTime) })),
  };
}

function signalOf(
  event: Event,
  about: Pick<Attestation, 'completedBy' | 'reapplied'>,
): SentSignal | undefined {
  const signal = event.workflowExecutionSignaledEventAttributes;
  if (signal === undefined || signal === null) return undefined;
  const { principal } = event;
  return {
    eventId: Number(event.eventId),
    name: signal.signalName ?? '',
    at: millis(event.eventTime),
    payload: decode(signal.input?.payloads?.[0]),
    attested: {
      ...about,
      byWorkflow: signal.externalWorkflowExecution !== undefined && signal.externalWorkflowExecution !== null,
      ...(principal && { principal: { type: principal.type ?? '', name: principal.name ?? '' } }),
    },
  };
}

function decode(payload: Payload | undefined): unknown {
  if (payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return unreadable;
  }
}

function millis(time: { seconds?: unknown; nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
}
