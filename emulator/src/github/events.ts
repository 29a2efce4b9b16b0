import type { Actor, Hub } from './hub.js';
import type {
  CheckRun,
  Comment,
  CommitStatus,
  Deployment,
  DeploymentStatus,
  Issue,
  Repo,
  Review,
} from './state.js';
import { commitView } from './views/commits.js';
import { commentView, issueView, pullView, reviewView } from './views/issues.js';
import { isoTime } from './views/json.js';
import type { Json } from './views/json.js';
import { htmlUrl, repoUrl } from './views/repositories.js';
import { checkRunView, deploymentStatusView, deploymentView, statusView } from './views/results.js';

/** The webhook events that the emulator sends. https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const EVENTS = [
  'check_run',
  'commit_comment',
  'deployment',
  'deployment_status',
  'issue_comment',
  'issues',
  'ping',
  'pull_request',
  'pull_request_review',
  'push',
  'repository_dispatch',
  'status',
] as const;

export type EventName = (typeof EVENTS)[number];

const NO_COMMIT = '0'.repeat(40);
/** Commits that a push's payload tells of at most. */
const MOST_COMMITS = 2048;

function changesOf(before: Json | undefined): Json {
  const from = Object.entries(before ?? {}).map(([name, value]) => [name, { from: value }]);
  return before === undefined ? {} : { changes: Object.fromEntries(from) as Json };
}

/** `before`: the fields that an edit changed, as they were. */
export function commented(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  action: 'created' | 'edited' | 'deleted',
  comment: Comment,
  before?: Json,
): void {
  const shown = commentView(hub, repo, comment);
  if (comment.number === undefined) {
    hub.emit(repo, actor, 'commit_comment', { action, comment: shown });
    return;
  }
  const issue = hub.state.issues.list(repo).find(({ number }) => number === comment.number);
  if (issue === undefined) return;
  const payload = { action, issue: issueView(hub, repo, issue), comment: shown, ...changesOf(before) };
  hub.emit(repo, actor, 'issue_comment', payload);
}

/** An issue, or the pull request that it is. */
export function issueChanged(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  action: 'opened' | 'edited' | 'closed' | 'reopened',
  issue: Issue,
  before?: Json,
): void {
  const { number } = issue;
  if (issue.pull)
    hub.emit(repo, actor, 'pull_request', async () => {
      const pull_request = await pullView(hub, repo, hub.git(repo), issue);
      return { action, number, pull_request, ...changesOf(before) };
    });
  else hub.emit(repo, actor, 'issues', { action, issue: issueView(hub, repo, issue), ...changesOf(before) });
}

export function reviewed(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  action: 'submitted' | 'edited',
  { issue, review }: { issue: Issue; review: Review },
  before?: Json,
): void {
  hub.emit(repo, actor, 'pull_request_review', async () => ({
    action,
    // Webhooks write states small, answers large.
    review: {
      ...reviewView(hub, repo, review),
      state: review.state.toLowerCase(),
      updated_at: review.updatedAt,
    },
    pull_request: await pullView(hub, repo, hub.git(repo), issue),
    ...changesOf(before),
  }));
}

export function deployed(hub: Hub, repo: Repo, actor: Actor, deployment: Deployment): void {
  const shown = deploymentView(hub, repo, deployment);
  hub.emit(repo, actor, 'deployment', { action: 'created', deployment: shown, ...NO_WORKFLOW });
}

export function deploymentChanged(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  { deployment, status }: { deployment: Deployment; status: DeploymentStatus },
): void {
  hub.emit(repo, actor, 'deployment_status', {
    action: 'created',
    deployment: deploymentView(hub, repo, deployment),
    deployment_status: deploymentStatusView(hub, repo, status),
    check_run: null,
    ...NO_WORKFLOW,
  });
}

/** Deployments are made by nobody's workflow here. */
const NO_WORKFLOW = { workflow: null, workflow_run: null };

export function checked(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  action: 'created' | 'completed',
  run: CheckRun,
): void {
  hub.emit(repo, actor, 'check_run', { action, check_run: checkRunView(hub, repo, run) });
}

export function statusSet(hub: Hub, repo: Repo, actor: Actor, status: CommitStatus): void {
  hub.emit(repo, actor, 'status', async () => {
    const git = hub.git(repo);
    const heads = await Promise.all((await git.branches()).map(async (name) => [name, await git.head(name)]));
    const commit = { sha: status.sha, url: `${repoUrl(hub, repo)}/commits/${status.sha}` };
    return {
      ...statusView(hub, repo, status),
      sha: status.sha,
      name: `${repo.owner}/${repo.name}`,
      commit: commitView(hub, repo, await git.commit(status.sha)),
      branches: heads
        .filter(([, sha]) => sha === status.sha)
        .map(([name]) => ({ name, commit, protected: false })),
    };
  });
}

/** A branch that moved; open pull requests from it move with it. */
export function pushed(
  hub: Hub,
  repo: Repo,
  actor: Actor,
  branch: string,
  before: string | undefined,
  after: string,
): void {
  if (before === after) return;
  hub.emit(repo, actor, 'push', () => pushPayload(hub, repo, actor, branch, before, after));
  if (before === undefined) return;
  for (const issue of hub.state.issues.list(repo))
    if (issue.state === 'open' && issue.pull?.head === branch && issue.pull.fork === undefined)
      hub.emit(repo, actor, 'pull_request', async () => ({
        action: 'synchronize',
        number: issue.number,
        before,
        after,
        pull_request: await pullView(hub, repo, hub.git(repo), issue),
      }));
}

async function pushPayload(
  hub: Hub,
  repo: Repo,
  { user }: Actor,
  branch: string,
  before: string | undefined,
  after: string,
): Promise<Json> {
  const git = hub.git(repo);
  const html = htmlUrl(hub, repo);
  const base = before ?? (branch === repo.defaultBranch ? undefined : await git.head(repo.defaultBranch));
  const old = new Set((base === undefined ? [] : await git.log(base)).map(({ oid }) => oid));
  const fresh = (await git.log(after)).filter(({ oid }) => !old.has(oid)).slice(0, MOST_COMMITS);
  const view = async (oid: string) => {
    const { commit } = await git.commit(oid);
    const files = await git.diff(commit.parent[0], oid);
    const named = (status: string) =>
      files.filter((file) => file.status === status).map(({ filename }) => filename);
    const person = ({ name, email, timestamp }: typeof commit.author) => ({
      name,
      email,
      date: isoTime(timestamp),
    });
    return {
      id: oid,
      tree_id: commit.tree,
      distinct: true,
      message: commit.message.replace(/\n$/, ''),
      timestamp: isoTime(commit.committer.timestamp),
      url: `${html}/commit/${oid}`,
      author: person(commit.author),
      committer: person(commit.committer),
      added: named('added'),
      removed: named('removed'),
      modified: named('modified'),
    };
  };
  return {
    ref: `refs/heads/${branch}`,
    before: before ?? NO_COMMIT,
    after,
    base_ref: null,
    created: before === undefined,
    deleted: false,
    forced: before !== undefined && !(await git.log(after)).some(({ oid }) => oid === before),
    compare: before === undefined ? `${html}/commit/${after}` : `${html}/compare/${before}...${after}`,
    commits: await Promise.all(fresh.reverse().map(({ oid }) => view(oid))),
    head_commit: await view(after),
    pusher: { name: user.login, email: user.emails[0] ?? null },
  };
}
