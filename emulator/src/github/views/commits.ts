import type { ReadCommitResult } from 'isomorphic-git';
import type { GitRepository } from '../git.js';
import type { Hub } from '../hub.js';
import type { Repo } from '../state.js';
import { isoTime } from './json.js';
import type { Json } from './json.js';
import { userByEmail, userView } from './people.js';
import { htmlUrl, repoUrl } from './repositories.js';

export function commitView(hub: Hub, repo: Repo, { oid, commit }: ReadCommitResult): Json {
  const url = repoUrl(hub, repo);
  const person = ({ name, email, timestamp }: { name: string; email: string; timestamp: number }) => ({
    name,
    email,
    date: isoTime(timestamp),
  });
  const account = ({ email }: { email: string }) => {
    const user = userByEmail(hub, email);
    return user === undefined ? null : userView(hub, user);
  };
  return {
    sha: oid,
    node_id: `C_${oid}`,
    url: `${url}/commits/${oid}`,
    html_url: `${htmlUrl(hub, repo)}/commit/${oid}`,
    comments_url: `${url}/commits/${oid}/comments`,
    commit: {
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message.replace(/\n$/, ''),
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${oid}`,
      comment_count: hub.state.comments.list(repo).filter(({ sha }) => sha === oid).length,
      verification: {
        verified: false,
        reason: 'unsigned',
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    author: account(commit.author),
    committer: account(commit.committer),
    parents: commit.parent.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${htmlUrl(hub, repo)}/commit/${sha}`,
    })),
  };
}

export type ChangedFiles = Awaited<ReturnType<GitRepository['diff']>>;

/** Files of a diff, with the addresses that GitHub adds. */
export function filesView(hub: Hub, repo: Repo, sha: string, files: ChangedFiles): Json[] {
  const html = htmlUrl(hub, repo);
  return files.map((file) => ({
    ...file,
    blob_url: `${html}/blob/${sha}/${encodeURI(file.filename)}`,
    raw_url: `${html}/raw/${sha}/${encodeURI(file.filename)}`,
    contents_url: `${repoUrl(hub, repo)}/contents/${encodeURIComponent(file.filename)}?ref=${sha}`,
  }));
}

/** What a folder's listing and a file's contents have in common. */
export function entryView(
  hub: Hub,
  repo: Repo,
  ref: string,
  entry: { path: string; sha: string; type: 'file' | 'dir'; size: number },
): Json {
  const { path, sha, type, size } = entry;
  const url = repoUrl(hub, repo);
  const html = htmlUrl(hub, repo);
  const address = `${url}/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`;
  const git = `${url}/git/${type === 'dir' ? 'trees' : 'blobs'}/${sha}`;
  const page = `${html}/${type === 'dir' ? 'tree' : 'blob'}/${encodeURI(ref)}/${encodeURI(path)}`;
  return {
    name: path.split('/').pop() ?? '',
    path,
    sha,
    size,
    type,
    url: address,
    html_url: page,
    git_url: git,
    download_url: type === 'dir' ? null : `${html}/raw/${encodeURI(ref)}/${encodeURI(path)}`,
    _links: { self: address, git, html: page },
  };
}
