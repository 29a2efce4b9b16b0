import type { Octokit } from '@octokit/rest';
import { type GitHub, ownerAndRepo } from './client.js';
import { GitHubError } from './errors.js';

/** Whether the credential has one permission. */
export interface Access {
  /** As GitHub names it: `deployments: write`. */
  readonly permission: string;
  readonly granted: boolean;
  /** GitHub's refusal, or why nothing is known. */
  readonly problem?: string;
}

interface Probe {
  readonly permission: string;
  readonly request: (octokit: Octokit) => Promise<unknown>;
}

/**
 * Asks for one thing under each permission that a worker needs. GitHub lists the permissions of no token; it judges
 * them before it looks at a request, so that a writing request without what it must have answers 422 to who may write
 * and 403 to others, and changes nothing either way.
 */
export async function accessToRepository(github: GitHub, repository: string): Promise<Access[]> {
  const repo = ownerAndRepo(repository);
  const writing = (what: string) => (octokit: Octokit) =>
    octokit.request(`POST /repos/{owner}/{repo}/${what}`, repo);
  const probes: Probe[] = [
    { permission: 'metadata: read', request: (octokit) => octokit.rest.repos.get(repo) },
    {
      permission: 'contents: read',
      request: (octokit) => octokit.rest.repos.listCommits({ ...repo, per_page: 1 }),
    },
    {
      permission: 'pull requests: read',
      request: (octokit) => octokit.rest.pulls.list({ ...repo, per_page: 1 }),
    },
    { permission: 'issues: write', request: writing('issues') },
    { permission: 'deployments: write', request: writing('deployments') },
    github.kind === 'app'
      ? { permission: 'checks: write', request: writing('check-runs') }
      : { permission: 'commit statuses: write', request: writing(`statuses/${'0'.repeat(40)}`) },
  ];
  return Promise.all(probes.map((probe) => tried(github, `look at ${repository}`, probe)));
}

/** Whether teams can be read, which approvals by teams need. `team`: `@org/team`. */
export async function accessToTeam(github: GitHub, team: string): Promise<Access> {
  const [org = '', team_slug = ''] = team.replace(/^@/, '').split('/');
  return tried(github, `look at ${team}`, {
    permission: 'members: read',
    request: (octokit) => octokit.rest.teams.listMembersInOrg({ org, team_slug, per_page: 1 }),
  });
}

async function tried(github: GitHub, what: string, { permission, request }: Probe): Promise<Access> {
  try {
    await github.call({ what, permission }, request);
    return { permission, granted: true };
  } catch (error) {
    // 422: the request lacks what it must have, as it was meant to. 409: nothing was pushed yet.
    if (error instanceof GitHubError && (error.status === 422 || error.status === 409))
      return { permission, granted: true };
    return { permission, granted: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
