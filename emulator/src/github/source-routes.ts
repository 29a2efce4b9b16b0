import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pack } from 'tar-stream';
import { GitHubError, notFound } from './errors.js';
import type { GitRepository } from './git.js';
import { commitOf, paginate } from './hub.js';
import type { Hub } from './hub.js';
import type { Repo } from './state.js';
import { commitView, entryView, filesView } from './views/commits.js';
import { htmlUrl, repoUrl, repoView } from './views/repositories.js';

function param(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}

function queryOf(request: FastifyRequest): Record<string, string | undefined> {
  return request.query as Record<string, string | undefined>;
}

/** Repositories, branches, commits, comparisons, contents and archives. */
export function registerSource(app: FastifyInstance, hub: Hub): void {
  app.get('/repos/:owner/:repo', (request) => repoView(hub, hub.repo(request).repo));

  app.get('/repos/:owner/:repo/branches', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const branches = await Promise.all(
      (await git.branches()).map(async (name) => {
        const sha = (await git.head(name)) ?? '';
        return { name, commit: { sha, url: `${repoUrl(hub, repo)}/commits/${sha}` }, protected: false };
      }),
    );
    return paginate(request, reply, hub.base(), branches);
  });

  app.get('/repos/:owner/:repo/branches/*', async (request) => {
    const { repo, git } = hub.repo(request);
    const name = param(request, '*');
    const sha = await git.head(name);
    if (sha === undefined) throw notFound();
    const url = `${repoUrl(hub, repo)}/branches/${encodeURI(name)}`;
    return {
      name,
      commit: commitView(hub, repo, await git.commit(sha)),
      _links: { self: url, html: `${htmlUrl(hub, repo)}/tree/${encodeURI(name)}` },
      protected: false,
      protection: {
        enabled: false,
        required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
      },
      protection_url: `${url}/protection`,
    };
  });

  app.get('/repos/:owner/:repo/git/ref/*', async (request) => {
    const { repo, git } = hub.repo(request);
    const name = param(request, '*');
    if (!/^(heads|tags)\//.test(name)) throw notFound();
    const sha = name.startsWith('heads/') ? await git.head(name.slice(6)) : await git.resolve(name);
    if (sha === undefined) throw notFound();
    const url = repoUrl(hub, repo);
    return {
      ref: `refs/${name}`,
      node_id: `REF_${Buffer.from(name).toString('base64url')}`,
      url: `${url}/git/refs/${name}`,
      object: { type: 'commit', sha, url: `${url}/git/commits/${sha}` },
    };
  });

  app.get('/repos/:owner/:repo/commits', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const { sha, path } = queryOf(request);
    const head = await git.resolve(sha ?? repo.defaultBranch).catch((error: unknown) => {
      if (sha === undefined) throw new GitHubError(409, 'Git Repository is empty.');
      throw error;
    });
    const commits = await git.log(head, path);
    return paginate(request, reply, hub.base(), commits).map((commit) => commitView(hub, repo, commit));
  });

  app.get('/repos/:owner/:repo/commits/:ref', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const oid = await commitOf(git, param(request, 'ref'), 'Commit', 'sha');
    if (request.headers.accept?.includes('.sha'))
      return reply.type('application/vnd.github.sha; charset=utf-8').send(oid);
    const commit = await git.commit(oid);
    const files = await git.diff(commit.commit.parent[0], oid);
    const sum = (name: 'additions' | 'deletions') => files.reduce((all, file) => all + file[name], 0);
    const [additions, deletions] = [sum('additions'), sum('deletions')];
    const stats = { additions, deletions, total: additions + deletions };
    return { ...commitView(hub, repo, commit), stats, files: filesView(hub, repo, oid, files) };
  });

  app.get('/repos/:owner/:repo/compare/*', async (request) => {
    const { repo, git } = hub.repo(request);
    const [base, head] = param(request, '*').split('...');
    if (!base || !head) throw notFound();
    return compare(hub, repo, git, await git.resolve(base), await git.resolve(head));
  });

  const contents = async (request: FastifyRequest, reply: FastifyReply) => {
    const { repo, git } = hub.repo(request);
    const path = param(request, '*').replace(/\/+$/, '');
    const ref = queryOf(request)['ref'] ?? repo.defaultBranch;
    return contentsOf(hub, repo, git, path, ref, request, reply);
  };
  app.get('/repos/:owner/:repo/contents', contents);
  app.get('/repos/:owner/:repo/contents/*', contents);

  registerArchives(app, hub);
}

async function compare(
  hub: Hub,
  repo: Repo,
  git: GitRepository,
  base: string,
  head: string,
): Promise<unknown> {
  const mergeBase = await git.mergeBase(base, head);
  if (mergeBase === undefined) throw notFound();
  const [ofBase, ofHead] = [await git.log(base), await git.log(head)];
  const [inBase, inHead] = [ofBase, ofHead].map((log) => new Set(log.map(({ oid }) => oid)));
  const ahead = ofHead.filter(({ oid }) => !inBase?.has(oid));
  const behind = ofBase.filter(({ oid }) => !inHead?.has(oid)).length;
  const status =
    ahead.length === 0 ? (behind === 0 ? 'identical' : 'behind') : behind === 0 ? 'ahead' : 'diverged';
  const page = `${htmlUrl(hub, repo)}/compare/${base}...${head}`;
  return {
    status,
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    url: `${repoUrl(hub, repo)}/compare/${base}...${head}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitView(hub, repo, await git.commit(base)),
    merge_base_commit: commitView(hub, repo, await git.commit(mergeBase)),
    commits: ahead.reverse().map((commit) => commitView(hub, repo, commit)),
    files: filesView(hub, repo, head, await git.diff(mergeBase, head)),
  };
}

async function contentsOf(
  hub: Hub,
  repo: Repo,
  git: GitRepository,
  path: string,
  ref: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const found = await git.entry(await git.resolve(ref), path);
  if ('tree' in found)
    return Promise.all(
      found.tree.map(async (entry) =>
        entryView(hub, repo, ref, {
          path: path === '' ? entry.path : `${path}/${entry.path}`,
          sha: entry.oid,
          type: entry.type === 'tree' ? 'dir' : 'file',
          size: entry.type === 'blob' ? (await git.blob(entry.oid)).length : 0,
        }),
      ),
    );
  const bytes = Buffer.from(found.blob);
  if (request.headers.accept?.includes('raw'))
    return reply.type('application/vnd.github.raw; charset=utf-8').send(bytes);
  return {
    ...entryView(hub, repo, ref, { path, sha: found.sha, type: 'file', size: bytes.length }),
    encoding: 'base64',
    content: bytes.toString('base64').replace(/(.{60})/g, '$1\n'),
  };
}

/** Archives are served from a second address, as GitHub's are from codeload. */
function registerArchives(app: FastifyInstance, hub: Hub): void {
  const redirect = async (request: FastifyRequest, reply: FastifyReply) => {
    const { repo, git } = hub.repo(request);
    const ref = param(request, '*') || repo.defaultBranch;
    await git.resolve(ref);
    const target = `${hub.base()}/_codeload/${repo.owner}/${repo.name}/legacy.tar.gz/${encodeURIComponent(ref)}`;
    return reply.redirect(target, 302);
  };
  app.get('/repos/:owner/:repo/tarball', redirect);
  app.get('/repos/:owner/:repo/tarball/*', redirect);
  app.get('/_codeload/:owner/:repo/legacy.tar.gz/*', async (request, reply) => {
    const { repo, git } = hub.repo(request);
    const oid = await git.resolve(param(request, '*'));
    const top = `${repo.owner}-${repo.name}-${oid.slice(0, 7)}`;
    reply.header('content-disposition', `attachment; filename=${top}.tar.gz`);
    return reply.type('application/x-gzip').send(archive(git, oid, top));
  });
}

/** A gzipped tar below the folder `top`, written while it is read. */
function archive(git: GitRepository, oid: string, top: string): Readable {
  const tar = pack();
  const write = async () => {
    const { commit } = await git.commit(oid);
    const mtime = new Date(commit.committer.timestamp * 1000);
    tar.entry({ name: `${top}/`, type: 'directory', mode: 0o755, mtime });
    for (const { path, sha, mode } of await git.files(oid)) {
      const bytes = Buffer.from(await git.blob(sha));
      const name = `${top}/${path}`;
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error | null) => {
          if (error) reject(error);
          else resolve();
        };
        if (mode === '120000') tar.entry({ name, type: 'symlink', linkname: bytes.toString(), mtime }, done);
        else tar.entry({ name, mode: mode === '100755' ? 0o755 : 0o644, mtime }, bytes, done);
      });
    }
    tar.finalize();
  };
  write().catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Readable.from(tar).pipe(createGzip());
}
