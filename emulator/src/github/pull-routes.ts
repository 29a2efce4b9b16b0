import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GitHubError, notFound, readBody, unprocessable } from './errors.js';
import { issueChanged, pushed, reviewed } from './events.js';
import { commitOf, idParam, now, paginate } from './hub.js';
import type { Hub } from './hub.js';
import { findIssue, openIssues } from './issue-routes.js';
import type { Issue, Repo, Review } from './state.js';
import { filesView } from './views/commits.js';
import { pullView, reviewView } from './views/issues.js';

const newPull = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  draft: z.boolean().nullish(),
});
const newReview = z.object({
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']).optional(),
  body: z.string().nullish(),
  commit_id: z.string().nullish(),
});
const mergeBody = z.object({ commit_title: z.string().nullish(), sha: z.string().nullish() });

const REVIEW_STATE = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
} as const;

/** `owner:branch` of somebody else is a fork; its commits are in this repository all the same, as on GitHub. */
function forkIn(repo: Repo, head: string): { fork?: string } {
  const [, owner] = /^([^:]+):/.exec(head) ?? [];
  return owner === undefined || owner === repo.owner ? {} : { fork: `${owner}/${repo.name}` };
}

function findPull(hub: Hub, repo: Repo, number: number): Issue & { pull: NonNullable<Issue['pull']> } {
  const issue = findIssue(hub, repo, number);
  if (!issue.pull) throw notFound();
  return { ...issue, pull: issue.pull };
}

/** Pull requests, their files and reviews. */
export function registerPulls(app: FastifyInstance, hub: Hub): void {
  const { issues } = hub.state;

  app.get('/repos/:owner/:repo/pulls', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const { head, base } = request.query as { head?: string; base?: string };
    const found = openIssues(hub, repo, request).filter(
      ({ pull }) =>
        pull &&
        (base === undefined || pull.base === base) &&
        (head === undefined || pull.head === head.replace(/^[^:]*:/, '')),
    );
    const page = paginate(request, reply, hub.base(), found);
    return Promise.all(page.map((issue) => pullView(hub, repo, git, issue)));
  });

  app.post('/repos/:owner/:repo/pulls', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const { title, head, base, body, draft } = readBody(newPull, request.body, 'PullRequest');
    const branch = head.replace(/^[^:]*:/, '');
    const headSha = await git.head(branch);
    if (headSha === undefined) throw unprocessable('PullRequest', 'head', 'invalid');
    if ((await git.head(base)) === undefined) throw unprocessable('PullRequest', 'base', 'invalid');
    const issue = issues.put(repo, {
      ...hub.stamp(actor),
      number: hub.state.nextNumber(repo),
      title,
      body: body ?? null,
      labels: [],
      state: 'open',
      pull: { head: branch, base, headSha, draft: draft ?? false, ...forkIn(repo, head) },
    });
    issueChanged(hub, repo, actor, 'opened', issue);
    return reply.code(201).send(await pullView(hub, repo, git, issue));
  });

  app.get('/repos/:owner/:repo/pulls/:number', (request) => {
    const { repo, git } = hub.repo(request);
    return pullView(hub, repo, git, findPull(hub, repo, idParam(request, 'number')));
  });

  app.get('/repos/:owner/:repo/pulls/:number/files', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const { pull, state } = findPull(hub, repo, idParam(request, 'number'));
    const head = (state === 'open' ? await git.head(pull.head) : undefined) ?? pull.headSha;
    const base = await git.mergeBase(await git.resolve(pull.base), head);
    return paginate(request, reply, hub.base(), filesView(hub, repo, head, await git.diff(base, head)));
  });

  app.put('/repos/:owner/:repo/pulls/:number/merge', async (request) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'write');
    const { user } = actor;
    const issue = findPull(hub, repo, idParam(request, 'number'));
    const { commit_title, sha } = readBody(mergeBody, request.body, 'PullRequest');
    const head = await git.head(issue.pull.head);
    if (issue.state !== 'open' || head === undefined)
      throw new GitHubError(405, 'Pull Request is not mergeable');
    if (sha && sha !== head)
      throw new GitHubError(409, 'Head branch was modified. Review and try the merge again.');
    const message =
      commit_title ?? `Merge pull request #${issue.number} from ${repo.owner}/${issue.pull.head}`;
    const author = {
      name: user.name ?? user.login,
      email: user.emails[0] ?? `${user.login}@users.noreply.local`,
    };
    const before = await git.head(issue.pull.base);
    const merged = await git.merge(issue.pull.base, issue.pull.head, message, author).catch(() => {
      throw new GitHubError(405, 'Pull Request is not mergeable');
    });
    const mergedAt = now();
    issue.pull = { ...issue.pull, headSha: head, mergedAt, mergeSha: merged, mergedBy: user.login };
    const closed = { ...issue, state: 'closed' as const, closedAt: mergedAt, updatedAt: mergedAt };
    issues.put(repo, closed);
    pushed(hub, repo, actor, issue.pull.base, before, merged);
    issueChanged(hub, repo, actor, 'closed', closed);
    return { sha: merged, merged: true, message: 'Pull Request successfully merged' };
  });

  app.get('/repos/:owner/:repo/commits/:ref/pulls', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const sha = await commitOf(git, (request.params as { ref: string }).ref, 'Commit', 'sha');
    const found: Issue[] = [];
    for (const issue of issues.list(repo)) if (await contains(hub, repo, issue, sha)) found.push(issue);
    const page = paginate(request, reply, hub.base(), found);
    return Promise.all(page.map((issue) => pullView(hub, repo, git, issue)));
  });

  registerReviews(app, hub);
}

/** True for the merge commit of a pull request and for the commits that it brings. */
async function contains(hub: Hub, repo: Repo, { pull, state }: Issue, sha: string): Promise<boolean> {
  if (!pull) return false;
  if (pull.mergeSha === sha) return true;
  const git = hub.git(repo);
  const head = (state === 'open' ? await git.head(pull.head) : undefined) ?? pull.headSha;
  const before = pull.mergeSha
    ? (await git.commit(pull.mergeSha)).commit.parent[0]
    : await git.head(pull.base);
  const old = new Set((before === undefined ? [] : await git.log(before)).map(({ oid }) => oid));
  return !old.has(sha) && (await git.log(head)).some(({ oid }) => oid === sha);
}

function registerReviews(app: FastifyInstance, hub: Hub): void {
  const { reviews } = hub.state;

  app.get('/repos/:owner/:repo/pulls/:number/reviews', (request, reply) => {
    const { repo } = hub.repo(request);
    const { number } = findPull(hub, repo, idParam(request, 'number'));
    const found = reviews.list(repo).filter((review) => review.number === number);
    return paginate(request, reply, hub.base(), found).map((review) => reviewView(hub, repo, review));
  });

  app.get('/repos/:owner/:repo/pulls/:number/reviews/:id', (request) => {
    const { repo } = hub.repo(request);
    const { number } = findPull(hub, repo, idParam(request, 'number'));
    const review = reviews.get(repo, idParam(request, 'id'));
    if (review?.number !== number) throw notFound();
    return reviewView(hub, repo, review);
  });

  app.put('/repos/:owner/:repo/pulls/:number/reviews/:id', (request) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const issue = findPull(hub, repo, idParam(request, 'number'));
    const review = reviews.get(repo, idParam(request, 'id'));
    if (review?.by !== actor.user.login) throw notFound();
    const { body } = readBody(z.object({ body: z.string() }), request.body, 'PullRequestReview');
    const edited = reviews.put(repo, { ...review, body, lastEditedAt: now(), updatedAt: now() });
    reviewed(hub, repo, actor, 'edited', { issue, review: edited }, { body: review.body });
    return reviewView(hub, repo, edited);
  });

  app.post('/repos/:owner/:repo/pulls/:number/reviews', async (request) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const issue = findPull(hub, repo, idParam(request, 'number'));
    const { number, pull, by } = issue;
    const { event, body, commit_id } = readBody(newReview, request.body, 'PullRequestReview');
    if (by === actor.user.login && event !== undefined && event !== 'COMMENT')
      throw new GitHubError(422, 'Unprocessable Entity', ['Can not approve your own pull request']);
    const stamp = hub.stamp(actor);
    const review: Review = {
      ...stamp,
      number,
      state: event === undefined ? 'PENDING' : REVIEW_STATE[event],
      body: body ?? '',
      commitId: commit_id ?? (await git.head(pull.head)) ?? pull.headSha,
      ...(event === undefined ? {} : { submittedAt: stamp.createdAt }),
    };
    reviews.put(repo, review);
    if (review.submittedAt !== undefined) reviewed(hub, repo, actor, 'submitted', { issue, review });
    return reviewView(hub, repo, review);
  });
}
