import type { EndpointStatus } from '../../workflows/messages.js';
import { workflowTypes } from '../../workflows/messages.js';
import type { OwnerFound } from '../../domain/upkeep.js';
import { queryStatus } from '../reading.js';
import type { Temporal } from '../temporal.js';

/** What an endpoint's owner needs; `silent` where one runs and does not answer, undefined where none runs. */
export async function ownerOf(
  { client }: Pick<Temporal, 'client'>,
  workflowId: string,
): Promise<OwnerFound | 'silent' | undefined> {
  if (!(await isRunning(client, workflowId))) return undefined;
  const asked = await queryStatus(client, workflowId);
  return asked.ok ? neededBy(asked.status as EndpointStatus) : 'silent';
}

async function isRunning(client: Temporal['client'], workflowId: string): Promise<boolean> {
  const query = `WorkflowType = '${workflowTypes.endpoint}' AND WorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
  for await (const _ of client.workflow.list({ query })) return true;
  return false;
}

function neededBy(status: EndpointStatus): OwnerFound {
  const { champion, previous, retiring, waiting, running, retirement } = status;
  const deployed = [champion, previous].filter((known) => known !== undefined);
  const releases = [...waiting, ...(running === undefined ? [] : [running.release])];
  return {
    deployments: deployed.map(({ deployment }) => deployment),
    retiring: retiring.map(({ deployment }) => deployment),
    models: [...deployed, ...releases].map(({ model }) => `${model.name}:${model.version}`),
    busy: running !== undefined || retirement !== undefined,
  };
}

/**
 * `name:version` → who needs it, from every owner of the namespace: a model may serve in a workspace that nobody looks
 * at now, and a rollback builds from the one that trained it. Undefined where an owner does not answer.
 */
export async function neededModels({
  client,
}: Pick<Temporal, 'client'>): Promise<Record<string, string> | undefined> {
  const query = `WorkflowType = '${workflowTypes.endpoint}' AND ExecutionStatus = 'Running'`;
  const needed: Record<string, string> = {};
  for await (const { workflowId } of client.workflow.list({ query })) {
    const asked = await queryStatus(client, workflowId);
    if (!asked.ok) return undefined;
    const status = asked.status as EndpointStatus;
    for (const model of neededBy(status).models)
      needed[model] = `needed by the endpoint ${status.endpoint} in ${status.workspace}`;
  }
  return needed;
}

/** Projects of which a lifecycle runs now. */
export async function busyProjects({ client }: Pick<Temporal, 'client'>): Promise<string[]> {
  const query = `WorkflowType = '${workflowTypes.lifecycle}' AND ExecutionStatus = 'Running'`;
  const projects = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query }))
    projects.add(workflowId.split('/')[2] ?? '');
  return [...projects];
}
