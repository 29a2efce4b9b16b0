import { ownerAndRepo, type Attempt, type GitHub } from './client.js';
import { GitHubError } from './errors.js';

/** What somebody wrote: a comment on an issue or pull request, or a review. */
export interface Statement {
  /** `the comment 17` */
  readonly name: string;
  readonly body: string;
  /** Absent for a deleted account. */
  readonly author?: string;
  readonly isBot: boolean;
  /** Milliseconds since the epoch, in whole seconds. */
  readonly at: number;
  /** Whether its text is not the one that was written first. */
  readonly edited: boolean;
  /** Of a review: what it says of which commit. */
  readonly review?: { readonly state: string; readonly commit: string };
}

/** A comment on an issue or pull request; `undefined` when there is none (any more). */
export async function readComment(
  github: GitHub,
  repository: string,
  id: number,
): Promise<Statement | undefined> {
  const attempt = { what: `read the comment ${id} in ${repository}`, permission: 'issues: read' };
  return await orUndefined(async () => {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.issues.getComment({ ...ownerAndRepo(repository), comment_id: id }),
    );
    return {
      ...(await authored(github, attempt, data)),
      name: `the comment ${id}`,
      body: data.body ?? '',
      at: Date.parse(data.created_at),
    };
  });
}

/** A review that was submitted; `undefined` when there is none (any more). */
export async function readReview(
  github: GitHub,
  repository: string,
  pull: number,
  id: number,
): Promise<Statement | undefined> {
  const attempt = {
    what: `read the review ${id} of ${repository}#${pull}`,
    permission: 'pull requests: read',
  };
  return await orUndefined(async () => {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.pulls.getReview({ ...ownerAndRepo(repository), pull_number: pull, review_id: id }),
    );
    return {
      ...(await authored(github, attempt, data)),
      name: `the review ${id}`,
      body: data.body,
      at: Date.parse(data.submitted_at ?? ''),
      review: { state: data.state, commit: data.commit_id ?? '' },
    };
  });
}

interface Authored {
  readonly node_id: string;
  readonly user: { readonly login: string; readonly type?: string } | null;
}

/**
 * Only GraphQL tells whether a text was edited: REST's `updated_at` has whole seconds, and reviews have none. GitHub
 * keeps `lastEditedAt` even where an edit was undone.
 */
async function authored(
  github: GitHub,
  attempt: Attempt,
  { node_id: node, user }: Authored,
): Promise<Pick<Statement, 'author' | 'isBot' | 'edited'>> {
  const answer = await github.call(attempt, (octokit) =>
    octokit.graphql<{ node: { lastEditedAt: string | null } | null }>(
      'query ($node: ID!) { node(id: $node) { ... on Comment { lastEditedAt } } }',
      { node },
    ),
  );
  // What cannot be looked at counts as edited.
  const edited = answer.node?.lastEditedAt !== null;
  return { isBot: user?.type === 'Bot', edited, ...(user && { author: user.login }) };
}

async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GitHubError && error.code === 'NotFound') return undefined;
    throw error;
  }
}
