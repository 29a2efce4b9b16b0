import type { Client } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import { lifecycleId } from '../../src/domain/keys.js';
import { reachesFurther, type ReachName } from '../../src/domain/reach.js';
import type { SourceRef, Trigger } from '../../src/domain/source.js';
import { workflowTypes, type LifecycleInput, searchAttributes } from '../../src/workflows/messages.js';

/** One lifecycle to start. */
export interface StartRequest {
  readonly project: string;
  readonly source: SourceRef;
  readonly reach: ReachName;
  readonly taskQueue: string;
  readonly startedBy?: string;
  /** Address of the run that asks. */
  readonly run?: string;
  readonly timing?: LifecycleInput['timing'];
}

export interface Started {
  readonly workflowId: string;
  readonly outcome: 'started' | 'already started';
  /** Set when the namespace lacks the project's search attributes. */
  readonly warning?: string;
}

/** What a lifecycle's memo says of its start. */
export type StartMemo = Pick<StartRequest, 'project' | 'reach' | 'startedBy' | 'run'> &
  Omit<SourceRef, 'path'>;

/**
 * Starts a commit's lifecycle once. When the commit has had one that was not to go as far (a planned pull request
 * that was then merged by fast-forward), the longer one is a retry with an id of its own.
 */
export async function startLifecycle(client: Client, request: StartRequest): Promise<Started> {
  const first = await startOnce(client, request, 'push');
  if (first.outcome === 'started') return first;
  const description = await client.workflow.getHandle(first.workflowId).describe();
  const reached = (description.memo as Partial<StartMemo> | undefined)?.reach ?? 'production';
  return reachesFurther(request.reach, reached)
    ? startOnce(client, request, `retry/${request.reach}`)
    : first;
}

async function startOnce(client: Client, request: StartRequest, trigger: Trigger): Promise<Started> {
  const { source, project, reach } = request;
  const attributes = [
    attribute('MlopsProject', project),
    attribute('MlopsRepository', source.repository),
    attribute('MlopsCommit', source.commit),
    attribute('MlopsBranch', source.ref.replace(/^refs\/(heads\/)?/, '')),
  ];
  const input: LifecycleInput = {
    source,
    project,
    trigger,
    reach,
    ...(request.startedBy !== undefined && { startedBy: request.startedBy }),
    ...(request.timing !== undefined && { timing: request.timing }),
  };
  const workflowId = lifecycleId(project, source, trigger);
  const start = (typedSearchAttributes: SearchAttributePair[]) =>
    send(client, { workflowId, input, request, typedSearchAttributes });
  try {
    return { workflowId, outcome: await start(attributes) };
  } catch (error) {
    if (!lacksSearchAttributes(error)) throw error;
    const outcome = await start([]);
    return {
      workflowId,
      outcome,
      warning:
        'The namespace lacks the search attributes Mlops*: started without them; `mlops setup` registers them.',
    };
  }
}

function attribute(name: keyof typeof searchAttributes, value: string): SearchAttributePair {
  return { key: { name, type: searchAttributes[name] }, value };
}

interface Send {
  readonly workflowId: string;
  readonly input: LifecycleInput;
  readonly request: StartRequest;
  readonly typedSearchAttributes: SearchAttributePair[];
}

/** Conflict policy FAIL instead of USE_EXISTING: same effect, and it tells a running one from a new one. */
async function send(
  client: Client,
  { workflowId, input, request, typedSearchAttributes }: Send,
): Promise<Started['outcome']> {
  const { WorkflowExecutionAlreadyStartedError } = await import('@temporalio/client');
  const { source, project, reach, startedBy, run } = request;
  const memo: StartMemo = {
    project,
    reach,
    repository: source.repository,
    commit: source.commit,
    ref: source.ref,
    ...(startedBy !== undefined && { startedBy }),
    ...(run !== undefined && { run }),
  };
  try {
    await client.workflow.start(workflowTypes.lifecycle, {
      workflowId,
      taskQueue: request.taskQueue,
      args: [input],
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
    if (/search attribute/i.test(cause.message) && /Mlops/.test(cause.message)) return true;
  }
  return false;
}
