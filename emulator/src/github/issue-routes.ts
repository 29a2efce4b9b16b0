import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GitHubError, notFound, readBody } from './errors.js';
import { commented, issueChanged } from './events.js';
import { commitOf, idParam, now, paginate } from './hub.js';
import type { Actor, Hub } from './hub.js';
import type { Comment, Issue, Repo } from './state.js';
import { commentView, issueView } from './views/issues.js';

const commentBody = z.object({ body: z.string().min(1) });
const newIssue = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  labels: z.array(z.string()).nullish(),
});
const issueChange = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
});

/** The issue or pull request of a number; 404 when there is none. */
export function findIssue(hub: Hub, repo: Repo, number: number): Issue {
  const found = hub.state.issues.list(repo).find((issue) => issue.number === number);
  if (!found) throw notFound();
  return found;
}

function byState(request: FastifyRequest, issues: Issue[]): Issue[] {
  const { state = 'open' } = request.query as { state?: string };
  return issues.filter((issue) => state === 'all' || issue.state === state).reverse();
}

export function openIssues(hub: Hub, repo: Repo, request: FastifyRequest): Issue[] {
  return byState(request, hub.state.issues.list(repo));
}

/** Issues and the comments on issues, pull requests and commits. */
export function registerIssues(app: FastifyInstance, hub: Hub): void {
  const { issues } = hub.state;

  app.get('/repos/:owner/:repo/issues', (request, reply) => {
    const { repo } = hub.repo(request);
    const { labels } = request.query as { labels?: string };
    const wanted = labels?.split(',') ?? [];
    const found = openIssues(hub, repo, request).filter((issue) =>
      wanted.every((label) => issue.labels.includes(label)),
    );
    return paginate(request, reply, hub.base(), found).map((issue) => issueView(hub, repo, issue));
  });

  app.post('/repos/:owner/:repo/issues', async (request, reply) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const { title, body, labels } = readBody(newIssue, request.body, 'Issue');
    const number = hub.state.nextNumber(repo);
    const issue = issues.put(repo, {
      ...hub.stamp(actor),
      number,
      title,
      body: body ?? null,
      labels: labels ?? [],
      state: 'open',
    });
    issueChanged(hub, repo, actor, 'opened', issue);
    return reply.code(201).send(issueView(hub, repo, issue));
  });

  app.get('/repos/:owner/:repo/issues/:number', (request) => {
    const { repo } = hub.repo(request);
    return issueView(hub, repo, findIssue(hub, repo, idParam(request, 'number')));
  });

  app.patch('/repos/:owner/:repo/issues/:number', (request) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'triage');
    const issue = findIssue(hub, repo, idParam(request, 'number'));
    const change = readBody(issueChange, request.body, 'Issue');
    const before = { ...issue };
    if (change.title !== undefined) issue.title = change.title;
    if (change.body !== undefined) issue.body = change.body;
    if (change.state !== undefined) issue.state = change.state;
    if (change.state === 'closed') issue.closedAt = now();
    if (change.state === 'open') delete issue.closedAt;
    issue.updatedAt = now();
    issues.put(repo, issue);
    tellChange(hub, repo, actor, before, issue);
    return issueView(hub, repo, issue);
  });

  registerComments(app, hub);
}

function tellChange(hub: Hub, repo: Repo, actor: Actor, before: Issue, after: Issue): void {
  const { title, body } = before;
  const edited = {
    ...(title !== after.title && { title }),
    ...(body !== after.body && { body: body ?? '' }),
  };
  if (Object.keys(edited).length > 0) issueChanged(hub, repo, actor, 'edited', after, edited);
  if (before.state === after.state) return;
  issueChanged(hub, repo, actor, after.state === 'closed' ? 'closed' : 'reopened', after);
}

function registerComments(app: FastifyInstance, hub: Hub): void {
  const { comments } = hub.state;

  function findComment(repo: Repo, id: number): Comment {
    const found = comments.get(repo, id);
    if (!found) throw notFound();
    return found;
  }

  app.get('/repos/:owner/:repo/issues/:number/comments', (request, reply) => {
    const { repo } = hub.repo(request);
    const { number } = findIssue(hub, repo, idParam(request, 'number'));
    const { since } = request.query as { since?: string };
    const found = comments
      .list(repo)
      .filter((comment) => comment.number === number && (since === undefined || comment.updatedAt >= since));
    return paginate(request, reply, hub.base(), found).map((comment) => commentView(hub, repo, comment));
  });

  app.post('/repos/:owner/:repo/issues/:number/comments', async (request, reply) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const { number } = findIssue(hub, repo, idParam(request, 'number'));
    const { body } = readBody(commentBody, request.body, 'IssueComment');
    const comment = comments.put(repo, { ...hub.stamp(actor), number, body });
    commented(hub, repo, actor, 'created', comment);
    return reply.code(201).send(commentView(hub, repo, comment));
  });

  app.get('/repos/:owner/:repo/issues/comments/:id', (request) => {
    const { repo } = hub.repo(request);
    return commentView(hub, repo, findComment(repo, idParam(request, 'id')));
  });

  app.patch('/repos/:owner/:repo/issues/comments/:id', (request) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const comment = findComment(repo, idParam(request, 'id'));
    if (comment.by !== actor.user.login) hub.require(request, repo, 'write');
    const { body } = readBody(commentBody, request.body, 'IssueComment');
    const edited = { ...comment, body, updatedAt: now(), lastEditedAt: now(), editor: actor.user.login };
    comments.put(repo, edited);
    commented(hub, repo, actor, 'edited', edited, { body: comment.body });
    return commentView(hub, repo, edited);
  });

  app.delete('/repos/:owner/:repo/issues/comments/:id', async (request, reply) => {
    const { repo } = hub.repo(request);
    const comment = findComment(repo, idParam(request, 'id'));
    const actor = hub.require(request, repo, 'read');
    if (comment.by !== actor.user.login) hub.require(request, repo, 'write');
    comments.remove(repo, comment.id);
    commented(hub, repo, actor, 'deleted', comment);
    return reply.code(204).send();
  });

  app.get('/repos/:owner/:repo/commits/:ref/comments', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const sha = await git.resolve((request.params as { ref: string }).ref);
    const found = comments.list(repo).filter((comment) => comment.sha === sha);
    return paginate(request, reply, hub.base(), found).map((comment) => commentView(hub, repo, comment));
  });

  app.post('/repos/:owner/:repo/commits/:ref/comments', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'read');
    const sha = await commitOf(git, (request.params as { ref: string }).ref, 'CommitComment', 'sha');
    const { body } = readBody(commentBody, request.body, 'CommitComment');
    const comment = comments.put(repo, { ...hub.stamp(actor), sha, body });
    commented(hub, repo, actor, 'created', comment);
    return reply.code(201).send(commentView(hub, repo, comment));
  });

  registerGraphql(app, hub);
}

const graphqlBody = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).nullish() });

/** The one question that REST cannot answer: was a comment edited, when and by whom? `node(id:)` and `nodes(ids:)`. */
function registerGraphql(app: FastifyInstance, hub: Hub): void {
  const who = (login: string) => ({ __typename: hub.userOf(login).type, login });

  function commentOf(id: string): Record<string, unknown> | null {
    const number = Number(Buffer.from(id.split('_')[1] ?? '', 'base64url').toString());
    return id.startsWith('PRR_')
      ? reviewNode(id, number)
      : /^(IC|CC)_/.test(id)
        ? commentNode(id, number)
        : null;
  }

  function reviewNode(id: string, number: number): Record<string, unknown> | null {
    const found = hub.state.reviews.collection.list().find(({ value }) => value.id === number)?.value;
    if (!found) return null;
    const { by, body, createdAt, updatedAt, lastEditedAt = null, state } = found;
    const about = { __typename: 'PullRequestReview', id, databaseId: number, author: who(by), state };
    return { ...about, body, createdAt, updatedAt, lastEditedAt };
  }

  function commentNode(id: string, number: number): Record<string, unknown> | null {
    const found = hub.state.comments.collection.list().find(({ value }) => value.id === number)?.value;
    if (!found) return null;
    const { by, body, createdAt, updatedAt, lastEditedAt, editor } = found;
    return {
      __typename: found.number === undefined ? 'CommitComment' : 'IssueComment',
      id,
      databaseId: number,
      body,
      createdAt,
      updatedAt,
      lastEditedAt: lastEditedAt ?? null,
      includesCreatedEdit: lastEditedAt !== undefined,
      author: who(by),
      editor: editor === undefined ? null : who(editor),
    };
  }

  function select(query: string, node: Record<string, unknown> | null): unknown {
    if (node === null) return null;
    const fields = query.replace(/\([^)]*\)/g, '');
    const isAsked = (name: string) => new RegExp(`\\b${name}\\b`).test(fields);
    return Object.fromEntries(Object.entries(node).filter(([name]) => isAsked(name)));
  }

  app.post('/graphql', (request) => {
    if (!hub.actor(request)) throw new GitHubError(401, 'This endpoint requires you to be authenticated.');
    const { query, variables } = readBody(graphqlBody, request.body, 'GraphQL');
    const match = /\b(nodes?)\s*\(\s*ids?\s*:\s*(\$\w+|"[^"]*"|\[[^\]]*\])/.exec(query);
    const argument = match?.[2] ?? '';
    const value = argument.startsWith('$')
      ? variables?.[argument.slice(1)]
      : (JSON.parse(argument || 'null') as unknown);
    if (match?.[1] === 'node' && typeof value === 'string')
      return { data: { node: select(query, commentOf(value)) } };
    if (match?.[1] === 'nodes' && Array.isArray(value))
      return { data: { nodes: value.map((id) => select(query, commentOf(String(id)))) } };
    return {
      errors: [{ message: 'This emulator answers node(id:) and nodes(ids:) of comments and reviews only.' }],
    };
  });
}
