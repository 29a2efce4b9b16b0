import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GitHubError, notFound, readBody } from './errors.js';
import { checked, statusSet } from './events.js';
import { commitOf, idParam, paginate } from './hub.js';
import type { Actor, Hub } from './hub.js';
import type { App, CheckRun, CommitStatus } from './state.js';
import { repoUrl, repoView } from './views/repositories.js';
import type { Json } from './views/json.js';
import { annotationView, checkRunView, statusView } from './views/results.js';

const CONCLUSIONS = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'success',
  'skipped',
  'stale',
  'timed_out',
] as const;
const output = z.object({
  title: z.string(),
  summary: z.string().max(65_535),
  text: z.string().max(65_535).nullish(),
  annotations: z.array(z.unknown()).max(50).optional(),
});
const change = z.object({
  name: z.string().min(1).optional(),
  status: z.enum(['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending']).optional(),
  conclusion: z.enum(CONCLUSIONS).optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  started_at: z.string().optional(),
  completed_at: z.string().optional(),
  output: output.optional(),
  actions: z
    .array(
      z.object({
        label: z.string().max(20),
        description: z.string().max(40),
        identifier: z.string().max(20),
      }),
    )
    .max(3)
    .optional(),
});
const newRun = change.extend({ name: z.string().min(1), head_sha: z.string().min(1) });
const newStatus = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().default('default'),
  description: z.string().max(140).nullish(),
  target_url: z.string().nullish(),
});

type Output = Partial<z.infer<typeof output>>;

/** Annotations of an update come to those that are there; the rest takes their place. */
function addedTo(before: unknown, change: Output | undefined): Output | undefined {
  if (change === undefined) return undefined;
  const { annotations = [] } = (before ?? {}) as Output;
  return { ...change, annotations: [...annotations, ...(change.annotations ?? [])] };
}

function requireApp({ app }: Actor): App {
  if (app) return app;
  throw new GitHubError(403, 'You must authenticate via a GitHub App.');
}

/** A conclusion completes a run; times that are not given are now. */
function completed(fields: CheckRun['fields']): CheckRun['fields'] {
  if (fields['conclusion'] === undefined && fields.status !== 'completed') return fields;
  if (fields['conclusion'] === undefined)
    throw new GitHubError(
      422,
      'Invalid request.\n\nNo subschema in "anyOf" matched: a completed check run needs a conclusion.',
    );
  return {
    ...fields,
    status: 'completed',
    completed_at: fields['completed_at'] ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** Check runs, which only apps may write, and commit statuses. */
export function registerChecks(app: FastifyInstance, hub: Hub): void {
  const { checkRuns } = hub.state;

  app.post('/repos/:owner/:repo/check-runs', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo);
    const { id: appId } = requireApp(actor);
    const body = readBody(newRun, request.body, 'CheckRun');
    const head_sha = await commitOf(git, body.head_sha, 'CheckRun', 'head_sha');
    const stamp = hub.stamp(actor);
    const fields = completed({
      started_at: stamp.createdAt,
      ...body,
      head_sha,
      status: body.status ?? 'queued',
    });
    const run = checkRuns.put(repo, { ...stamp, appId, fields });
    checked(hub, repo, actor, 'created', run);
    return reply.code(201).send(checkRunView(hub, repo, run));
  });

  app.patch('/repos/:owner/:repo/check-runs/:id', (request) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo);
    const { id: appId } = requireApp(actor);
    const run = checkRuns.get(repo, idParam(request, 'id'));
    if (run?.appId !== appId) throw notFound();
    const body = readBody(change, request.body, 'CheckRun');
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    const output = addedTo(run.fields['output'], body.output);
    const wasCompleted = run.fields.status === 'completed';
    run.fields = completed({ ...run.fields, ...given, ...(output && { output }) });
    checkRuns.put(repo, run);
    if (!wasCompleted && run.fields.status === 'completed') checked(hub, repo, actor, 'completed', run);
    return checkRunView(hub, repo, run);
  });

  app.get('/repos/:owner/:repo/check-runs/:id/annotations', (request, reply) => {
    const { repo } = hub.repo(request);
    const run = checkRuns.get(repo, idParam(request, 'id'));
    if (!run) throw notFound();
    const { annotations = [] } = (run.fields['output'] ?? {}) as Output;
    return paginate(request, reply, hub.base(), annotations).map((annotation) =>
      annotationView(hub, repo, run, annotation as Json),
    );
  });

  app.get('/repos/:owner/:repo/check-runs/:id', (request) => {
    const { repo } = hub.repo(request);
    const run = checkRuns.get(repo, idParam(request, 'id'));
    if (!run) throw notFound();
    return checkRunView(hub, repo, run);
  });

  app.get('/repos/:owner/:repo/commits/:ref/check-runs', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const sha = await git.resolve((request.params as { ref: string }).ref);
    const query = request.query as { check_name?: string; status?: string; filter?: string; app_id?: string };
    const all = checkRuns
      .list(repo)
      .filter(({ fields }) => fields.head_sha === sha)
      .filter(({ fields }) => query.check_name === undefined || fields.name === query.check_name)
      .filter(({ appId }) => query.app_id === undefined || String(appId) === query.app_id);
    const newest = new Map(all.map((run) => [`${run.appId}/${run.fields.name}`, run]));
    const found = (query.filter === 'all' ? all : [...newest.values()]).filter(
      ({ fields }) => query.status === undefined || fields.status === query.status,
    );
    const page = paginate(request, reply, hub.base(), found);
    return { total_count: found.length, check_runs: page.map((run) => checkRunView(hub, repo, run)) };
  });

  registerStatuses(app, hub);
}

/** The newest status of each context, and GitHub's verdict over them. */
export function combinedStatus(statuses: readonly CommitStatus[]): {
  state: 'failure' | 'pending' | 'success';
  newest: CommitStatus[];
} {
  const newest = [...new Map(statuses.map((status) => [status.context, status])).values()];
  const isBad = newest.some(({ state }) => state === 'failure' || state === 'error');
  const isPending = newest.length === 0 || newest.some(({ state }) => state === 'pending');
  return { state: isBad ? 'failure' : isPending ? 'pending' : 'success', newest };
}

function registerStatuses(app: FastifyInstance, hub: Hub): void {
  const { statuses } = hub.state;

  app.post('/repos/:owner/:repo/statuses/:sha', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'write');
    const sha = await commitOf(git, (request.params as { sha: string }).sha, 'Status', 'sha');
    const { state, context, description, target_url } = readBody(newStatus, request.body, 'Status');
    const status = statuses.put(repo, {
      ...hub.stamp(actor),
      sha,
      state,
      context,
      description: description ?? null,
      target_url: target_url ?? null,
    });
    statusSet(hub, repo, actor, status);
    return reply.code(201).send(statusView(hub, repo, status));
  });

  app.get('/repos/:owner/:repo/commits/:ref/statuses', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const sha = await git.resolve((request.params as { ref: string }).ref);
    const found = statuses.list(repo).filter((status) => status.sha === sha);
    return paginate(request, reply, hub.base(), found.reverse()).map((status) =>
      statusView(hub, repo, status),
    );
  });

  app.get('/repos/:owner/:repo/commits/:ref/status', async (request) => {
    const { repo, git } = hub.repo(request);
    const sha = await git.resolve((request.params as { ref: string }).ref);
    const { state, newest } = combinedStatus(statuses.list(repo).filter((status) => status.sha === sha));
    return {
      state,
      sha,
      total_count: newest.length,
      statuses: newest.map((status) => statusView(hub, repo, status)),
      repository: repoView(hub, repo),
      url: `${repoUrl(hub, repo)}/commits/${sha}/status`,
      commit_url: `${repoUrl(hub, repo)}/commits/${sha}`,
    };
  });
}
