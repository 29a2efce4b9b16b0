import type { Client } from '@temporalio/client';
import {
  type CommentCommand,
  parseCommand,
  type Steering,
  type SteeringCommand,
} from '../../src/domain/command.js';
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

/** Roles that may; told at once here. The worker judges every command again. */
const mayDo: Record<Steering | 'train', readonly string[]> = {
  train: ['admin', 'maintain'],
  retry: ['admin', 'maintain', 'write'],
  cancel: ['admin', 'maintain', 'write'],
  rollback: ['admin', 'maintain'],
};
const trusted = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

const approving = new Set(['approved']);

/**
 * What a new comment or review asks for; `undefined` when it asks for nothing. The worker reads the text again and
 * decides: only its id is sent.
 * @throws Error for a command that cannot be carried out: malformed, meant for nothing here, or not permitted.
 */
export async function signalOf(
  { payload }: RunContext,
  github: GitHubReader | undefined,
): Promise<SignalRequest | undefined> {
  const { review, pull_request: pull, comment, issue, action } = payload;
  if (review !== undefined && pull !== undefined)
    return action === 'submitted' ? await signalOfReview(review, pull, github) : undefined;
  const command = action === 'created' ? commandOf(comment?.body) : undefined;
  if (command === undefined || command.kind === 'train' || comment === undefined || issue === undefined)
    return undefined;
  const markers = await findMarkers(issue, github);
  if (markers.length === 0) throw noRequest(issue.number);
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
  return steer(command, target, comment.id, comment.user?.login);
}

/** @throws Error for a comment that was meant as a command and is none */
export function commandOf(body: string | null | undefined): CommentCommand | undefined {
  const command = parseCommand(body ?? '');
  if (command?.kind === 'malformed') throw new Error(command.problem);
  return command;
}

/** A review answers by a command in its first line, else an approving one what waits for its commit. */
async function signalOfReview(
  review: NonNullable<RunContext['payload']['review']>,
  pull: NonNullable<RunContext['payload']['pull_request']>,
  github: GitHubReader | undefined,
): Promise<SignalRequest | undefined> {
  const command = commandOf(review.body);
  const answer = command !== undefined && 'code' in command ? command : undefined;
  if (answer === undefined && !approving.has(review.state)) return undefined;
  const markers = await findMarkers(pull, github);
  const waiting = markers.filter(
    ({ code, lifecycle }) =>
      code !== undefined && lifecycle.split('/').includes((review.commit_id ?? '').slice(0, 12)),
  );
  if (answer === undefined && waiting.length === 0) return undefined;
  if (answer === undefined && waiting.length > 1)
    throw new Error(
      `The review approves ${waiting.length} requests at once: answer each by a comment: ${waiting.map(({ code }) => `/approve ${code ?? ''}`).join(', ')}`,
    );
  const { lifecycle, code } = answer === undefined ? (waiting[0] ?? {}) : pending(markers, answer.code);
  if (lifecycle === undefined) return undefined;
  return {
    workflowId: lifecycle,
    name: `${answer?.kind ?? 'approve'} ${code ?? ''}`,
    payload: { review_id: review.id },
  };
}

/** Markers by the worker's bot or by people of the repository: a stranger's comment must not redirect anybody's command. */
async function findMarkers(
  issue: NonNullable<RunContext['payload']['issue']>,
  github: GitHubReader | undefined,
): Promise<Marker[]> {
  const written = [issue, ...(await needed(github).comments(issue.number))];
  return written
    .filter(
      ({ user, author_association: association }) => user?.type === 'Bot' || trusted.has(association ?? ''),
    )
    .flatMap(({ body }) => parseMarkers(body ?? ''));
}

function noRequest(number: number): Error {
  return new Error(
    `#${number} holds no request of a worker: write the command where the worker's comment stands.`,
  );
}

function needed(github: GitHubReader | undefined): GitHubReader {
  if (github !== undefined) return github;
  throw new Error(
    'The input github-token is empty: it is needed to find which workflow the comment is meant for.',
  );
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

export async function requireRole(
  kind: Steering | 'train',
  login: string | undefined,
  github: GitHubReader | undefined,
): Promise<void> {
  const role = login === undefined ? 'none' : await needed(github).roleOf(login);
  if (mayDo[kind].includes(role)) return;
  throw new Error(
    `${login ?? 'somebody'} has the role ${role} on this repository; /${kind} needs ${mayDo[kind].join(' or ')}.`,
  );
}

function steer(
  command: SteeringCommand,
  target: Marker,
  comment: number,
  by: string | undefined,
): SignalRequest {
  if (command.kind !== 'rollback')
    return { workflowId: target.lifecycle, name: messages.comment, payload: { comment_id: comment } };
  if (target.endpoint === undefined)
    throw new Error(`${target.project} has released nothing yet: there is nothing to roll back.`);
  return {
    workflowId: target.endpoint,
    name: messages.rollback,
    payload: { comment_id: comment, ...(by !== undefined && { by }) },
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
