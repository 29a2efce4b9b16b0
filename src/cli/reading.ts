import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { StartMemo } from '../temporal/start-lifecycle.js';
import { type LifecycleStatus, type LifecycleVerdict, messages, phases } from '../workflows/messages.js';
import { reasonOf } from './failures.js';

/** What a lifecycle tells about itself. */
export type Reading =
  | { readonly kind: 'running'; readonly status: LifecycleStatus }
  /** It runs, but no worker answers for it. */
  | { readonly kind: 'silent'; readonly reason: string; readonly memo: Partial<StartMemo> }
  | { readonly kind: 'closed'; readonly status: LifecycleStatus };

const queryTimeoutMs = 5_000;

/**
 * Reads a lifecycle's status: by query, or from its result once it has completed, so that no worker is needed then.
 * @throws WorkflowNotFoundError; ServiceError when Temporal does not answer
 */
export async function readLifecycle(client: Client, workflowId: string): Promise<Reading> {
  const handle = client.workflow.getHandle(workflowId);
  const description = await handle.describe();
  const memo = (description.memo ?? {}) as Partial<StartMemo>;
  if (description.status.name === 'COMPLETED') {
    return { kind: 'closed', status: (await handle.result()) as LifecycleStatus };
  }
  const asked = await queryStatus(client, workflowId);
  if (description.status.name === 'RUNNING') {
    return asked.ok
      ? { kind: 'running', status: asked.status as LifecycleStatus }
      : { kind: 'silent', reason: asked.reason, memo };
  }
  const known = asked.ok ? (asked.status as LifecycleStatus) : unknownStatus(description, memo);
  return { kind: 'closed', status: await endedBadly(client, description, known) };
}

/** Asks a workflow for its status; a worker that is away is an answer too. */
export async function queryStatus(
  client: Client,
  workflowId: string,
): Promise<
  { readonly ok: true; readonly status: unknown } | { readonly ok: false; readonly reason: string }
> {
  try {
    const status = await client.withDeadline(Date.now() + queryTimeoutMs, () =>
      client.workflow.getHandle(workflowId).query<unknown>(messages.status),
    );
    return { ok: true, status };
  } catch (error) {
    return { ok: false, reason: reasonOf(error) };
  }
}

/** A lifecycle that failed, was cancelled or terminated: the verdict and the reason that it could not give itself. */
async function endedBadly(
  client: Client,
  { workflowId, runId, status: { name } }: WorkflowExecutionDescription,
  known: LifecycleStatus,
): Promise<LifecycleStatus> {
  if (known.verdict !== undefined) return known;
  const reason: string = await client.workflow
    .getHandle(workflowId, runId)
    .result()
    .then(() => '', reasonOf);
  const verdict: LifecycleVerdict = name === 'CANCELLED' ? 'cancelled' : 'failed';
  return { ...known, verdict, why: `The workflow is ${name.toLowerCase()}: ${reason}` };
}

function unknownStatus(
  { workflowId }: WorkflowExecutionDescription,
  memo: Partial<StartMemo>,
): LifecycleStatus {
  const [, , project, commit] = workflowId.split('/');
  return {
    project: memo.project ?? project ?? '',
    repository: memo.repository ?? '',
    commit: memo.commit ?? commit ?? '',
    trigger: 'push',
    phases: phases.map((phase) => ({ phase, state: 'pending', summary: '' })),
    candidates: [],
    models: [],
    decisions: [],
    releases: {},
    notes: [],
    why: '',
  };
}
