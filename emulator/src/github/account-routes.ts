import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GitHubError, notFound, readBody } from './errors.js';
import { hashToken, idParam, paginate } from './hub.js';
import type { Hub } from './hub.js';
import { ROLES, repoKey } from './state.js';
import type { Role } from './state.js';
import { appView, installationId, installationView, profileView, userView } from './views/people.js';
import { repoView } from './views/repositories.js';

/** What the old field `permission` says for each role. */
const PERMISSION: Record<Role, string> = {
  none: 'none',
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};
const TOKEN_MS = 3_600_000;
const dispatch = z.object({ event_type: z.string().min(1).max(100), client_payload: z.unknown().optional() });

/** Users, permissions, teams, apps and dispatches. */
export function registerAccounts(app: FastifyInstance, hub: Hub): void {
  const { state } = hub;

  app.get('/user', (request) => {
    const actor = hub.require(request);
    if (actor.app) throw new GitHubError(403, 'Resource not accessible by integration');
    return profileView(hub, actor.user);
  });

  app.get('/users/:login', (request) => {
    const user = state.users.get((request.params as { login: string }).login.toLowerCase());
    if (!user) throw notFound();
    return profileView(hub, user);
  });

  app.get('/repos/:owner/:repo/collaborators/:login/permission', (request) => {
    const { repo } = hub.repo(request);
    hub.require(request, repo, 'write');
    const user = state.users.get((request.params as { login: string }).login.toLowerCase());
    if (!user) throw notFound();
    const role = hub.roleOf(repo, user.login);
    const may = (least: Role) => ROLES.indexOf(role) >= ROLES.indexOf(least);
    const permissions = {
      pull: may('read'),
      triage: may('triage'),
      push: may('write'),
      maintain: may('maintain'),
      admin: may('admin'),
    };
    const shown = { ...userView(hub, user), permissions, role_name: role };
    return { permission: PERMISSION[role], role_name: role, user: shown };
  });

  app.get('/orgs/:org/teams/:team/memberships/:login', (request) => {
    hub.require(request);
    const { org, team, login } = request.params as { org: string; team: string; login: string };
    const role = state.teams.get(`${org}/${team}`.toLowerCase())?.members[login.toLowerCase()];
    if (role === undefined) throw notFound();
    return { state: 'active', role, url: `${hub.base()}/orgs/${org}/teams/${team}/memberships/${login}` };
  });

  app.get('/orgs/:org/teams/:team/members', (request, reply) => {
    hub.require(request);
    const { org, team } = request.params as { org: string; team: string };
    const found = state.teams.get(`${org}/${team}`.toLowerCase());
    if (!found) throw notFound();
    const users = Object.keys(found.members).map((login) => userView(hub, hub.userOf(login)));
    return paginate(request, reply, hub.base(), users);
  });

  app.post('/repos/:owner/:repo/dispatches', async (request, reply) => {
    const { repo } = hub.repo(request);
    const actor = hub.require(request, repo, 'write');
    const { event_type, client_payload } = readBody(dispatch, request.body, 'RepositoryDispatch');
    const item = { ...hub.stamp(actor), eventType: event_type, payload: client_payload ?? {} };
    state.dispatches.put(repo, item);
    const told = { action: event_type, branch: repo.defaultBranch, client_payload: client_payload ?? null };
    hub.emit(repo, actor, 'repository_dispatch', told);
    return reply.code(204).send();
  });

  registerApps(app, hub);
}

function registerApps(app: FastifyInstance, hub: Hub): void {
  const { state } = hub;

  app.get('/app', (request) => {
    const owner = hub.appOfJwt(request);
    return { ...appView(hub, owner), installations_count: 1 };
  });

  app.get('/app/installations', (request) => [installationView(hub, hub.appOfJwt(request))]);

  app.get('/repos/:owner/:repo/installation', (request) => {
    const owner = hub.appOfJwt(request);
    const { owner: login, repo: name } = request.params as { owner: string; repo: string };
    if (!state.repos.get(repoKey({ owner: login, name }))) throw notFound();
    return installationView(hub, owner, hub.userOf(login));
  });

  app.post('/app/installations/:id/access_tokens', async (request, reply) => {
    const owner = hub.appOfJwt(request);
    if (idParam(request, 'id') !== installationId(owner)) throw notFound();
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    const expires_at = new Date(Date.now() + TOKEN_MS).toISOString().replace(/\.\d+Z$/, 'Z');
    state.tokens.put(hashToken(token), {
      login: `${owner.slug}[bot]`,
      appId: owner.id,
      expiresAt: expires_at,
    });
    const { permissions } = appView(hub, owner);
    return reply.code(201).send({ token, expires_at, permissions, repository_selection: 'all' });
  });

  app.get('/installation/repositories', (request) => {
    if (!hub.require(request).app)
      throw new GitHubError(403, 'You must authenticate with an installation token.');
    const repositories = state.repos.list().map(({ value }) => repoView(hub, value));
    return { total_count: repositories.length, repositories };
  });
}
