import { createHash, createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { GitHubError, notFound, unprocessable } from './errors.js';
import type { EventName } from './events.js';
import { createRepositories } from './git.js';
import type { GitRepository } from './git.js';
import { ROLES, createState, repoKey } from './state.js';
import type { App, Hook, Item, Repo, Role, State, User } from './state.js';
import { installationId, userView } from './views/people.js';
import type { Json } from './views/json.js';
import { repoView } from './views/repositories.js';
import { createWebhooks } from './webhooks.js';
import type { Webhooks } from './webhooks.js';

/** Who asks: a user, or an app's installation (then `app` is set and `user` is its bot). */
export interface Actor {
  readonly user: User;
  readonly app: App | undefined;
}

export interface RepoRequest {
  readonly repo: Repo;
  readonly git: GitRepository;
}

/** What all routes share: state, repositories, who asks and what they may. */
export interface Hub {
  readonly state: State;
  readonly base: () => string;
  readonly git: (repo: { owner: string; name: string }) => GitRepository;
  /** 401 for a token that is unknown or has expired; undefined without one. */
  actor(request: FastifyRequest): Actor | undefined;
  /** The asker, at least with `role` where given; 401 without a token, 403 with too little. */
  require(request: FastifyRequest, repo?: Repo, role?: Role): Actor;
  /** The repository of the route, if the asker may see it; else 404. */
  repo(request: FastifyRequest): RepoRequest;
  /** The app that signed the request's JWT. */
  appOfJwt(request: FastifyRequest): App;
  roleOf(repo: Repo, login: string): Role;
  userOf(login: string): User;
  readonly webhooks: Webhooks;
  /** Tells the repository's hooks of an event; what is told is made only when somebody wants it. */
  emit(repo: Repo, actor: Actor, event: EventName, payload: Json | (() => Promise<Json>)): void;
  sendTo(hook: Hook, repo: Repo, actor: Actor, event: EventName, payload: Json): void;
  /** `id`, `by`, `createdAt` and `updatedAt` of something new. */
  stamp(actor: Actor): Item;
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function credential(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const basic = /^Basic\s+(\S+)$/i.exec(header)?.[1];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString().split(':')[1];
  return /^(?:token|Bearer)\s+(\S+)$/i.exec(header)?.[1] ?? '';
}

function decode(part: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>;
  } catch {
    throw new GitHubError(401, 'A JSON web token could not be decoded');
  }
}

/** The time as GitHub writes it: whole seconds. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

export function createHub(ctx: EmulatorContext): Hub {
  const state = createState(ctx.store);
  const git = createRepositories(join(ctx.dataDir, 'github'));

  const webhooks = createWebhooks(state, now);

  const userOf = (login: string): User =>
    state.users.get(login.toLowerCase()) ?? { id: 0, login, type: 'User', emails: [] };

  const hub: Hub = {
    state,
    git,
    base: () => `${ctx.publicUrl()}/github`,
    userOf,
    webhooks,
    emit(repo, actor, event, payload) {
      const hooks = webhooks.wanted(repo, event);
      if (hooks.length === 0) return;
      const tell = (told: Json) => {
        for (const hook of hooks) hub.sendTo(hook, repo, actor, event, told);
      };
      if (typeof payload !== 'function') tell(payload);
      else
        payload().then(tell, (error: unknown) => {
          ctx.log(`the event ${event} of ${repoKey(repo)} could not be told: ${String(error)}`);
        });
    },
    sendTo(hook, repo, { user, app }, event, told) {
      const installation = app && { id: installationId(app), node_id: `MDIz${app.id}` };
      const payload = {
        ...told,
        repository: repoView(hub, repo),
        sender: userView(hub, user),
        ...(installation && { installation }),
      };
      const { action } = told;
      webhooks.send(repo, hook, {
        event,
        action: typeof action === 'string' ? action : null,
        installationId: installation?.id ?? null,
        payload,
      });
    },
    actor(request) {
      const given = credential(request);
      if (given === undefined) return undefined;
      const token = state.tokens.get(hashToken(given));
      if (!token || (token.expiresAt !== undefined && Date.parse(token.expiresAt) < Date.now()))
        throw new GitHubError(401, 'Bad credentials');
      const app = token.appId === undefined ? undefined : state.apps.get(String(token.appId));
      return { user: userOf(token.login), app };
    },
    require(request, repo, role) {
      const actor = hub.actor(request);
      if (!actor) throw new GitHubError(401, 'Requires authentication');
      const has = repo && !actor.app ? hub.roleOf(repo, actor.user.login) : 'admin';
      if (role !== undefined && ROLES.indexOf(has) < ROLES.indexOf(role))
        throw new GitHubError(
          403,
          `Resource not accessible: ${actor.user.login} has the role ${has}, which needs to be ${role} or more.`,
        );
      return actor;
    },
    repo(request) {
      const { owner, repo: name } = request.params as { owner: string; repo: string };
      const repo = state.repos.get(repoKey({ owner, name }));
      const actor = hub.actor(request);
      const role = repo && actor && (actor.app ? 'admin' : hub.roleOf(repo, actor.user.login));
      if (!repo || (repo.isPrivate && (role === undefined || role === 'none'))) throw notFound();
      return { repo, git: git(repo) };
    },
    appOfJwt(request) {
      const [header, payload, signature] = (credential(request) ?? '').split('.');
      const claims = decode(payload);
      const app = state.apps.get(String(claims['iss']));
      if (decode(header)['alg'] !== 'RS256' || !app)
        throw new GitHubError(401, "'Issuer' claim ('iss') must be the id of an app that is registered here");
      const isSigned = verify(
        'RSA-SHA256',
        Buffer.from(`${header ?? ''}.${payload ?? ''}`),
        createPublicKey(app.publicKey),
        Buffer.from(signature ?? '', 'base64url'),
      );
      if (!isSigned) throw new GitHubError(401, 'A JSON web token could not be decoded');
      if (Number(claims['exp']) * 1000 < Date.now())
        throw new GitHubError(401, "'Expiration time' claim ('exp') is too far in the past");
      return app;
    },
    roleOf(repo, login) {
      const key = Object.keys(repo.collaborators).find((name) => name.toLowerCase() === login.toLowerCase());
      if (key !== undefined) return repo.collaborators[key] ?? 'none';
      if (repo.owner.toLowerCase() === login.toLowerCase()) return 'admin';
      return repo.isPrivate ? 'none' : 'read';
    },
    stamp({ user }) {
      const at = now();
      return { id: state.nextId(), by: user.login, createdAt: at, updatedAt: at };
    },
  };
  return hub;
}

/** A page of a list with GitHub's `Link` header. */
export function paginate<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  base: string,
  items: readonly T[],
): T[] {
  const query = request.query as Record<string, string | undefined>;
  const size = Math.min(100, Math.max(1, Number(query['per_page'] ?? 30) || 30));
  const page = Math.max(1, Number(query['page'] ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const path = request.url.replace(/^\/github/, '');
  const link = (to: number, rel: string) => {
    const url = new URL(base + path);
    url.searchParams.set('page', String(to));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev'), link(1, 'first')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
  ];
  if (links.length > 0) reply.header('link', links.join(', '));
  return items.slice((page - 1) * size, page * size);
}

/** The number in a route; 404 for anything else. */
export function idParam(request: FastifyRequest, name: string): number {
  const value = (request.params as Record<string, string>)[name] ?? '';
  if (!/^\d+$/.test(value)) throw notFound();
  return Number(value);
}

/** The commit that a body or a route names; 422 when there is none. */
export async function commitOf(
  git: GitRepository,
  ref: string,
  resource: string,
  field: string,
): Promise<string> {
  return git.resolve(ref).catch(() => {
    throw unprocessable(resource, field, 'invalid', `No commit found for SHA: ${ref}`);
  });
}
