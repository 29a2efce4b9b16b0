import { activityInfo } from '@temporalio/activity';
import type { Decision, Proof } from '../domain/approval.js';
import { approversAt } from '../domain/approval-times.js';
import { proofByPrincipal } from '../domain/principal.js';
import type { ApprovalRule } from '../domain/project.js';
import { authorsBetween, verifyComment, verifyReview } from '../github/index.js';
import { answersIn, type AttestedDecision } from './answers.js';
import type { At, CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { readRun, type RunHistory } from './histories.js';
import { environmentOf, openProject } from './projects.js';

export function approvalActivities(deps: Dependencies): Pick<CoreActivities, 'verifyDecisions'> {
  return {
    async verifyDecisions({ environment, decisions: [first], askedAt, championCommit, ...at }) {
      if (first === undefined) return [];
      const rule = environmentOf(await openProject(deps, at), environment).approval;
      // Who sent what is read from the run that asks, as the server holds it, not from what the run remembers.
      const answers = answersIn(await ownRun(deps), first.code);
      if (rule === undefined) return answers.map(({ decision }) => decision);
      return await prove(deps, at, rule, answers, {
        askedAt,
        ...(championCommit !== undefined && { championCommit }),
      });
    },
  };
}

/** History of the workflow that this activity works for; no argument can name another. */
export async function ownRun({ temporal }: Dependencies): Promise<RunHistory> {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) throw new Error('this activity works for a workflow only');
  return await readRun(temporal, workflowExecution.workflowId, workflowExecution.runId);
}

export interface Question {
  readonly askedAt: number;
  /** Authors of the commits after this one may not approve. */
  readonly championCommit?: string;
}

/** Adds to each decision who made it, as far as that can be proven by one of the ways that the rule allows. */
export async function prove(
  deps: Dependencies,
  at: At,
  rule: ApprovalRule,
  answers: readonly AttestedDecision[],
  question: Question,
): Promise<Decision[]> {
  const named = rule.verify.some((way) => way !== 'none');
  const { source } = at;
  const authors =
    named && answers.length > 0 && source.directory === undefined
      ? await authorsBetween(deps.github, source.repository, question.championCommit, source.commit)
      : [];
  const proven = await Promise.all(
    withinReason(answers).map(async (answer) => ({
      ...answer.decision,
      proof: await proofOf(deps, at, rule, answer, question, authors),
    })),
  );
  let unproven = 0;
  return proven.filter(({ proof }) => proof.problem === undefined || (unproven += 1) <= mostUnproven);
}

/** Of a flood of answers, so many that prove nobody are told. A result must fit into a history. */
const mostUnproven = 200;
const mostLookups = 100;

/** Each answer that names a comment or review is a question to GitHub: the same one is asked about once, and few in all. */
function withinReason(answers: readonly AttestedDecision[]): AttestedDecision[] {
  const named = new Set<string>();
  return answers.filter(({ decision: { id } }) => {
    if (id.startsWith('signal/')) return true;
    if (named.has(id) || named.size >= mostLookups) return false;
    named.add(id);
    return true;
  });
}

async function proofOf(
  deps: Dependencies,
  { source }: At,
  rule: ApprovalRule,
  { decision, attested }: AttestedDecision,
  { askedAt }: Question,
  authors: readonly string[],
): Promise<Proof> {
  const approvers = approversAt(rule, askedAt, decision.at);
  const comment = commentOf(decision);
  const review = reviewOf(decision);
  if (rule.verify.includes('github')) {
    const { code, answer } = decision;
    const { repository, commit } = source;
    const asked = { code, answer, approvers, notBefore: askedAt, authors };
    if (comment !== undefined) return await verifyComment(deps.github, repository, comment, asked);
    if (review !== undefined)
      return await verifyReview(deps.github, repository, review, { ...asked, commit });
  }
  if (rule.verify.includes('principal')) {
    const proof = proofByPrincipal(attested, { people: approvers, authors, workers: deps.workers });
    if (proof.problem === undefined || !rule.verify.includes('none')) return orByComment(proof, rule);
  }
  if (rule.verify.includes('none')) return unverified(deps, decision.claimedBy);
  return refused(
    decision.claimedBy,
    'this environment accepts a comment on GitHub (/approve …); a plain signal names nobody',
  );
}

/** What else would prove the person, where this does not. */
function orByComment(proof: Proof, { verify }: ApprovalRule): Proof {
  if (proof.problem === undefined || !verify.includes('github')) return proof;
  return { ...proof, problem: `${proof.problem}; or answer by a comment on GitHub (/approve …)` };
}

/** Names nobody: for local use, or where the operators opted in. */
export function unverified(deps: Dependencies, claimedBy: string | undefined): Proof {
  if (deps.loopback || deps.allowUnverified) {
    return { by: 'none', person: claimedBy ?? 'somebody', allowed: true, isAuthor: false };
  }
  return refused(
    claimedBy,
    'unverified messages are for local use; set MLOPS_ALLOW_UNVERIFIED=true to opt in',
  );
}

function refused(claimedBy: string | undefined, problem: string): Proof {
  return { by: 'none', person: claimedBy ?? 'somebody', allowed: false, isAuthor: false, problem };
}

export function commentOf({ id }: Pick<Decision, 'id'>): number | undefined {
  return numberIn(/^comment\/(\d+)$/, id);
}

function reviewOf({ id }: Pick<Decision, 'id'>): number | undefined {
  return numberIn(/^review\/(\d+)$/, id);
}

function numberIn(pattern: RegExp, id: string): number | undefined {
  const [, number] = pattern.exec(id) ?? [];
  return number === undefined ? undefined : Number(number);
}
