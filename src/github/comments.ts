import { formatMarker, parseMarkers, sameText, type Marker } from '../domain/marker.js';
import { ownerAndRepo, type GitHub } from './client.js';
import { pullRequestOf } from './commits.js';

export interface RequestComment {
  readonly repository: string;
  readonly commit: string;
  /** Hidden in the text; lifecycle and environment tell requests apart. */
  readonly marker: Marker;
  /** Title of the issue when no pull request brought the commit. */
  readonly title: string;
  readonly markdown: string;
  /** Whether an answer is awaited: an issue of the worker's is closed when none is. */
  readonly open: boolean;
}

export interface Written {
  readonly kind: 'pull request' | 'issue';
  readonly number: number;
  readonly url: string;
}

const pageSize = 100;
const mostPages = 10;
const writers = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

/**
 * Writes a request where people will see it, once: as a comment on the pull request that brought the commit, else
 * as an issue. Writing again edits it.
 */
export async function writeRequest(github: GitHub, request: RequestComment): Promise<Written> {
  const pull = await pullRequestOf(github, request.repository, request.commit);
  return pull === undefined
    ? writeIssue(github, request, bodyOf(request))
    : writeComment(github, request, pull.number);
}

/** A text of the worker's on a pull request, found again by its marker. */
export type PullRequestComment = Pick<RequestComment, 'repository' | 'marker' | 'markdown'>;

/** GitHub refuses longer bodies (65,536 characters); people stop reading far earlier. */
const longestBody = 60_000;

function bodyOf({ markdown, marker }: PullRequestComment): string {
  return `${markdown.slice(0, longestBody)}\n\n${formatMarker(marker)}`;
}

/** Writes a comment on a pull request once; writing again edits it. */
export async function writeComment(
  github: GitHub,
  request: PullRequestComment,
  number: number,
): Promise<Written> {
  const body = bodyOf(request);
  const place = ownerAndRepo(request.repository);
  const attempt = { what: `comment on ${request.repository}#${number}`, permission: 'pull requests: write' };
  const list = (page: number) =>
    github.call(attempt, (octokit) =>
      octokit.rest.issues.listComments({ ...place, issue_number: number, per_page: pageSize, page }),
    );
  const found = await findOwn(github, request.marker, async (page) => (await list(page)).data);
  if (found?.body === body) return { kind: 'pull request', number, url: found.html_url };
  const { data } = await github.call(attempt, async (octokit) =>
    found === undefined
      ? octokit.rest.issues.createComment({ ...place, issue_number: number, body })
      : octokit.rest.issues.updateComment({ ...place, comment_id: found.id, body }),
  );
  return { kind: 'pull request', number, url: data.html_url };
}

async function writeIssue(github: GitHub, request: RequestComment, body: string): Promise<Written> {
  const place = ownerAndRepo(request.repository);
  const attempt = {
    what: `write the request "${request.title}" as an issue of ${request.repository}`,
    permission: 'issues: write',
  };
  const list = (page: number) =>
    github.call(attempt, (octokit) =>
      octokit.rest.issues.listForRepo({
        ...place,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: pageSize,
        page,
      }),
    );
  const found = await findOwn(github, request.marker, async (page) => (await list(page)).data);
  const state = request.open ? 'open' : 'closed';
  if (found?.body === body && found.state === state)
    return { kind: 'issue', number: found.number, url: found.html_url };
  const { data } = await github.call(attempt, async (octokit) =>
    found === undefined
      ? octokit.rest.issues.create({ ...place, title: request.title, body })
      : octokit.rest.issues.update({
          ...place,
          issue_number: found.number,
          title: request.title,
          body,
          state,
        }),
  );
  return { kind: 'issue', number: data.number, url: data.html_url };
}

interface Text {
  readonly body?: string | null;
  readonly user: { readonly type?: string } | null;
  readonly author_association?: string;
}

/** The text of ours that carries the marker. A stranger may copy a marker, but is neither a bot nor of the repository. */
async function findOwn<T extends Text>(
  github: GitHub,
  marker: Marker,
  page: (number: number) => Promise<T[]>,
): Promise<T | undefined> {
  for (let number = 1; number <= mostPages; number += 1) {
    const texts = await page(number);
    const found = texts.find(
      (text) => ours(github, text) && parseMarkers(text.body ?? '').some((other) => sameText(other, marker)),
    );
    if (found !== undefined || texts.length < pageSize) return found;
  }
  return undefined;
}

function ours(github: GitHub, { user, author_association: association }: Text): boolean {
  return github.kind === 'app' ? user?.type === 'Bot' : writers.has(association ?? '');
}
