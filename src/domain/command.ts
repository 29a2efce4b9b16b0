import type { Answer } from './approval.js';

/** What a person asked for in a comment's first line. */
export type CommentCommand = AnswerCommand | SteeringCommand | TrainCommand;

/** `/approve <12 hex> [reason]`, `/reject <12 hex> [reason]` */
export interface AnswerCommand {
  readonly kind: Answer;
  readonly code: string;
  readonly reason?: string;
}

/** `/retry [project]`, `/cancel [project]`, `/rollback [project]` */
export interface SteeringCommand {
  readonly kind: Steering;
  readonly project?: string;
}

/** `/train <full sha> [project]`: a maintainer lets a commit of a fork be trained. */
export interface TrainCommand {
  readonly kind: 'train';
  readonly commit: string;
  readonly project?: string;
}

export type Steering = 'retry' | 'cancel' | 'rollback';

export const steerings: readonly Steering[] = ['retry', 'cancel', 'rollback'];

/** A comment that was meant as a command but cannot be one, with what to write instead. */
export interface MalformedCommand {
  readonly kind: 'malformed';
  readonly problem: string;
}

const longestReason = 500;

/**
 * Reads the command in a comment's first line; `undefined` for a comment that is none. Only the first line counts,
 * so that quoting somebody's command is not giving one.
 */
export function parseCommand(body: string): CommentCommand | MalformedCommand | undefined {
  const line = (body.split(/\r?\n/, 1)[0] ?? '').trimEnd();
  const [, word, rest = ''] = /^\/([a-z]+)(?:\s+(.*))?$/.exec(line) ?? [];
  if (word === 'approve' || word === 'reject') return parseAnswer(word, rest.trim());
  if (word === 'train') return parseTrain(rest.trim());
  const steering = steerings.find((name) => name === word);
  if (steering === undefined) return undefined;
  const project = rest.trim();
  return { kind: steering, ...(project !== '' && { project }) };
}

function parseAnswer(kind: Answer, rest: string): AnswerCommand | MalformedCommand {
  const [, code, reason = ''] = /^([0-9a-f]{12})(?:\s+(.*))?$/.exec(rest) ?? [];
  if (code === undefined) {
    return {
      kind: 'malformed',
      problem: `/${kind} needs the 12 hexadecimal digits of the request, found "${rest.slice(0, 40)}"; copy the line from the request's comment: /${kind} <12 digits> [reason]`,
    };
  }
  return { kind, code, ...(reason !== '' && { reason: reason.slice(0, longestReason) }) };
}

/** A shortened SHA would do for somebody who makes another commit that begins with it. */
function parseTrain(rest: string): TrainCommand | MalformedCommand {
  const [, commit, project = ''] = /^([0-9a-f]{40}(?:[0-9a-f]{24})?)(?:\s+(\S+))?$/.exec(rest) ?? [];
  if (commit === undefined) {
    return {
      kind: 'malformed',
      problem: `/train needs the full SHA of the commit that you have looked at, found "${rest.slice(0, 40)}": /train <40 digits> [project]`,
    };
  }
  return { kind: 'train', commit, ...(project !== '' && { project }) };
}
