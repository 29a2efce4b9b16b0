import { ownerAndRepo, type GitHub } from './client.js';
import { GitHubError } from './errors.js';

/** Where a branch or a pull request stands. */
export interface Tip {
  /** `refs/heads/main`, `refs/pull/7/head` */
  readonly ref: string;
  readonly commit: string;
}

const pageSize = 100;
const mostPages = 10;
/** GitHub lists at most this many files of a comparison. */
const mostFiles = 300;

/** Branches, and open pull requests from the repository itself: those of forks start nothing. At most 1,000 each. */
export async function listTips(github: GitHub, repository: string): Promise<Tip[]> {
  const place = { ...ownerAndRepo(repository), per_page: pageSize };
  const branches = await pages((page) =>
    github.call(
      { what: `list the branches of ${repository}`, permission: 'contents: read' },
      async (octokit) => (await octokit.rest.repos.listBranches({ ...place, page })).data,
    ),
  );
  const pulls = await pages((page) =>
    github.call(
      { what: `list the pull requests of ${repository}`, permission: 'pull requests: read' },
      async (octokit) => (await octokit.rest.pulls.list({ ...place, page, state: 'open' })).data,
    ),
  );
  const own = pulls.filter(({ head }) => {
    // The generated type does not know that a fork can be deleted.
    const from = head.repo as { readonly full_name: string } | null;
    return from?.full_name.toLowerCase() === repository.toLowerCase();
  });
  return [
    ...branches.map(({ name, commit }) => ({ ref: `refs/heads/${name}`, commit: commit.sha })),
    ...own.map(({ number, head }) => ({ ref: `refs/pull/${number}/head`, commit: head.sha })),
  ];
}

async function pages<T>(read: (page: number) => Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const some = await read(page);
    all.push(...some);
    if (some.length < pageSize) break;
  }
  return all;
}

/** Files that differ between two commits, old names too; `undefined` when they cannot be told: too many, or the base is gone. */
export async function changedFiles(
  github: GitHub,
  repository: string,
  base: string,
  head: string,
): Promise<string[] | undefined> {
  const what = `compare ${base.slice(0, 12)} with ${head.slice(0, 12)} in ${repository}`;
  const compared = await github
    .call({ what, permission: 'contents: read' }, (octokit) =>
      octokit.rest.repos.compareCommitsWithBasehead({
        ...ownerAndRepo(repository),
        basehead: `${base}...${head}`,
      }),
    )
    .catch((error: unknown) => {
      // A forced push took the base away.
      if (error instanceof GitHubError && error.code === 'NotFound') return undefined;
      throw error;
    });
  const files = compared?.data.files;
  if (files === undefined || files.length >= mostFiles) return undefined;
  return files.flatMap(({ filename, previous_filename: previous }) =>
    previous === undefined ? [filename] : [previous, filename],
  );
}
