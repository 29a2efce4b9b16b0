import { nearest } from '../domain/text.js';
import { type EndpointStatus, workflowTypes } from '../workflows/messages.js';
import { badInput, unreachable } from './failures.js';
import { queryStatus } from './reading.js';
import type { Temporal } from './temporal.js';

export interface EndpointOwner {
  /** `mlops/endpoint/{hash of the workspace}/{endpoint}` */
  readonly id: string;
  readonly status: EndpointStatus;
}

/**
 * The workflow that owns an endpoint, named by the endpoint, or by the workflow's whole id.
 * @param workspace alias, where two workspaces have an endpoint of that name
 * @throws CliError for an unknown or ambiguous name, and when no worker answers
 */
export async function findEndpoint(
  temporal: Temporal,
  name: string,
  workspace?: string,
): Promise<EndpointOwner> {
  const ids = await ownerIds(temporal);
  const matches = ids.filter((id) => id === name || nameOf(id) === name);
  if (matches.length === 0) throw badInput(unknown(name, ids.map(nameOf)));
  const owners = await Promise.all(matches.map((id) => readOwner(temporal, id)));
  const fitting = owners.filter(({ status }) => workspace === undefined || status.workspace === workspace);
  const [only, ...others] = fitting;
  if (only === undefined || others.length > 0) {
    const candidates = owners.map(({ status, id }) => `  --workspace ${status.workspace}  (${id})`);
    throw badInput(
      `${name} is in ${owners.length} workspaces${workspace === undefined ? '' : `, none of them ${workspace}`}; say which:\n${candidates.join('\n')}`,
    );
  }
  return only;
}

async function ownerIds({ client }: Temporal): Promise<string[]> {
  const query = `WorkflowType = '${workflowTypes.endpoint}' AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

export async function readOwner({ client }: Temporal, id: string): Promise<EndpointOwner> {
  const asked = await queryStatus(client, id);
  if (asked.ok) return { id, status: asked.status as EndpointStatus };
  throw unreachable(
    `no worker answers for ${id}: ${asked.reason}\nStart a worker that serves the task queue of the workflows (MLOPS_TASK_QUEUES).`,
  );
}

function nameOf(id: string): string {
  return id.split('/').slice(3).join('/');
}

function unknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const all = known.length === 0 ? 'none; a first release makes one' : [...new Set(known)].join(', ');
  return `no workflow owns an endpoint ${name}${meant === undefined ? '' : `; did you mean ${meant}?`} known: ${all}`;
}
