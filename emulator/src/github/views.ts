import type { ReadCommitResult } from 'isomorphic-git';
import type { GitRepository } from './git.js';
import type { Hub } from './hub.js';
import type {
  CheckRun,
  Comment,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Issue,
  Item,
  Repo,
  Review,
  User,
} from './state.js';

type Json = Record<string, unknown>;

export function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}

export function userView(hub: Hub, { id, login, type, name }: User): Json {
  return {
    login,
    id,
    node_id: nodeId('U', id),
    type,
    site_admin: false,
    url: `${hub.base()}/users/${login}`,
    html_url: `${hub.base()}/-/${login}`,
    ...(name === undefined ? {} : { name }),
  };
}

export function repoUrl(hub: Hub, { owner, name }: Repo): string {
  return `${hub.base()}/repos/${owner}/${name}`;
}

/** Address for people; the emulator shows no pages. */
export function htmlUrl(hub: Hub, { owner, name }: Repo): string {
  return `${hub.base()}/-/${owner}/${name}`;
}

export function repoView(hub: Hub, repo: Repo): Json {
  const owner = hub.state.users.get(repo.owner.toLowerCase());
  return {
    id: repo.id,
    node_id: nodeId('R', repo.id),
    name: repo.name,
    full_name: `${repo.owner}/${repo.name}`,
    private: repo.isPrivate,
    visibility: repo.isPrivate ? 'private' : 'public',
    owner: userView(hub, owner ?? { id: 0, login: repo.owner, type: 'Organization', emails: [] }),
    html_url: htmlUrl(hub, repo),
    url: repoUrl(hub, repo),
    default_branch: repo.defaultBranch,
    archived: false,
    disabled: false,
    fork: false,
    created_at: repo.createdAt,
  };
}

function userByEmail(hub: Hub, email: string): Json | null {
  const address = email.toLowerCase();
  const found = hub.state.users.list().find(({ value }) => value.emails.some((own) => own === address));
  return found ? userView(hub, found.value) : null;
}

/** ISO 8601 without fractions, as GitHub writes times. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function commitView(hub: Hub, repo: Repo, { oid, commit }: ReadCommitResult): Json {
  const url = repoUrl(hub, repo);
  const person = ({ name, email, timestamp }: { name: string; email: string; timestamp: number }) => ({
    name,
    email,
    date: isoTime(timestamp),
  });
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
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
    },
    author: userByEmail(hub, commit.author.email),
    committer: userByEmail(hub, commit.committer.email),
    parents: commit.parent.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${htmlUrl(hub, repo)}/commit/${sha}`,
    })),
  };
}

/** Files of a diff, with the addresses that GitHub adds. */
export function filesView(
  hub: Hub,
  repo: Repo,
  sha: string,
  files: Awaited<ReturnType<GitRepository['diff']>>,
) {
  const url = repoUrl(hub, repo);
  return files.map((file) => ({
    ...file,
    blob_url: `${htmlUrl(hub, repo)}/blob/${sha}/${file.filename}`,
    contents_url: `${url}/contents/${encodeURIComponent(file.filename)}?ref=${sha}`,
  }));
}

function itemView(kind: string, { id, createdAt, updatedAt }: Item): Json {
  return { id, node_id: nodeId(kind, id), created_at: createdAt, updated_at: updatedAt };
}

/** A bot's comment says which app wrote it. */
function authored(hub: Hub, { by }: Item): Json {
  const user = hub.userOf(by);
  return { user: userView(hub, user), author_association: user.type === 'Bot' ? 'NONE' : 'MEMBER' };
}

export function issueView(hub: Hub, repo: Repo, issue: Issue): Json {
  const url = repoUrl(hub, repo);
  const html = `${htmlUrl(hub, repo)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  const pull = issue.pull ? { pull_request: { url: `${url}/pulls/${issue.number}`, html_url: html } } : {};
  return {
    ...itemView('I', issue),
    ...authored(hub, issue),
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    labels: issue.labels.map((name) => ({ name })),
    closed_at: issue.closedAt ?? null,
    url: `${url}/issues/${issue.number}`,
    comments_url: `${url}/issues/${issue.number}/comments`,
    html_url: html,
    ...pull,
  };
}

export async function pullView(hub: Hub, repo: Repo, git: GitRepository, issue: Issue): Promise<Json> {
  const { pull } = issue;
  if (!pull) throw new Error(`#${issue.number} is no pull request.`);
  const headSha = issue.state === 'open' ? ((await git.head(pull.head)) ?? pull.headSha) : pull.headSha;
  const side = async (ref: string, sha?: string, fork?: string) => ({
    ref,
    label: `${fork?.split('/')[0] ?? repo.owner}:${ref}`,
    sha: sha ?? (await git.head(ref)) ?? '',
    repo: { ...repoView(hub, repo), ...(fork !== undefined && { full_name: fork, fork: true }) },
  });
  return {
    ...issueView(hub, repo, issue),
    node_id: nodeId('PR', issue.id),
    url: `${repoUrl(hub, repo)}/pulls/${issue.number}`,
    draft: pull.draft,
    head: await side(pull.head, headSha, pull.fork),
    base: await side(pull.base),
    merged: pull.mergedAt !== undefined,
    merged_at: pull.mergedAt ?? null,
    merge_commit_sha: pull.mergeSha ?? null,
  };
}

export function commentView(hub: Hub, repo: Repo, comment: Comment): Json {
  const url = repoUrl(hub, repo);
  const html = htmlUrl(hub, repo);
  const place =
    comment.number === undefined
      ? {
          commit_id: comment.sha,
          url: `${url}/comments/${comment.id}`,
          html_url: `${html}/commit/${comment.sha ?? ''}#commitcomment-${comment.id}`,
        }
      : {
          issue_url: `${url}/issues/${comment.number}`,
          url: `${url}/issues/comments/${comment.id}`,
          html_url: `${html}/issues/${comment.number}#issuecomment-${comment.id}`,
        };
  return { ...itemView('IC', comment), ...authored(hub, comment), body: comment.body, ...place };
}

export function reviewView(hub: Hub, repo: Repo, review: Review): Json {
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    ...authored(hub, review),
    body: review.body,
    state: review.state,
    commit_id: review.commitId,
    html_url: `${htmlUrl(hub, repo)}/pull/${review.number}#pullrequestreview-${review.id}`,
    pull_request_url: `${repoUrl(hub, repo)}/pulls/${review.number}`,
    ...(review.submittedAt === undefined ? {} : { submitted_at: review.submittedAt }),
  };
}

/** Annotations are counted here and listed by a route of their own. */
function outputView({ fields }: CheckRun, url: string): Json {
  const { annotations, ...output } = (fields['output'] ?? {}) as Json & { annotations?: unknown[] };
  return {
    ...{ title: null, summary: null, text: null },
    ...output,
    annotations_count: annotations?.length ?? 0,
    annotations_url: `${url}/annotations`,
  };
}

export function checkRunView(hub: Hub, repo: Repo, run: CheckRun): Json {
  const app = hub.state.apps.get(String(run.appId));
  const html = `${htmlUrl(hub, repo)}/runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId('CR', run.id),
    external_id: '',
    conclusion: null,
    completed_at: null,
    ...run.fields,
    output: outputView(run, `${repoUrl(hub, repo)}/check-runs/${run.id}`),
    details_url: run.fields['details_url'] ?? html,
    url: `${repoUrl(hub, repo)}/check-runs/${run.id}`,
    html_url: html,
    check_suite: { id: run.appId },
    app: app ? { id: app.id, slug: app.slug, name: app.name } : null,
    pull_requests: [],
  };
}

export function statusView(hub: Hub, repo: Repo, status: CommitStatus): Json {
  const { state, context, description, target_url, sha } = status;
  return {
    ...itemView('SC', status),
    state,
    context,
    description,
    target_url,
    url: `${repoUrl(hub, repo)}/statuses/${sha}`,
    creator: userView(hub, hub.userOf(status.by)),
  };
}

export function deploymentView(hub: Hub, repo: Repo, deployment: Deployment): Json {
  const url = `${repoUrl(hub, repo)}/deployments/${deployment.id}`;
  return {
    ...itemView('DE', deployment),
    sha: deployment.sha,
    ...deployment.fields,
    original_environment: deployment.fields.environment,
    creator: userView(hub, hub.userOf(deployment.by)),
    url,
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(hub, repo),
  };
}

export function deploymentStatusView(hub: Hub, repo: Repo, status: DeploymentStatus): Json {
  const url = `${repoUrl(hub, repo)}/deployments/${status.deploymentId}`;
  return {
    ...itemView('DES', status),
    ...status.fields,
    creator: userView(hub, hub.userOf(status.by)),
    url: `${url}/statuses/${status.id}`,
    deployment_url: url,
    repository_url: repoUrl(hub, repo),
  };
}
