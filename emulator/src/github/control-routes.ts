import { generateKeyPairSync } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { notFound, readBody, unprocessable } from './errors.js';
import { pushed } from './events.js';
import { hashToken, now } from './hub.js';
import type { Hub } from './hub.js';
import { ROLES, repoKey } from './state.js';
import type { Repo, User } from './state.js';
import { userView } from './views/people.js';
import { repoView } from './views/repositories.js';

const NAME = z.string().regex(/^[\w.-]+$/);
const login = z.string().regex(/^[\w.-]+(\[bot\])?$/);
const newUser = z.object({
  login,
  token: z.string().min(1).optional(),
  type: z.enum(['User', 'Bot', 'Organization']).default('User'),
  name: z.string().optional(),
  emails: z.array(z.string()).default([]),
});
const newRepo = z.object({
  owner: NAME,
  name: NAME,
  defaultBranch: z.string().min(1).default('main'),
  private: z.boolean().default(false),
  collaborators: z.record(login, z.enum(ROLES)).default({}),
});
const push = z.object({
  owner: NAME,
  repo: NAME,
  branch: z.string().min(1).optional(),
  dir: z.string().min(1),
  message: z.string().min(1).default('Update'),
  parent: z.string().optional(),
  author: z.object({ login, name: z.string().optional(), email: z.string().optional() }),
});
const team = z.object({
  org: NAME,
  team: NAME,
  members: z.union([z.array(login), z.record(login, z.enum(['member', 'maintainer']))]),
});
const newApp = z.object({
  id: z.number().int().positive(),
  slug: NAME,
  name: z.string().optional(),
  publicKey: z.string().optional(),
});

const NO_COMMIT = '0'.repeat(40);

/** `/_emulator/github/…`: what a person would do on GitHub's pages or with `git push`. */
export function registerControl(app: FastifyInstance, hub: Hub): void {
  const { state } = hub;

  function putUser(given: Partial<User> & { login: string }): User {
    const key = given.login.toLowerCase();
    const known = state.users.get(key);
    const emails = [...new Set([...(known?.emails ?? []), ...(given.emails ?? [])])].map((email) =>
      email.toLowerCase(),
    );
    const user: User = {
      ...{ id: state.nextId(), type: 'User' as const, createdAt: now() },
      ...known,
      ...given,
      emails,
    };
    state.users.put(key, user);
    return user;
  }

  app.post('/users', async (request, reply) => {
    const { token, name, ...user } = readBody(newUser, request.body, 'User');
    const stored = putUser({ ...user, ...(name === undefined ? {} : { name }) });
    if (token !== undefined) state.tokens.put(hashToken(token), { login: stored.login });
    return reply.code(201).send(userView(hub, stored));
  });

  app.post('/repos', async (request, reply) => {
    const body = readBody(newRepo, request.body, 'Repository');
    const key = repoKey(body);
    const known = state.repos.get(key);
    const repo: Repo = {
      id: known?.id ?? state.nextId(),
      owner: body.owner,
      name: body.name,
      defaultBranch: body.defaultBranch,
      isPrivate: body.private,
      collaborators: body.collaborators,
      createdAt: known?.createdAt ?? now(),
      ...(known?.pushedAt !== undefined && { pushedAt: known.pushedAt }),
    };
    if (!known) await hub.git(repo).init(repo.defaultBranch);
    for (const name of Object.keys(repo.collaborators))
      if (!state.users.get(name.toLowerCase())) putUser({ login: name });
    state.repos.put(key, repo);
    return reply.code(known ? 200 : 201).send(repoView(hub, repo));
  });

  app.post('/push', async (request) => {
    const { owner, repo: name, branch, dir, message, parent, author } = readBody(push, request.body, 'Push');
    const repo = state.repos.get(repoKey({ owner, name }));
    if (!repo) throw notFound();
    const isFolder = await stat(dir).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) throw unprocessable('Push', 'dir', 'invalid', `${dir} is no folder on this machine.`);
    const git = hub.git(repo);
    const target = branch ?? repo.defaultBranch;
    const email = author.email ?? `${author.login}@users.noreply.local`;
    const user = putUser({ login: author.login, emails: [email] });
    const before = await git.head(target);
    // A new branch begins at the default branch, as it does for somebody who has cloned it.
    const base = parent ? await git.resolve(parent) : (before ?? (await git.head(repo.defaultBranch)));
    const person = { name: author.name ?? author.login, email };
    const sha = await git.commitFolder(dir, base, message, person);
    await git.setBranch(target, sha);
    if (sha !== before) state.repos.put(repoKey(repo), { ...repo, pushedAt: now() });
    pushed(hub, repo, { user, app: undefined }, target, before, sha);
    return { sha, before: before ?? NO_COMMIT };
  });

  app.put('/teams', (request) => {
    const { org, team: slug, members } = readBody(team, request.body, 'Team');
    const roles = Array.isArray(members)
      ? members.map((name) => [name.toLowerCase(), 'member'] as const)
      : Object.entries(members).map(([name, role]) => [name.toLowerCase(), role] as const);
    for (const [name] of roles) if (!state.users.get(name)) putUser({ login: name });
    state.teams.put(`${org}/${slug}`.toLowerCase(), { members: Object.fromEntries(roles) });
    return { org, team: slug, members: Object.fromEntries(roles) };
  });

  app.post('/apps', async (request, reply) => {
    const { id, slug, name, publicKey } = readBody(newApp, request.body, 'App');
    const pair = publicKey === undefined ? makeKeys() : undefined;
    state.apps.put(String(id), {
      id,
      slug,
      name: name ?? slug,
      publicKey: publicKey ?? pair?.publicKey ?? '',
      createdAt: now(),
    });
    putUser({ login: `${slug}[bot]`, type: 'Bot' });
    return reply.code(201).send({ id, slug, installation_id: 1_000_000 + id, pem: pair?.privateKey ?? null });
  });

  app.get('/dispatches/:owner/:repo', (request) => {
    const { owner, repo: name } = request.params as { owner: string; repo: string };
    const repo = state.repos.get(repoKey({ owner, name }));
    if (!repo) throw notFound();
    return state.dispatches.list(repo);
  });
}

function makeKeys(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
