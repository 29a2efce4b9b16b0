import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REPO, commitOnce, expectNoProblems, quiet, startGitHubLab } from './lab.js';
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

describe('checks, statuses and deployments', () => {
  it('lets only an app write check runs', async () => {
    const head = { ...REPO, name: 'mlops', head_sha: 'main' };
    await expect(lab.octokit('lee-token').checks.create(head)).rejects.toMatchObject({ status: 403 });
    const github = lab.app();
    const { data: run } = await github.checks.create({ ...head, status: 'in_progress' });
    expect(run).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'mlops' } });
    await github.checks.update({
      ...REPO,
      check_run_id: run.id,
      conclusion: 'success',
      output: { title: 'Released', summary: 'All well' },
    });
    const { data: list } = await github.checks.listForRef({ ...REPO, ref: 'main' });
    expect(list).toMatchObject({
      total_count: 1,
      check_runs: [{ status: 'completed', conclusion: 'success', output: { title: 'Released' } }],
    });
    await expect(github.checks.create({ ...head, head_sha: 'a'.repeat(40) })).rejects.toMatchObject({
      status: 422,
    });
  });

  it('finds the installation of an app and refuses other keys', async () => {
    const github = new Octokit({
      baseUrl: `${lab.services.url}/github`,
      log: quiet,
      authStrategy: createAppAuth,
      auth: { appId: 7, privateKey: lab.pem },
    });
    expect((await github.apps.getRepoInstallation(REPO)).data).toMatchObject({ id: 1_000_007, app_id: 7 });
    const { pem: other } = await lab.control<{ pem: string }>('POST', 'apps', { id: 8, slug: 'other' });
    const forged = new Octokit({
      baseUrl: `${lab.services.url}/github`,
      log: quiet,
      authStrategy: createAppAuth,
      auth: { appId: 7, privateKey: other, installationId: 1_000_007 },
    });
    await expect(forged.repos.get(REPO)).rejects.toMatchObject({ status: 401 });
  });

  it('combines statuses by context', async () => {
    const github = lab.octokit('lee-token');
    const sha = (await github.repos.getBranch({ ...REPO, branch: 'main' })).data.commit.sha;
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'pending', context: 'a' });
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'b' });
    const combined = async () => (await github.repos.getCombinedStatusForRef({ ...REPO, ref: 'main' })).data;
    expect(await combined()).toMatchObject({ state: 'pending', total_count: 2 });
    const refused = github.repos.createDeployment({ ...REPO, ref: 'main' });
    await expect(refused).rejects.toMatchObject({ status: 409 });
    await github.repos.createCommitStatus({ ...REPO, sha, state: 'success', context: 'a' });
    expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
    const long = github.repos.createCommitStatus({
      ...REPO,
      sha,
      state: 'success',
      description: 'x'.repeat(141),
    });
    await expect(long).rejects.toMatchObject({ status: 422 });
  });

  it('keeps deployments and makes earlier ones inactive', async () => {
    const github = lab.octokit('lee-token');
    const request = {
      ...REPO,
      ref: 'main',
      environment: 'production',
      required_contexts: [],
      auto_merge: false,
    };
    const deploy = async () => {
      const { data } = await github.repos.createDeployment(request);
      return 'id' in data ? data.id : 0;
    };
    const set = (deployment_id: number, state: 'pending' | 'success') =>
      github.repos.createDeploymentStatus({ ...REPO, deployment_id, state, description: 'd' });
    const first = await deploy();
    await set(first, 'pending');
    await set(first, 'success');
    const second = await deploy();
    await set(second, 'success');
    const { data: list } = await github.repos.listDeployments({ ...REPO, environment: 'production' });
    expect(list.map(({ id }) => id)).toEqual([second, first]);
    const { data: statuses } = await github.repos.listDeploymentStatuses({ ...REPO, deployment_id: first });
    expect(statuses.map(({ state }) => state)).toEqual(['inactive', 'success', 'pending']);
  });
});
