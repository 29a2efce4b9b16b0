import type { Hub } from '../hub.js';
import type { Repo } from '../state.js';
import { addresses, nodeId } from './json.js';
import type { Json } from './json.js';
import { userView } from './people.js';

const REPO_PATHS = {
  archive: '/{archive_format}{/ref}',
  assignees: '/assignees{/user}',
  blobs: '/git/blobs{/sha}',
  branches: '/branches{/branch}',
  collaborators: '/collaborators{/collaborator}',
  comments: '/comments{/number}',
  commits: '/commits{/sha}',
  compare: '/compare/{base}...{head}',
  contents: '/contents/{+path}',
  contributors: '/contributors',
  deployments: '/deployments',
  downloads: '/downloads',
  events: '/events',
  forks: '/forks',
  git_commits: '/git/commits{/sha}',
  git_refs: '/git/refs{/sha}',
  git_tags: '/git/tags{/sha}',
  hooks: '/hooks',
  issue_comment: '/issues/comments{/number}',
  issue_events: '/issues/events{/number}',
  issues: '/issues{/number}',
  keys: '/keys{/key_id}',
  labels: '/labels{/name}',
  languages: '/languages',
  merges: '/merges',
  milestones: '/milestones{/number}',
  notifications: '/notifications{?since,all,participating}',
  pulls: '/pulls{/number}',
  releases: '/releases{/id}',
  stargazers: '/stargazers',
  statuses: '/statuses/{sha}',
  subscribers: '/subscribers',
  subscription: '/subscription',
  tags: '/tags',
  teams: '/teams',
  trees: '/git/trees{/sha}',
};
const COUNTS = [
  'forks',
  'forks_count',
  'stargazers_count',
  'watchers',
  'watchers_count',
  'network_count',
  'subscribers_count',
  'size',
];
const NOTHING = { description: null, homepage: null, language: null, license: null, mirror_url: null };
const FEATURES = {
  archived: false,
  disabled: false,
  fork: false,
  has_issues: true,
  has_projects: false,
  has_wiki: false,
  has_pages: false,
  has_downloads: false,
  has_discussions: false,
  allow_forking: true,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
};

export function repoUrl(hub: Hub, { owner, name }: { owner: string; name: string }): string {
  return `${hub.base()}/repos/${owner}/${name}`;
}

/** Address for people; the emulator shows no pages. */
export function htmlUrl(hub: Hub, { owner, name }: { owner: string; name: string }): string {
  return `${hub.base()}/-/${owner}/${name}`;
}

/** A repository as GitHub shows it everywhere: its `full-repository`. */
export function repoView(hub: Hub, repo: Repo): Json {
  const owner = hub.state.users.get(repo.owner.toLowerCase());
  const html = htmlUrl(hub, repo);
  const open = hub.state.issues.list(repo).filter(({ state }) => state === 'open').length;
  return {
    id: repo.id,
    node_id: nodeId('R', repo.id),
    name: repo.name,
    full_name: `${repo.owner}/${repo.name}`,
    private: repo.isPrivate,
    visibility: repo.isPrivate ? 'private' : 'public',
    owner: userView(hub, owner ?? { id: 0, login: repo.owner, type: 'Organization', emails: [] }),
    html_url: html,
    url: repoUrl(hub, repo),
    ...addresses(repoUrl(hub, repo), REPO_PATHS),
    clone_url: `${html}.git`,
    git_url: `${html.replace(/^https?/, 'git')}.git`,
    ssh_url: `git@${new URL(html).hostname}:${repo.owner}/${repo.name}.git`,
    svn_url: html,
    default_branch: repo.defaultBranch,
    ...NOTHING,
    ...FEATURES,
    ...Object.fromEntries(COUNTS.map((name) => [name, 0])),
    open_issues: open,
    open_issues_count: open,
    created_at: repo.createdAt,
    updated_at: repo.pushedAt ?? repo.createdAt,
    pushed_at: repo.pushedAt ?? repo.createdAt,
  };
}
