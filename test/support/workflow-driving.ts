import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { SourceRef, Trigger } from '../../src/domain/source.js';
import { startLifecycle } from '../../src/temporal/start-lifecycle.js';
import {
  type EndpointStatus,
  type LifecycleInput,
  type LifecycleStatus,
  messages,
  type PendingApproval,
  type Phase,
  type PhaseState,
  type PhaseStatus,
} from '../../src/workflows/messages.js';
import { endpointWorkflowId } from './fake-activities.js';
import type { Stage } from './workflow-lab.js';

const patienceMs = 200_000;

export interface Start extends Partial<Omit<LifecycleInput, 'source'>> {
  /** Commits are numbered: `1` is older than `2`. */
  readonly commit?: number;
  readonly trigger?: Trigger;
  readonly source?: Partial<SourceRef>;
}

/** Starts a lifecycle the way the Action does. */
export async function push(
  stage: Stage,
  { commit = 1, source, ...more }: Start = {},
): Promise<WorkflowHandle> {
  const { workflowId } = await startLifecycle(stage.client, {
    source: { ...sourceOf(stage, commit), ...source },
    project: 'diabetes',
    trigger: 'push',
    timing: stage.timing,
    taskQueue: stage.taskQueue,
    ...more,
  });
  return stage.client.workflow.getHandle(workflowId);
}

export function sourceOf({ repository }: Stage, commit: number): SourceRef {
  return { repository, commit: String(commit).repeat(40), ref: 'refs/heads/main', path: '.' };
}

export function statusOf(handle: WorkflowHandle): Promise<LifecycleStatus> {
  return handle.query<LifecycleStatus>(messages.status);
}

export function endpointOf({ client, scope }: Stage, environment: string): WorkflowHandle {
  return client.workflow.getHandle(endpointWorkflowId(scope, environment));
}

export function endpointStatusOf(handle: WorkflowHandle): Promise<EndpointStatus> {
  return handle.query<EndpointStatus>(messages.status);
}

/** Asks until `look` answers; a workflow that nobody has begun yet counts as no answer. */
export async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = Date.now() + patienceMs;
  let problem: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`, { cause: problem });
    await pause(100);
  }
}

export function phaseOf(status: LifecycleStatus, phase: Phase): PhaseStatus {
  const found = status.phases.find((known) => known.phase === phase);
  if (found === undefined) throw new Error(`no phase ${phase}`);
  return found;
}

/** The status in which the phase has reached the state. */
export async function waitForPhase(
  handle: WorkflowHandle,
  phase: Phase,
  state: PhaseState,
): Promise<LifecycleStatus> {
  let last: LifecycleStatus | undefined;
  try {
    return await until(`${phase} to be ${state}`, async () => {
      last = await statusOf(handle);
      return phaseOf(last, phase).state === state ? last : undefined;
    });
  } catch (error) {
    throw new Error(`${String(error)}: ${JSON.stringify(last, undefined, 1)}`, { cause: error });
  }
}

/** The question that a lifecycle asks people now. */
export async function questionOf(handle: WorkflowHandle): Promise<PendingApproval> {
  return await until('an approval to be asked for', async () => (await statusOf(handle)).approval);
}

export async function approve(handle: WorkflowHandle, by = 'octocat'): Promise<PendingApproval> {
  const question = await questionOf(handle);
  await handle.signal(question.approve, { by });
  return question;
}

export async function resultOf(handle: WorkflowHandle): Promise<LifecycleStatus> {
  return (await handle.result()) as LifecycleStatus;
}

/** Lets a fake activity wait for the test. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** Sends bytes that no JSON parser takes, as the Temporal UI does when its warning is ignored. */
export async function signalGarbage(
  { client }: Stage,
  { workflowId }: WorkflowHandle,
  signalName: string,
): Promise<void> {
  const encoder = new TextEncoder();
  await client.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName,
    input: {
      payloads: [
        { metadata: { encoding: encoder.encode('json/plain') }, data: encoder.encode('{"reason": ') },
      ],
    },
  });
}

/** Names of the signals that the Temporal UI offers for a workflow. */
export async function offeredSignals(handle: WorkflowHandle): Promise<string[]> {
  const { definition } = await handle.query<{ definition: { signalDefinitions: { name: string }[] } }>(
    '__temporal_workflow_metadata',
  );
  return definition.signalDefinitions.map(({ name }) => name);
}
