import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REPO, commitOnce, expectNoProblems, startGitHubLab } from './lab.js';
import type { GitHubLab } from './lab.js';

let lab: GitHubLab;

beforeAll(async () => {
  lab = await startGitHubLab();
  await commitOnce(lab);
});
afterEach(() => {
  expectNoProblems(lab);
});
afterAll(() => lab.stop());

describe('who may', () => {
  it('tells tokens apart', async () => {
    expect((await lab.octokit('lee-token').users.getAuthenticated()).data.login).toBe('lee');
    await expect(lab.octokit('wrong').users.getAuthenticated()).rejects.toMatchObject({ status: 401 });
    const anonymous = lab.octokit().issues.create({ ...REPO, title: 'x' });
    await expect(anonymous).rejects.toMatchObject({ status: 401 });
  });

  it('tells permissions and team members', async () => {
    const github = lab.octokit('dana-token');
    const of = async (username: string) =>
      (await github.repos.getCollaboratorPermissionLevel({ ...REPO, username })).data;
    expect(await of('lee')).toMatchObject({
      permission: 'write',
      role_name: 'maintain',
      user: { login: 'lee' },
    });
    expect(await of('eve')).toMatchObject({ permission: 'read', role_name: 'read' });
    const team = { org: 'acme', team_slug: 'ml-leads' };
    const { data } = await github.teams.getMembershipForUserInOrg({ ...team, username: 'lee' });
    expect(data).toMatchObject({ state: 'active', role: 'member' });
    const other = github.teams.getMembershipForUserInOrg({ ...team, username: 'dana' });
    await expect(other).rejects.toMatchObject({ status: 404 });
  });

  it('refuses to write statuses without the permission', async () => {
    const sha = (await lab.octokit().repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    const status = lab.octokit('eve-token').repos.createCommitStatus({ ...REPO, sha, state: 'success' });
    await expect(status).rejects.toMatchObject({ status: 403 });
  });
});
