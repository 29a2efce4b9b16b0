import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { combinedStatus } from './check-routes.js';
import { GitHubError, notFound, readBody } from './errors.js';
import { deployed, deploymentChanged } from './events.js';
import { commitOf, idParam, paginate } from './hub.js';
import type { Actor, Hub } from './hub.js';
import type { Deployment, Repo } from './state.js';
import { deploymentStatusView, deploymentView } from './views/results.js';

const newDeployment = z.object({
  ref: z.string().min(1),
  task: z.string().default('deploy'),
  environment: z.string().default('production'),
  description: z.string().nullish(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).default({}),
  required_contexts: z.array(z.string()).nullish(),
  auto_merge: z.boolean().default(true),
  transient_environment: z.boolean().default(false),
  production_environment: z.boolean().optional(),
});
const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] as const;
const newStatus = z.object({
  state: z.enum(STATES),
  description: z.string().max(140).default(''),
  log_url: z.string().default(''),
  target_url: z.string().default(''),
  environment_url: z.string().default(''),
  environment: z.string().optional(),
  auto_inactive: z.boolean().default(true),
});

/** Deployments and their statuses. */
export function registerDeployments(app: FastifyInstance, hub: Hub): void {
  const { deployments, deploymentStatuses } = hub.state;

  function find(repo: Repo, id: number): Deployment {
    const found = deployments.get(repo, id);
    if (!found) throw notFound();
    return found;
  }

  app.post('/repos/:owner/:repo/deployments', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const actor = hub.require(request, repo, 'write');
    const { required_contexts, auto_merge, ...fields } = readBody(newDeployment, request.body, 'Deployment');
    const sha = await commitOf(git, fields.ref, 'Deployment', 'ref');
    requireContexts(hub, repo, sha, fields.ref, required_contexts ?? undefined);
    if (auto_merge) await requireUpToDate(hub, repo, sha, fields.ref);
    const production_environment = fields.production_environment ?? fields.environment === 'production';
    const deployment = deployments.put(repo, {
      ...hub.stamp(actor),
      sha,
      fields: { ...fields, description: fields.description ?? null, production_environment },
    });
    deployed(hub, repo, actor, deployment);
    return reply.code(201).send(deploymentView(hub, repo, deployment));
  });

  app.get('/repos/:owner/:repo/deployments', (request, reply) => {
    const { repo } = hub.repo(request);
    const query = request.query as Record<string, string | undefined>;
    const matches = ({ sha, fields }: Deployment) =>
      (query['sha'] ?? sha) === sha &&
      (['ref', 'task', 'environment'] as const).every(
        (name) => (query[name] ?? fields[name]) === fields[name],
      );
    const found = deployments.list(repo).filter(matches).reverse();
    return paginate(request, reply, hub.base(), found).map((deployment) =>
      deploymentView(hub, repo, deployment),
    );
  });

  app.get('/repos/:owner/:repo/deployments/:id', (request) => {
    const { repo } = hub.repo(request);
    return deploymentView(hub, repo, find(repo, idParam(request, 'id')));
  });

  app.post('/repos/:owner/:repo/deployments/:id/statuses', async (request, reply) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'write');
    const deployment = find(repo, idParam(request, 'id'));
    const { auto_inactive, ...fields } = readBody(newStatus, request.body, 'DeploymentStatus');
    const environment = fields.environment ?? deployment.fields.environment;
    if (fields.state === 'success' && auto_inactive) deactivateOthers(hub, repo, actor, deployment);
    const status = deploymentStatuses.put(repo, {
      ...hub.stamp(actor),
      deploymentId: deployment.id,
      fields: { ...fields, environment },
    });
    deploymentChanged(hub, repo, actor, { deployment, status });
    return reply.code(201).send(deploymentStatusView(hub, repo, status));
  });

  app.get('/repos/:owner/:repo/deployments/:id/statuses', (request, reply) => {
    const { repo } = hub.repo(request);
    const { id } = find(repo, idParam(request, 'id'));
    const found = deploymentStatuses.list(repo).filter((status) => status.deploymentId === id);
    return paginate(request, reply, hub.base(), found.reverse()).map((status) =>
      deploymentStatusView(hub, repo, status),
    );
  });
}

/** Without `required_contexts` all statuses of the commit must be successes; `[]` asks for none. */
function requireContexts(
  hub: Hub,
  repo: Repo,
  sha: string,
  ref: string,
  required: string[] | undefined,
): void {
  const { newest } = combinedStatus(hub.state.statuses.list(repo).filter((status) => status.sha === sha));
  const wanted = required ?? newest.map(({ context }) => context);
  const bad = wanted.filter(
    (context) => newest.find((status) => status.context === context)?.state !== 'success',
  );
  if (bad.length === 0) return;
  const contexts = bad.map((context) => ({ context, state: 'pending' }));
  throw new GitHubError(409, `Conflict: Commit status checks failed for ${ref}.`, [
    { contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' },
  ]);
}

/** GitHub would merge the default branch into a branch that lacks commits of it; the emulator never writes branches unasked. */
async function requireUpToDate(hub: Hub, repo: Repo, sha: string, ref: string): Promise<void> {
  const git = hub.git(repo);
  const head = await git.head(repo.defaultBranch);
  if ((await git.head(ref)) === undefined || head === undefined) return;
  if ((await git.mergeBase(head, sha)) === head) return;
  throw new GitHubError(
    409,
    `Conflict merging ${repo.defaultBranch} into ${ref}. Set auto_merge to false to deploy ${ref} as it is.`,
  );
}

function deactivateOthers(hub: Hub, repo: Repo, actor: Actor, { id, fields }: Deployment): void {
  const { deployments, deploymentStatuses } = hub.state;
  const newest = new Map(deploymentStatuses.list(repo).map((status) => [status.deploymentId, status]));
  for (const other of deployments.list(repo)) {
    const isActive = newest.get(other.id)?.fields.state === 'success';
    const isSame = other.id !== id && other.fields.environment === fields.environment;
    if (!isSame || !isActive || other.fields['transient_environment'] === true) continue;
    const status = deploymentStatuses.put(repo, {
      ...hub.stamp(actor),
      deploymentId: other.id,
      fields: { state: 'inactive', environment: fields.environment, description: '' },
    });
    deploymentChanged(hub, repo, actor, { deployment: other, status });
  }
}
