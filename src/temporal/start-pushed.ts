import type { Client } from '@temporalio/client';
import { reachesFurther, type ReachName } from '../domain/reach.js';
import { type Started, type StartMemo, startLifecycle, type StartRequest } from './start-lifecycle.js';

/** One push of a project. */
export type PushRequest = Omit<StartRequest, 'trigger' | 'reach'> & { readonly reach: ReachName };

/**
 * Starts a commit's lifecycle once, whoever noticed the push: the Action, the polling schedule, or both. When the
 * commit has had one that was not to go as far (a planned pull request that was then merged by fast-forward), the
 * longer one is a retry with an id of its own.
 */
export async function startPushed(client: Client, request: PushRequest): Promise<Started> {
  const first = await startLifecycle(client, { ...request, trigger: 'push' });
  if (first.outcome === 'started') return first;
  const description = await client.workflow.getHandle(first.workflowId).describe();
  const reached = (description.memo as Partial<StartMemo> | undefined)?.reach ?? 'production';
  return reachesFurther(request.reach, reached)
    ? await startLifecycle(client, { ...request, trigger: `retry/${request.reach}` })
    : first;
}
