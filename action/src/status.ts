import type { Client } from '@temporalio/client';
import { lifecycleId } from '../../src/domain/keys.js';
import { messages, type EndpointStatus, type LifecycleStatus } from '../../src/workflows/messages.js';
import type { RunContext } from './context.js';
import type { Inputs } from './inputs.js';
import { findProjects } from './projects.js';

/** Ids of the lifecycles that this commit's push has, for the projects of the checkout. */
export async function lifecyclesOf(
  inputs: Inputs,
  context: RunContext,
): Promise<{ subject: string; workflowId: string }[]> {
  const { repository, ref, payload, workspace } = context;
  const commit = payload.pull_request?.head.sha ?? context.sha;
  const projects = await findProjects(workspace, inputs.path, inputs.config, repository);
  return projects
    .filter(({ name }) => inputs.projects.length === 0 || inputs.projects.includes(name))
    .map(({ name, path }) => ({
      subject: name,
      workflowId: lifecycleId(name, { repository, commit, ref, path }, 'push'),
    }));
}

/**
 * One line for people: the verdict, else what it does or waits for.
 * @throws Error when there is no such workflow
 */
export async function statusOf(client: Client, workflowId: string): Promise<string> {
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    const status = await client.workflow
      .getHandle(workflowId)
      .query<LifecycleStatus | EndpointStatus>(messages.status);
    return 'phases' in status ? lifecycleLine(status) : endpointLine(status);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new Error(`${workflowId} does not exist in this namespace, or is older than its retention.`, {
      cause: error,
    });
  }
}

const lifecycleLine = ({ verdict, why }: LifecycleStatus): string => `${verdict ?? 'running'}: ${why}`;

function endpointLine({ champion, running, waiting }: EndpointStatus): string {
  const serves = champion === undefined ? 'nothing serves' : `${champion.deployment} serves`;
  return `${serves}; ${running === undefined ? 'idle' : running.step}; ${waiting.length} waiting`;
}
