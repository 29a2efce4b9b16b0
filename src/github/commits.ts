import { ownerAndRepo, type GitHub } from './client.js';
import { GitHubError } from './errors.js';

export interface Comparison {
  /** The head seen from the base. */
  readonly status: 'ahead' | 'behind' | 'identical' | 'diverged';
  readonly aheadBy: number;
  readonly behindBy: number;
}

const short = (commit: string): string => commit.slice(0, 12);
const pageSize = 100;
/** Commits looked at when there is no base: authors further back than this are not known. */
const mostWithoutBase = 1_000;

export async function compare(
  github: GitHub,
  repository: string,
  base: string,
  head: string,
): Promise<Comparison> {
  const what = `compare ${short(base)} with ${short(head)} in ${repository}`;
  const { data } = await github.call({ what, permission: 'contents: read' }, (octokit) =>
    octokit.rest.repos.compareCommitsWithBasehead({
      ...ownerAndRepo(repository),
      basehead: `${base}...${head}`,
      per_page: 1,
    }),
  );
  return { status: data.status, aheadBy: data.ahead_by, behindBy: data.behind_by };
}

/** Whether `head` contains `commit`; a commit is its own ancestor. */
export async function isAncestor(
  github: GitHub,
  repository: string,
  commit: string,
  head: string,
): Promise<boolean> {
  if (commit === head) return true;
  const { status } = await compare(github, repository, commit, head);
  return status === 'ahead' || status === 'identical';
}

/**
 * Everybody who has a part in the commits after `base` up to `head`: authors, committers and co-authors, by e-mail
 * address in lower case and by login where GitHub knows one. Without a base, of the last 1,000 commits.
 */
export async function authorsBetween(
  github: GitHub,
  repository: string,
  base: string | undefined,
  head: string,
): Promise<string[]> {
  const people = new Set<string>();
  const mostCommits = base === undefined ? mostWithoutBase : Infinity;
  for (let page = 1; ; page += 1) {
    const { commits, total } = await commitPage(github, repository, base, head, page);
    for (const commit of commits) for (const person of peopleOf(commit)) people.add(person);
    const done = commits.length < pageSize || page * pageSize >= Math.min(total, mostCommits);
    if (done) return [...people].sort();
  }
}

interface AuthoredCommit {
  readonly author?: object | null;
  readonly committer?: object | null;
  readonly commit: {
    readonly message: string;
    readonly author?: { readonly email?: string } | null;
    readonly committer?: { readonly email?: string } | null;
  };
}

async function commitPage(
  github: GitHub,
  repository: string,
  base: string | undefined,
  head: string,
  page: number,
): Promise<{ commits: AuthoredCommit[]; total: number }> {
  const attempt = {
    what: `list the commits of ${repository} up to ${short(head)}`,
    permission: 'contents: read',
  };
  const parameters = { ...ownerAndRepo(repository), per_page: pageSize, page };
  if (base === undefined) {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.repos.listCommits({ ...parameters, sha: head }),
    );
    return { commits: data, total: Infinity };
  }
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.repos.compareCommitsWithBasehead({ ...parameters, basehead: `${base}...${head}` }),
  );
  return { commits: data.commits, total: data.total_commits };
}

/**
 * Logins and addresses both: people approve by either. `web-flow` is GitHub itself, which commits what people merge on
 * its pages.
 */
function peopleOf({ author, committer, commit }: AuthoredCommit): string[] {
  const coAuthors = [...commit.message.matchAll(/^co-authored-by:.*<([^<>\s]+@[^<>\s]+)>\s*$/gim)].map(
    ([, email]) => email,
  );
  return [
    loginOf(author),
    personOf(commit.author?.email),
    loginOf(committer),
    personOf(commit.committer?.email),
    ...coAuthors.map(personOf),
  ].filter(
    (person): person is string =>
      person !== undefined && person !== 'web-flow' && person !== 'noreply@github.com',
  );
}

function loginOf(user: object | null | undefined): string | undefined {
  return user && 'login' in user && typeof user.login === 'string' ? user.login : undefined;
}

/** GitHub's no-reply addresses hold the login: `ID+login@users.noreply.github.com`, formerly without the id. */
function personOf(email: string | undefined): string | undefined {
  const [, login] = /^(?:\d+\+)?([A-Za-z0-9-]+)@users\.noreply\.github\.com$/i.exec(email ?? '') ?? [];
  return login ?? (email === undefined || email === '' ? undefined : email.toLowerCase());
}

export async function defaultBranch(github: GitHub, repository: string): Promise<string> {
  const { data } = await github.call(
    { what: `read the repository ${repository}`, permission: 'metadata: read' },
    (octokit) => octokit.rest.repos.get(ownerAndRepo(repository)),
  );
  return data.default_branch;
}

/** Full SHA that a branch, tag or shortened SHA stands for now. */
export async function resolveCommit(github: GitHub, repository: string, ref: string): Promise<string> {
  return (await readCommit(github, repository, ref)).sha;
}

/** First parent of a commit; `undefined` for the first commit of a repository. */
export async function firstParent(
  github: GitHub,
  repository: string,
  commit: string,
): Promise<string | undefined> {
  return (await readCommit(github, repository, commit)).parents[0]?.sha;
}

async function readCommit(github: GitHub, repository: string, ref: string) {
  const attempt = { what: `read the commit ${ref} of ${repository}`, permission: 'contents: read' };
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.repos.getCommit({ ...ownerAndRepo(repository), ref }),
  );
  return data;
}

export interface PullRequest {
  readonly number: number;
  readonly open: boolean;
}

/** The pull request that brings or brought a commit: an open one first, else the newest. */
export async function pullRequestOf(
  github: GitHub,
  repository: string,
  commit: string,
): Promise<PullRequest | undefined> {
  const attempt = {
    what: `find the pull request of ${repository}@${short(commit)}`,
    permission: 'pull requests: read',
  };
  try {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.repos.listPullRequestsAssociatedWithCommit({
        ...ownerAndRepo(repository),
        commit_sha: commit,
      }),
    );
    const byAge = data.toSorted((a, b) => b.number - a.number);
    const found = byAge.find(({ state }) => state === 'open') ?? byAge[0];
    return found && { number: found.number, open: found.state === 'open' };
  } catch (error) {
    // The commit is not on GitHub (yet): then it has no pull request either.
    if (error instanceof GitHubError && error.status === 422) return undefined;
    throw error;
  }
}

/** Repository that a pull request's commits come from, when it is another one; `a deleted fork` when it is gone. */
export async function forkOf(github: GitHub, repository: string, pull: number): Promise<string | undefined> {
  const attempt = { what: `read the pull request ${repository}#${pull}`, permission: 'pull requests: read' };
  const { data } = await github.call(attempt, (octokit) =>
    octokit.rest.pulls.get({ ...ownerAndRepo(repository), pull_number: pull }),
  );
  // The generated type does not know that a fork can be deleted.
  const head = data.head.repo as { readonly full_name: string } | null;
  if (head === null) return 'a deleted fork';
  return head.full_name.toLowerCase() === repository.toLowerCase() ? undefined : head.full_name;
}
