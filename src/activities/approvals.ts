import type { Decision, Proof } from '../domain/approval.js';
import type { ApprovalRule } from '../domain/project.js';
import { authorsBetween, verifyComment } from '../github/index.js';
import type { At, CoreActivities } from './contract.js';
import type { Dependencies } from './dependencies.js';
import { environmentOf, openProject } from './projects.js';

export function approvalActivities(deps: Dependencies): Pick<CoreActivities, 'verifyDecisions'> {
  return {
    async verifyDecisions({ environment, decisions, askedAt, championCommit, ...at }) {
      const rule = environmentOf(await openProject(deps, at), environment).approval;
      if (rule === undefined) return [...decisions];
      return await prove(deps, at, rule, decisions, {
        askedAt,
        ...(championCommit !== undefined && { championCommit }),
      });
    },
  };
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
  decisions: readonly Decision[],
  question: Question,
): Promise<Decision[]> {
  const byComment = decisions.some((decision) => commentOf(decision) !== undefined);
  const { source } = at;
  const authors =
    byComment && source.directory === undefined
      ? await authorsBetween(deps.github, source.repository, question.championCommit, source.commit)
      : [];
  return await Promise.all(
    decisions.map(async (decision) => ({
      ...decision,
      proof: await proofOf(deps, at, rule, decision, question, authors),
    })),
  );
}

async function proofOf(
  deps: Dependencies,
  { source }: At,
  rule: ApprovalRule,
  decision: Decision,
  { askedAt }: Question,
  authors: readonly string[],
): Promise<Proof> {
  const comment = commentOf(decision);
  if (comment !== undefined && rule.verify.includes('github')) {
    const { code, answer } = decision;
    return await verifyComment(deps.github, source.repository, comment, {
      code,
      answer,
      approvers: rule.approvers,
      notBefore: askedAt,
      authors,
    });
  }
  if (rule.verify.includes('none')) return unverified(deps, decision);
  const ways = rule.verify.map((way) =>
    way === 'github' ? 'a comment on GitHub (/approve …)' : 'a signal of a proven principal',
  );
  return refused(
    decision,
    'none',
    `this environment accepts ${ways.join(' or ')}; a plain signal names nobody`,
  );
}

/** Names nobody: for local use, or where the operators opted in. */
function unverified(deps: Dependencies, decision: Decision): Proof {
  if (deps.loopback || deps.allowUnverified) {
    return { by: 'none', person: decision.claimedBy ?? 'somebody', allowed: true, isAuthor: false };
  }
  return refused(
    decision,
    'none',
    'unverified approvals are for local use; set MLOPS_ALLOW_UNVERIFIED=true to opt in',
  );
}

function refused({ claimedBy }: Decision, by: Proof['by'], problem: string): Proof {
  return { by, person: claimedBy ?? 'somebody', allowed: false, isAuthor: false, problem };
}

function commentOf({ id }: Decision): number | undefined {
  const [, number] = /^comment\/(\d+)$/.exec(id) ?? [];
  return number === undefined ? undefined : Number(number);
}
