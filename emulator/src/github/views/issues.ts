import { createHash } from 'node:crypto';
import type { GitRepository } from '../git.js';
import type { Hub } from '../hub.js';
import type { Comment, Issue, Item, Repo, Review } from '../state.js';
import { addresses, itemView, nodeId } from './json.js';
import type { Json } from './json.js';
import { appView, userView } from './people.js';
import { htmlUrl, repoUrl, repoView } from './repositories.js';

const REACTIONS = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'];

function reactions(url: string): Json {
  const counts = Object.fromEntries(REACTIONS.map((name) => [name, 0]));
  return { url: `${url}/reactions`, total_count: 0, ...counts };
}

/** Who wrote an item, and how they belong to the repository. */
function authored(hub: Hub, { by }: Item): Json {
  const user = hub.userOf(by);
  return { user: userView(hub, user), author_association: user.type === 'Bot' ? 'NONE' : 'MEMBER' };
}

/** The app whose bot wrote an item, else null. */
export function appOf(hub: Hub, { by }: Item): Json | null {
  const app = hub.state.apps.list().find(({ value }) => `${value.slug}[bot]` === by)?.value;
  return app === undefined ? null : appView(hub, app);
}

function labelView(hub: Hub, repo: Repo, name: string): Json {
  const id = createHash('sha256').update(name).digest().readUInt32BE();
  const url = `${repoUrl(hub, repo)}/labels/${encodeURIComponent(name)}`;
  return { id, node_id: nodeId('LA', id), url, name, description: null, color: 'ededed', default: false };
}

const UNASSIGNED = {
  assignee: null,
  assignees: [],
  milestone: null,
  locked: false,
  active_lock_reason: null,
};

export function issueView(hub: Hub, repo: Repo, issue: Issue): Json {
  const repository = repoUrl(hub, repo);
  const url = `${repository}/issues/${issue.number}`;
  const html = `${htmlUrl(hub, repo)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  const pull = issue.pull
    ? {
        draft: issue.pull.draft,
        pull_request: {
          url: `${repository}/pulls/${issue.number}`,
          html_url: html,
          diff_url: `${html}.diff`,
          patch_url: `${html}.patch`,
          merged_at: issue.pull.mergedAt ?? null,
        },
      }
    : {};
  return {
    ...itemView('I', issue),
    ...authored(hub, issue),
    ...UNASSIGNED,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    state_reason: issue.state === 'closed' ? 'completed' : null,
    labels: issue.labels.map((name) => labelView(hub, repo, name)),
    comments: hub.state.comments.list(repo).filter(({ number }) => number === issue.number).length,
    closed_at: issue.closedAt ?? null,
    url,
    repository_url: repository,
    ...addresses(url, {
      labels: '/labels{/name}',
      comments: '/comments',
      events: '/events',
      timeline: '/timeline',
    }),
    html_url: html,
    reactions: reactions(url),
    performed_via_github_app: appOf(hub, issue),
    ...pull,
  };
}

const PULL_PATHS = {
  commits: '/commits',
  review_comments: '/comments',
  review_comment: '/comments{/number}',
};

function pullLinks(url: string, issueUrl: string, statuses: string, html: string): Json {
  const links = {
    self: url,
    html,
    issue: issueUrl,
    comments: `${issueUrl}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${url}/comments{/number}`,
    commits: `${url}/commits`,
    statuses,
  };
  return Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }]));
}

/** The sums over a pull request's commits and files, which GitHub tells of a single one. */
async function pullSums(git: GitRepository, base: string | undefined, head: string): Promise<Json> {
  const from = base === undefined ? undefined : await git.mergeBase(base, head);
  const files = await git.diff(from, head);
  const before = new Set((from === undefined ? [] : await git.log(from)).map(({ oid }) => oid));
  const sum = (name: 'additions' | 'deletions') => files.reduce((all, file) => all + file[name], 0);
  return {
    commits: (await git.log(head)).filter(({ oid }) => !before.has(oid)).length,
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
}

export async function pullView(hub: Hub, repo: Repo, git: GitRepository, issue: Issue): Promise<Json> {
  const { pull } = issue;
  if (!pull) throw new Error(`#${issue.number} is no pull request.`);
  const isOpen = issue.state === 'open';
  const headSha = isOpen ? ((await git.head(pull.head)) ?? pull.headSha) : pull.headSha;
  const baseSha = await git.head(pull.base);
  const side = (ref: string, sha: string, fork?: string) => {
    const owner = fork?.split('/')[0] ?? repo.owner;
    return {
      ref,
      label: `${owner}:${ref}`,
      sha,
      user: userView(hub, hub.userOf(owner)),
      repo: { ...repoView(hub, repo), ...(fork !== undefined && { full_name: fork, fork: true }) },
    };
  };
  const url = `${repoUrl(hub, repo)}/pulls/${issue.number}`;
  const html = `${htmlUrl(hub, repo)}/pull/${issue.number}`;
  const statuses = `${repoUrl(hub, repo)}/statuses/${headSha}`;
  const shown = issueView(hub, repo, issue);
  return {
    ...Object.fromEntries(Object.entries(shown).filter(([name]) => !NO_PART_OF_PULLS.has(name))),
    node_id: nodeId('PR', issue.id),
    url,
    issue_url: shown['url'],
    ...addresses(url, PULL_PATHS),
    statuses_url: statuses,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    _links: pullLinks(url, String(shown['url']), statuses, html),
    requested_reviewers: [],
    requested_teams: [],
    draft: pull.draft,
    head: side(pull.head, headSha, pull.fork),
    base: side(pull.base, baseSha ?? ''),
    auto_merge: null,
    merged: pull.mergedAt !== undefined,
    merged_at: pull.mergedAt ?? null,
    merged_by: pull.mergedBy === undefined ? null : userView(hub, hub.userOf(pull.mergedBy)),
    merge_commit_sha: pull.mergeSha ?? null,
    mergeable: isOpen ? true : null,
    mergeable_state: isOpen ? 'clean' : 'unknown',
    rebaseable: isOpen ? true : null,
    maintainer_can_modify: false,
    review_comments: 0,
    ...(await pullSums(git, baseSha, headSha)),
  };
}

const NO_PART_OF_PULLS = new Set([
  'pull_request',
  'repository_url',
  'labels_url',
  'events_url',
  'timeline_url',
  'reactions',
  'state_reason',
  'performed_via_github_app',
]);

export function commentView(hub: Hub, repo: Repo, comment: Comment): Json {
  const repository = repoUrl(hub, repo);
  const html = htmlUrl(hub, repo);
  const { id, number, sha } = comment;
  const url = number === undefined ? `${repository}/comments/${id}` : `${repository}/issues/comments/${id}`;
  const place =
    number === undefined
      ? {
          commit_id: sha,
          ...{ path: null, position: null, line: null },
          html_url: `${html}/commit/${sha ?? ''}#commitcomment-${id}`,
        }
      : {
          issue_url: `${repository}/issues/${number}`,
          html_url: `${html}/issues/${number}#issuecomment-${id}`,
          performed_via_github_app: appOf(hub, comment),
        };
  return {
    ...itemView(number === undefined ? 'CC' : 'IC', comment),
    ...authored(hub, comment),
    body: comment.body,
    url,
    reactions: reactions(url),
    ...place,
  };
}

export function reviewView(hub: Hub, repo: Repo, review: Review): Json {
  const html = `${htmlUrl(hub, repo)}/pull/${review.number}#pullrequestreview-${review.id}`;
  const pull = `${repoUrl(hub, repo)}/pulls/${review.number}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    ...authored(hub, review),
    body: review.body,
    state: review.state,
    commit_id: review.commitId,
    html_url: html,
    pull_request_url: pull,
    _links: { html: { href: html }, pull_request: { href: pull } },
    ...(review.submittedAt === undefined ? {} : { submitted_at: review.submittedAt }),
  };
}
