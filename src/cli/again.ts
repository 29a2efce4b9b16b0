import { defaultPayloadConverter } from '@temporalio/common';
import { lifecycleId } from '../domain/keys.js';
import { startLifecycle, type Started } from '../temporal/start-lifecycle.js';
import type { LifecycleInput } from '../workflows/messages.js';
import { failed } from './failures.js';
import type { Temporal } from './temporal.js';

/** What a lifecycle was started with, from the first event of its history. */
export async function inputOf(
  { connection, namespace }: Temporal,
  workflowId: string,
): Promise<{ readonly input: LifecycleInput; readonly taskQueue: string }> {
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payload = started?.input?.payloads?.[0];
  if (!payload) throw failed(`${workflowId} was started without an input; it is no lifecycle`);
  return {
    input: defaultPayloadConverter.fromPayload<LifecycleInput>(payload),
    taskQueue: started.taskQueue?.name ?? 'mlops',
  };
}

const mostTries = 1_000;

/**
 * Starts one more lifecycle of a commit, under the next free number of its kind: a closed id cannot be started again.
 * One that runs already for the same purpose is found instead.
 */
export async function startAgain(
  temporal: Temporal,
  kind: 'retry' | 'release',
  { input, taskQueue }: { readonly input: Omit<LifecycleInput, 'trigger'>; readonly taskQueue: string },
): Promise<Started> {
  for (let number = 1; number <= mostTries; number += 1) {
    const trigger = `${kind}/${number}` as const;
    const started = await startLifecycle(temporal.client, { ...input, trigger, taskQueue });
    if (started.outcome === 'started') return started;
    const id = lifecycleId(input.project, input.source, trigger);
    if (await runsForTheSame(temporal, id, input)) return started;
  }
  throw failed(`${mostTries} lifecycles of this commit were tried; look at why with \`mlops list\``);
}

async function runsForTheSame(
  temporal: Temporal,
  id: string,
  { release }: Omit<LifecycleInput, 'trigger'>,
): Promise<boolean> {
  const { status } = await temporal.client.workflow.getHandle(id).describe();
  if (status.name !== 'RUNNING') return false;
  const { input } = await inputOf(temporal, id);
  return JSON.stringify(input.release) === JSON.stringify(release);
}
