import type { WorkflowExecutionInfo } from '@temporalio/client';
import { nearest } from '../domain/text.js';
import { workflowTypes } from '../workflows/messages.js';
import { badInput } from './failures.js';
import { keyOf, matchLifecycle } from './lifecycle-ids.js';
import type { Temporal } from './temporal.js';

/** A lifecycle as Temporal's list shows it. */
export interface Listed {
  readonly id: string;
  /** `RUNNING`, `COMPLETED`, … */
  readonly execution: string;
  readonly startedAt: Date;
  readonly closedAt?: Date;
  /** Search attributes, where the namespace has them. */
  readonly phase?: string;
  readonly verdict?: string;
}

/** How many lifecycles are looked through for one that was not named in full. */
const mostListed = 2_000;

/** Lifecycles, newest first. */
export async function listLifecycles(
  { client }: Temporal,
  filter: { readonly running?: boolean; readonly project?: string; readonly limit?: number } = {},
): Promise<Listed[]> {
  const query = [
    `WorkflowType = '${workflowTypes.lifecycle}'`,
    ...(filter.running === true ? [`ExecutionStatus = 'Running'`] : []),
  ].join(' AND ');
  const found: Listed[] = [];
  let seen = 0;
  for await (const info of client.workflow.list({ query })) {
    seen += 1;
    if (filter.project === undefined || keyOf(info.workflowId)?.project === filter.project)
      found.push(listed(info));
    if (seen === mostListed) break;
  }
  return found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, filter.limit);
}

function listed(info: WorkflowExecutionInfo): Listed {
  const attributes = new Map(info.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  const text = (name: string): string | undefined => {
    const value = attributes.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [phase, verdict] = [text('MlopsPhase'), text('MlopsVerdict')];
  return {
    id: info.workflowId,
    execution: info.status.name,
    startedAt: info.startTime,
    ...(info.closeTime !== undefined && { closedAt: info.closeTime }),
    ...(phase !== undefined && { phase }),
    ...(verdict !== undefined && { verdict }),
  };
}

/**
 * Id of the lifecycle that somebody means; without a text the newest.
 * @throws CliError that lists the candidates when it is ambiguous, or what there is when nothing fits
 */
export async function findLifecycle(temporal: Temporal, text?: string): Promise<string> {
  if (text !== undefined && (await exists(temporal, text))) return text;
  const known = await listLifecycles(temporal);
  const [newest] = known;
  if (newest === undefined) {
    throw badInput(
      `there is no lifecycle in namespace ${temporal.namespace} at ${temporal.address}; \`mlops start\` starts one`,
    );
  }
  if (text === undefined) return newest.id;
  const found = matchLifecycle(text, known);
  if (found.kind === 'one') return found.match.id;
  if (found.kind === 'several') {
    const candidates = found.matches.map(({ id }) => `  ${id}`).join('\n');
    throw badInput(`${text} could be any of these; write more of it:\n${candidates}`);
  }
  throw badInput(nothingFits(text, known));
}

async function exists({ client }: Temporal, text: string): Promise<boolean> {
  if (keyOf(text) === undefined) return false;
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  try {
    await client.workflow.getHandle(text).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function nothingFits(text: string, known: readonly Listed[]): string {
  const projects = [...new Set(known.flatMap(({ id }) => keyOf(id)?.project ?? []))];
  const meant = nearest(text, projects);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `no lifecycle fits ${text}${hint} projects that have any: ${projects.slice(0, 20).join(', ')}. Name a project, \`project/commit\`, or a whole id as \`mlops list\` shows them`;
}
