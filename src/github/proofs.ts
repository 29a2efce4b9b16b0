import type { Answer, Proof } from '../domain/approval.js';
import { type CommentCommand, parseCommand } from '../domain/command.js';
import type { GitHub } from './client.js';
import { pullRequestOf } from './commits.js';
import { isAllowed, mayWrite, type Permission, sameLogin } from './people.js';
import { readComment, readReview, type Statement } from './statements.js';

export interface CommentRule {
  /** Code of the pending request and the answer whose signal named the comment. */
  readonly code: string;
  readonly answer: Answer;
  readonly approvers: readonly string[];
  /** Milliseconds since the epoch at which the request was made: older comments answer something else. */
  readonly notBefore: number;
  /** Logins and e-mail addresses with a part in the commits since the champion's. */
  readonly authors: readonly string[];
}

/** Proves by a comment who answered a request. Everything that is not certain is a `problem`, and not allowed. */
export async function verifyComment(
  github: GitHub,
  repository: string,
  commentId: number,
  rule: CommentRule,
): Promise<Proof> {
  const { answer, code, approvers, ...people } = rule;
  return await proveComment(github, repository, commentId, {
    ...people,
    mayAsk: oneOf(approvers),
    wanted: `/${answer} ${code}`,
    fits: (command) => command.kind === answer && command.code === code,
  });
}

export interface SteeringCommentRule {
  readonly action: string;
  /** A comment that names a project must name this one. */
  readonly project: string;
  readonly operators: readonly string[];
  /** Milliseconds since the epoch: older comments meant something else. */
  readonly notBefore: number;
}

/** Proves by a comment (`/rollback [project]`) which operator steers. */
export async function verifySteeringComment(
  github: GitHub,
  repository: string,
  commentId: number,
  { action, project, operators, notBefore }: SteeringCommentRule,
): Promise<Proof> {
  return await proveComment(github, repository, commentId, {
    mayAsk: oneOf(operators),
    notBefore,
    authors: [],
    wanted: `/${action}`,
    fits: (command) => command.kind === action && (!('project' in command) || command.project === project),
  });
}

export interface LifecycleCommentRule {
  readonly project: string;
  /** Milliseconds since the epoch: older comments meant something else. */
  readonly notBefore: number;
}

/** Proves by a comment (`/retry [project]`, `/cancel [project]`) who asks what of a lifecycle. */
export async function verifyLifecycleComment(
  github: GitHub,
  repository: string,
  commentId: number,
  { project, notBefore }: LifecycleCommentRule,
): Promise<{ readonly proof: Proof; readonly asks?: 'retry' | 'cancel' }> {
  let asks: 'retry' | 'cancel' | undefined;
  const proof = await proveComment(github, repository, commentId, {
    mayAsk: mayWrite,
    notBefore,
    authors: [],
    wanted: '/retry" or "/cancel',
    fits: (command) => {
      if (command.kind !== 'retry' && command.kind !== 'cancel') return false;
      asks = command.kind;
      return command.project === undefined || command.project === project;
    },
  });
  return { proof, ...(asks !== undefined && { asks }) };
}

type MayAsk = (github: GitHub, repository: string, login: string) => Promise<Permission>;

/** People and teams; where nobody is named, who maintains the repository. */
function oneOf(approvers: readonly string[]): MayAsk {
  return (github, repository, login) => isAllowed(github, repository, approvers, login);
}

interface PeopleRule extends Pick<CommentRule, 'notBefore' | 'authors'> {
  readonly mayAsk: MayAsk;
}

interface WantedComment extends PeopleRule {
  /** The command as people write it. */
  readonly wanted: string;
  readonly fits: (command: CommentCommand) => boolean;
}

async function proveComment(
  github: GitHub,
  repository: string,
  commentId: number,
  rule: WantedComment,
): Promise<Proof> {
  return await prove(github, repository, await readComment(github, repository, commentId), rule, {
    missing: `the comment ${commentId} does not exist (any more)`,
    problemOf: (comment) => commandProblem(comment, rule),
  });
}

export interface ReviewRule extends CommentRule {
  readonly commit: string;
}

/**
 * Proves by a review of the pull request that brings the commit. It approves by its state, for exactly this commit,
 * whatever its text; it rejects by the command only, since asking for changes of code is not about a model.
 */
export async function verifyReview(
  github: GitHub,
  repository: string,
  reviewId: number,
  rule: ReviewRule,
): Promise<Proof> {
  const pull = await pullRequestOf(github, repository, rule.commit);
  const review = pull && (await readReview(github, repository, pull.number, reviewId));
  const people = { ...rule, mayAsk: oneOf(rule.approvers) };
  return await prove(github, repository, review, people, {
    missing: `the review ${reviewId} is none of the pull request that brings ${rule.commit.slice(0, 12)}`,
    problemOf: (found) => reviewProblem(found, rule),
  });
}

function reviewProblem({ review, body }: Statement, rule: ReviewRule): string | undefined {
  const { answer, code, commit } = rule;
  if (review?.commit !== commit)
    return `the review is of the commit ${review?.commit.slice(0, 12) ?? ''}, not of ${commit.slice(0, 12)}`;
  const command = parseCommand(body);
  const says = command !== undefined && 'code' in command ? command : undefined;
  if (says !== undefined && (says.kind !== answer || says.code !== code))
    return `the review's first line is not "/${answer} ${code}"`;
  if (answer === 'approve' && review.state !== 'APPROVED')
    return `the review is ${review.state}, not APPROVED`;
  if (answer === 'reject' && says === undefined)
    return `a review rejects by its first line "/${answer} ${code}" only`;
  return undefined;
}

export interface TrainRule {
  readonly commit: string;
  /** Number of the pull request. */
  readonly pull: number;
}

/** Proves by a comment `/train <sha>` which maintainer lets a commit of a fork be trained. */
export async function verifyTrainComment(
  github: GitHub,
  repository: string,
  commentId: number,
  { commit }: TrainRule,
): Promise<Proof> {
  return await proveComment(github, repository, commentId, {
    mayAsk: oneOf([]),
    notBefore: 0,
    authors: [],
    wanted: `/train ${commit}`,
    fits: (command) => command.kind === 'train' && command.commit === commit,
  });
}

interface Judgement {
  /** The problem when there is no such text. */
  readonly missing: string;
  readonly problemOf: (statement: Statement) => string | undefined;
}

async function prove(
  github: GitHub,
  repository: string,
  statement: Statement | undefined,
  { authors, notBefore, mayAsk }: PeopleRule,
  { missing, problemOf }: Judgement,
): Promise<Proof> {
  const person = statement?.author ?? 'somebody';
  const isAuthor = authors.some((author) => sameLogin(author, person));
  const problem =
    statement === undefined ? missing : (trustProblem(statement, notBefore) ?? problemOf(statement));
  if (problem !== undefined) return { by: 'github', person, allowed: false, isAuthor, problem };
  const permission = await mayAsk(github, repository, person);
  return { by: 'github', person, isAuthor, ...permission };
}

/** GitHub's times are whole seconds, so a text of the request's own second counts as after it. */
function trustProblem({ name, author, isBot, edited, at }: Statement, notBefore: number): string | undefined {
  if (author === undefined) return `the author of ${name} has deleted the account`;
  if (isBot) return `${author} is a bot: people decide`;
  if (edited) return `${name} was edited: write a new one`;
  if (!(at >= Math.floor(notBefore / 1000) * 1000)) return `${name} is older than the request`;
  return undefined;
}

function commandProblem({ body }: Statement, { wanted, fits }: WantedComment): string | undefined {
  const command = parseCommand(body);
  if (command !== undefined && command.kind !== 'malformed' && fits(command)) return undefined;
  return `the comment's first line is not "${wanted}"`;
}
