import { ownerAndRepo, type GitHub } from './client.js';
import { GitHubError } from './errors.js';

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

const roles: readonly Role[] = ['admin', 'maintain', 'write', 'triage', 'read', 'none'];

/** Role on a repository; a custom role counts as the base role that GitHub gives with it. */
export async function permissionOf(github: GitHub, repository: string, login: string): Promise<Role> {
  const attempt = { what: `read the permission of ${login} on ${repository}`, permission: 'metadata: read' };
  try {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.repos.getCollaboratorPermissionLevel({ ...ownerAndRepo(repository), username: login }),
    );
    return (
      roles.find((role) => role === data.role_name) ??
      roles.find((role) => role === data.permission) ??
      'none'
    );
  } catch (error) {
    if (error instanceof GitHubError && error.code === 'NotFound') return 'none';
    throw error;
  }
}

/** Roles that may wake or cancel a lifecycle: those who may push a newer commit could end it by that too. */
const writers: readonly Role[] = ['admin', 'maintain', 'write'];
const maintainers: readonly Role[] = ['admin', 'maintain'];

export interface Permission {
  readonly allowed: boolean;
  /** Why not. */
  readonly problem?: string;
}

/**
 * Whether a person is one of the approvers (logins, `@org/team`s); with an empty list, whether the person has
 * `maintain` or `admin` on the repository. What cannot be read does not allow.
 */
export async function isAllowed(
  github: GitHub,
  repository: string,
  approvers: readonly string[],
  login: string,
): Promise<Permission> {
  if (approvers.length === 0) {
    return await hasRole(github, repository, login, maintainers);
  }
  const logins = approvers.filter((name) => !name.includes('/')).map((name) => name.replace(/^@/, ''));
  if (logins.some((name) => sameLogin(name, login))) return { allowed: true };
  const problems: string[] = [];
  for (const team of approvers.filter((name) => name.includes('/'))) {
    const { allowed, problem } = await isInTeam(github, team, login);
    if (allowed) return { allowed };
    if (problem !== undefined) problems.push(problem);
  }
  const reasons = [`${login} is none of the approvers ${approvers.join(', ')}`, ...problems];
  return { allowed: false, problem: reasons.join('; ') };
}

/** Whether a person may write to the repository. */
export async function mayWrite(github: GitHub, repository: string, login: string): Promise<Permission> {
  return await hasRole(github, repository, login, writers);
}

async function hasRole(
  github: GitHub,
  repository: string,
  login: string,
  enough: readonly Role[],
): Promise<Permission> {
  const role = await permissionOf(github, repository, login);
  if (enough.includes(role)) return { allowed: true };
  const needed = [...enough].reverse().join(' or ');
  return { allowed: false, problem: `${login} has the role ${role} on ${repository}; ${needed} is needed` };
}

async function isInTeam(github: GitHub, name: string, login: string): Promise<Permission> {
  const [org = '', team = ''] = name.replace(/^@/, '').split('/');
  const attempt = { what: `read whether ${login} is in @${org}/${team}`, permission: 'members: read' };
  try {
    const { data } = await github.call(attempt, (octokit) =>
      octokit.rest.teams.getMembershipForUserInOrg({ org, team_slug: team, username: login }),
    );
    return { allowed: data.state === 'active' };
  } catch (error) {
    if (!(error instanceof GitHubError) || (error.code !== 'NotFound' && error.code !== 'Forbidden'))
      throw error;
    return (await mayReadTeam(github, org, team))
      ? { allowed: false }
      : { allowed: false, problem: unreadable(github, org, team) };
  }
}

/** "Not a member" and "you may not know" give the same answer; whether the list of members can be read tells them apart. */
async function mayReadTeam(github: GitHub, org: string, team: string): Promise<boolean> {
  const attempt = { what: `read the members of @${org}/${team}`, permission: 'members: read' };
  try {
    await github.call(attempt, (octokit) =>
      octokit.rest.teams.listMembersInOrg({ org, team_slug: team, per_page: 1 }),
    );
    return true;
  } catch (error) {
    if (error instanceof GitHubError && (error.code === 'NotFound' || error.code === 'Forbidden'))
      return false;
    throw error;
  }
}

function unreadable({ kind }: GitHub, org: string, team: string): string {
  const who =
    kind === 'app'
      ? 'the App needs the organisation permission "members: read"'
      : 'a token needs "members: read" (read:org); use a GitHub App, or name people instead of teams';
  return `the team @${org}/${team} does not exist or cannot be read: ${who}`;
}

/** Logins are compared as GitHub does, without case. */
export const sameLogin = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
