import { afterAll, beforeAll, expect, it } from 'vitest';
import { REPO, commitOnce, expectNoProblems, startGitHubLab } from './lab.js';
import type { GitHubLab } from './lab.js';

let lab: GitHubLab;

beforeAll(async () => {
  lab = await startGitHubLab();
  await commitOnce(lab);
});
afterAll(() => lab.stop());

it('answers every read as GitHub describes it', async () => {
  const github = lab.octokit('ada-token');
  const app = lab.app();
  const sha = (await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
  await lab.push('read', 'Read');
  const { data: issue } = await github.issues.create({ ...REPO, title: 'Issue', labels: ['ml'] });
  const place = { ...REPO, issue_number: issue.number };
  const { data: comment } = await github.issues.createComment({ ...place, body: 'c' });
  const annotation = {
    ...{ path: 'mlops.yaml', start_line: 1, end_line: 1 },
    ...({ annotation_level: 'warning', message: 'unknown key' } as const),
  };
  const output = { title: 't', summary: 's', annotations: [annotation] };
  const { data: run } = await app.checks.create({ ...REPO, name: 'mlops', head_sha: sha, output });
  await github.repos.createCommitStatus({ ...REPO, sha, state: 'success' });
  const { data: made } = await github.repos.createDeployment({
    ...{ ...REPO, ref: 'main', required_contexts: [], auto_merge: false, payload: { model: 1 } },
  });
  await github.repos.createWebhook({ ...REPO, config: { url: 'http://127.0.0.1:1/' } });
  const { data: pull } = await github.pulls.create({ ...REPO, title: 'P', head: 'read', base: 'main' });
  const reviewed = { ...REPO, pull_number: pull.number };
  const lee = lab.octokit('lee-token');
  const { data: review } = await lee.pulls.createReview({ ...reviewed, event: 'APPROVE' });
  lab.problems.splice(0);

  const { data: team } = await github.teams.listMembersInOrg({ org: 'acme', team_slug: 'ml-leads' });
  expect(team.map(({ login }) => login)).toEqual(['lee']);
  expect((await github.users.getByUsername({ username: 'lee' })).data.login).toBe('lee');
  expect((await app.apps.getAuthenticated()).data?.slug).toBe('mlops');
  expect((await app.apps.listInstallations()).data.map(({ app_id }) => app_id)).toEqual([7]);
  expect((await app.apps.getRepoInstallation(REPO)).data.app_id).toBe(7);
  expect((await app.apps.listReposAccessibleToInstallation()).data.total_count).toBe(1);
  expect((await github.checks.get({ ...REPO, check_run_id: run.id })).data.name).toBe('mlops');
  const { data: annotations } = await github.checks.listAnnotations({ ...REPO, check_run_id: run.id });
  expect(annotations).toMatchObject([{ path: 'mlops.yaml', message: 'unknown key' }]);
  expect((await github.repos.listCommits(REPO)).data.map((one) => one.sha)).toEqual([sha]);
  const { data: statuses } = await github.repos.listCommitStatusesForRef({ ...REPO, ref: sha });
  expect(statuses.map(({ state }) => state)).toEqual(['success']);
  const deployment_id = 'id' in made ? made.id : 0;
  expect((await github.repos.getDeployment({ ...REPO, deployment_id })).data.payload).toEqual({ model: 1 });
  expect((await github.repos.listWebhooks(REPO)).data).toHaveLength(1);
  expect((await github.issues.getComment({ ...REPO, comment_id: comment.id })).data.body).toBe('c');
  expect((await github.issues.get(place)).data.comments).toBe(1);
  expect((await github.pulls.list(REPO)).data.map(({ number }) => number)).toEqual([pull.number]);
  expect((await github.pulls.get(reviewed)).data).toMatchObject({ commits: 0, mergeable: true });
  const { data: found } = await github.pulls.getReview({ ...reviewed, review_id: review.id });
  expect(found.state).toBe('APPROVED');
  expectNoProblems(lab);
});
