import type { Client } from '@temporalio/client';
import { parseCommand, type Steering, type SteeringCommand } from '../../src/domain/command.js';
import { parseMarkers, type Marker } from '../../src/domain/marker.js';
import { messages, type DecisionPayload } from '../../src/workflows/messages.js';
import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';

/** A signal (or a cancel request) to send to a workflow. */
export interface SignalRequest {
  readonly workflowId: string;
  /** A signal's name, or `cancel`, which is Temporal's own request. */
  readonly name: string;
  readonly payload?: DecisionPayload;
}

/** Roles that may steer; approvals are judged by the worker, these are not attributed there. */
const mayDo: Record<Steering, readonly string[]> = {
  retry: ['admin', 'maintain', 'write'],
  cancel: ['admin', 'maintain', 'write'],
  rollback: ['admin', 'maintain'],
};
const trusted = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

/**
 * What a new comment asks for; `undefined` when it is no command.
 * @throws Error for a command that cannot be carried out: malformed, meant for nothing here, or not permitted.
 */
export async function signalOfComment(
  context: RunContext,
  github: GitHubReader | undefined,
): Promise<SignalRequest | undefined> {
  const { comment, issue, action } = context.payload;
  const command = action === 'created' ? parseCommand(comment?.body ?? '') : undefined;
  if (command === undefined || comment === undefined || issue === undefined) return undefined;
  if (command.kind === 'malformed') throw new Error(command.problem);
  if (github === undefined)
    throw new Error(
      'The input github-token is empty: it is needed to find which workflow the comment is meant for.',
    );
  const markers = await findMarkers(issue, github);
  if ('code' in command) {
    const { lifecycle } = pending(markers, command.code);
    return {
      workflowId: lifecycle,
      name: `${command.kind} ${command.code}`,
      payload: { comment_id: comment.id },
    };
  }
  const target = newest(markers, command.project);
  await requireRole(command.kind, comment.user?.login, github);
  return steer(command, target, comment.user?.login);
}

/** Markers by the worker's bot or by people of the repository: a stranger's comment must not redirect anybody's command. */
async function findMarkers(
  issue: NonNullable<RunContext['payload']['issue']>,
  github: GitHubReader,
): Promise<Marker[]> {
  const written = [issue, ...(await github.comments(issue.number))];
  const markers = written
    .filter(
      ({ user, author_association: association }) => user?.type === 'Bot' || trusted.has(association ?? ''),
    )
    .flatMap(({ body }) => parseMarkers(body ?? ''));
  if (markers.length === 0) {
    throw new Error(
      `#${issue.number} holds no request of a worker: write the command where the worker's comment stands.`,
    );
  }
  return markers;
}

function pending(markers: readonly Marker[], code: string): Marker {
  const found = markers.find((marker) => marker.code === code);
  if (found) return found;
  const codes = markers.flatMap((marker) =>
    marker.code === undefined ? [] : [`${marker.code} (${marker.project})`],
  );
  throw new Error(
    codes.length === 0
      ? `Nothing waits for an answer here: ${code} was answered or has expired.`
      : `${code} is not pending: the evidence has changed or it is mistyped; pending: ${codes.join(', ')}`,
  );
}

function newest(markers: readonly Marker[], project: string | undefined): Marker {
  const latest = new Map(markers.map((marker) => [marker.project, marker]));
  const names = [...latest.keys()];
  const wanted = project ?? (names.length === 1 ? names[0] : undefined);
  const found = wanted === undefined ? undefined : latest.get(wanted);
  if (found) return found;
  throw new Error(
    `Which project? Found ${project ?? 'no name'}; write the command with one of: ${names.join(', ')}`,
  );
}

async function requireRole(kind: Steering, login: string | undefined, github: GitHubReader): Promise<void> {
  const role = login === undefined ? 'none' : await github.roleOf(login);
  if (mayDo[kind].includes(role)) return;
  throw new Error(
    `${login ?? 'somebody'} has the role ${role} on this repository; /${kind} needs ${mayDo[kind].join(' or ')}.`,
  );
}

function steer(command: SteeringCommand, target: Marker, by: string | undefined): SignalRequest {
  if (command.kind !== 'rollback')
    return { workflowId: target.lifecycle, name: command.kind === 'retry' ? messages.retry : 'cancel' };
  if (target.endpoint === undefined)
    throw new Error(`${target.project} has released nothing yet: there is nothing to roll back.`);
  return {
    workflowId: target.endpoint,
    name: messages.rollback,
    ...(by !== undefined && { payload: { by } }),
  };
}

/**
 * Sends it.
 * @throws Error that says so when the workflow has ended or never was.
 */
export async function sendSignal(
  client: Client,
  { workflowId, name, payload }: SignalRequest,
): Promise<void> {
  const { WorkflowNotFoundError } = await import('@temporalio/client');
  const handle = client.workflow.getHandle(workflowId);
  try {
    if (name === 'cancel') await handle.cancel();
    else await handle.signal(name, ...(payload === undefined ? [] : [payload]));
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new Error(
      `${workflowId} has ended or does not exist: \`${name}\` came too late or to the wrong namespace.`,
      { cause: error },
    );
  }
}
