import type { Client } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { lifecycleId } from '../domain/keys.js';
import {
  type LifecycleInput,
  type Reach,
  type searchAttributes,
  workflowTypes,
} from '../workflows/messages.js';
import { workflowTaskTimeout } from './limits.js';

/** One lifecycle to start. */
export interface StartRequest extends LifecycleInput {
  readonly taskQueue: string;
  /** Address of the CI run that asks. */
  readonly run?: string;
}

/** What a lifecycle's memo says of its start. */
export interface StartMemo {
  readonly project: string;
  readonly repository: string;
  readonly commit: string;
  readonly ref: string;
  readonly reach: Reach;
  readonly startedBy?: string;
  readonly run?: string;
}

export interface Started {
  readonly workflowId: string;
  readonly outcome: 'started' | 'already started';
  /** Set when the namespace lacks the project's search attributes. */
  readonly warning?: string;
}

/** Starts a lifecycle once: its id is its business key, and a second start finds the first, running or closed. */
export async function startLifecycle(client: Client, request: StartRequest): Promise<Started> {
  const workflowId = lifecycleId(request.project, request.source, request.trigger);
  try {
    return { workflowId, outcome: await start(client, request, workflowId, await attributesOf(request)) };
  } catch (error) {
    if (!lacksSearchAttributes(error)) throw error;
    const outcome = await start(client, request, workflowId, []);
    const warning =
      'The namespace lacks the search attributes Mlops*: started without them; `mlops setup` registers them';
    return { workflowId, outcome, warning };
  }
}

async function attributesOf({ project, source }: StartRequest): Promise<SearchAttributePair[]> {
  // Loaded here because the Action imports this file before it knows whether it starts anything.
  const { SearchAttributeType } = await import('@temporalio/common');
  const pair = (name: keyof typeof searchAttributes, value: string): SearchAttributePair => ({
    key: { name, type: SearchAttributeType.KEYWORD },
    value,
  });
  return [
    pair('MlopsProject', project),
    pair('MlopsRepository', source.repository),
    pair('MlopsCommit', source.commit),
    pair('MlopsBranch', source.ref.replace(/^refs\/(heads\/)?/, '')),
  ];
}

/** Conflict policy FAIL instead of USE_EXISTING: same effect, and it tells a running one from a new one. */
async function start(
  client: Client,
  { taskQueue, run, ...input }: StartRequest,
  workflowId: string,
  typedSearchAttributes: SearchAttributePair[],
): Promise<Started['outcome']> {
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const { project, source, startedBy } = input;
  const reach = input.reach ?? 'production';
  const memo: StartMemo = {
    project,
    repository: source.repository,
    commit: source.commit,
    ref: source.ref,
    reach,
    ...(startedBy !== undefined && { startedBy }),
    ...(run !== undefined && { run }),
  };
  try {
    await client.workflow.start(workflowTypes.lifecycle, {
      workflowId,
      taskQueue,
      args: [input satisfies LifecycleInput],
      workflowTaskTimeout,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: { ...memo },
      typedSearchAttributes,
      staticSummary: `${project} · ${source.commit.slice(0, 7)} · ${reach}`,
    });
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already started';
    throw error;
  }
}

/** The server answers INVALID_ARGUMENT and names the attribute. */
function lacksSearchAttributes(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/search attribute/i.test(cause.message) && cause.message.includes('Mlops')) return true;
  }
  return false;
}
