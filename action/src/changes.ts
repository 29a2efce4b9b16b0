import type { RunContext } from './context.js';
import type { GitHubReader } from './github.js';

/** Changed files, or why they are not known, in which case every project counts as changed. */
export type Changes = { readonly files: readonly string[] } | { readonly all: string };

/** GitHub lists at most this many commits in a push event and files in a comparison (REST reference). */
const mostListed = { commits: 2048, files: 300 };
const noCommit = /^0+$/;

/**
 * Files that an event changed. Runners get push events without the commits' file lists, so a comparison by the API
 * stands in; an event that compares with nothing (first push, forced push, manual start) counts as a change of all.
 */
export async function changedFiles(context: RunContext, github: GitHubReader | undefined): Promise<Changes> {
  const { payload } = context;
  if (context.event === 'pull_request')
    return compared(github, payload.pull_request?.base.sha, payload.pull_request?.head.sha);
  if (context.event !== 'push') return { all: `a ${context.event} event names no changed files` };
  if (payload.created === true || payload.before === undefined || noCommit.test(payload.before))
    return { all: 'first push of this branch' };
  if (payload.forced === true) return { all: 'forced push' };
  return listedFiles(payload.commits ?? []) ?? compared(github, payload.before, context.sha);
}

function listedFiles(commits: NonNullable<RunContext['payload']['commits']>): Changes | undefined {
  const complete = commits.every((commit) => commit.added && commit.removed && commit.modified);
  if (commits.length === 0 || commits.length >= mostListed.commits || !complete) return undefined;
  return {
    files: [
      ...new Set(
        commits.flatMap(({ added, removed, modified }) => [
          ...(added ?? []),
          ...(removed ?? []),
          ...(modified ?? []),
        ]),
      ),
    ],
  };
}

export async function compared(
  github: GitHubReader | undefined,
  base: string | undefined,
  head: string | undefined,
): Promise<Changes> {
  if (github === undefined)
    return { all: 'the event lists no files and there is no github-token to compare the commits' };
  if (base === undefined || head === undefined) return { all: 'the event names no commits to compare' };
  try {
    const files = await github.comparedFiles(base, head);
    return files.length >= mostListed.files
      ? { all: `more than ${mostListed.files} files changed` }
      : { files };
  } catch (error) {
    return {
      all: `the commits could not be compared (${error instanceof Error ? error.message : String(error)})`,
    };
  }
}
