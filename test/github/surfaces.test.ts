import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMarkers } from '../../src/domain/marker.js';
import {
  reportDeployment,
  reportPhase,
  writeComment,
  writeRequest,
  type DeploymentReport,
  type GitHub,
  type PhaseReport,
  type RequestComment,
} from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
let commit: string;
let ofPullRequest: string;
let pull: number;
const place = { owner: 'acme', repo: 'models' };

beforeAll(async () => {
  github = await startGitHub();
  commit = await github.push({ a: '1' });
  ofPullRequest = await github.push({ a: '2' }, { branch: 'feature' });
  ({ number: pull } = await github.post('will', `repos/${repository}/pulls`, {
    title: 'Feature',
    head: 'feature',
    base: 'main',
  }));
});
afterAll(() => github.stop());

const read = <T>(request: Parameters<GitHub['call']>[1]): Promise<T> =>
  github.app.call({ what: 'look', permission: 'none' }, request) as Promise<T>;

const phase = (more: Partial<PhaseReport> = {}): PhaseReport => ({
  name: 'mlops / diabetes',
  externalId: 'mlops/acme.models/diabetes/1',
  status: 'in_progress',
  title: 'Training',
  summaryMarkdown: '| phase |',
  detailsUrl: 'https://temporal.example/w',
  ...more,
});

test('with an App a phase is one check run, written only when something is new', async () => {
  expect(await reportPhase(github.app, repository, commit, phase())).toBe(true);
  expect(await reportPhase(github.app, repository, commit, phase())).toBe(false);
  expect(
    await reportPhase(
      github.app,
      repository,
      commit,
      phase({ status: 'completed', conclusion: 'success', title: 'Released' }),
    ),
  ).toBe(true);
  const { data } = await read<{ data: { check_runs: unknown[] } }>((octokit) =>
    octokit.rest.checks.listForRef({ ...place, ref: commit }),
  );
  expect(data.check_runs).toHaveLength(1);
  expect(data.check_runs[0]).toMatchObject({
    name: 'mlops / diabetes',
    conclusion: 'success',
    output: { title: 'Released' },
  });
});

test('with a plain token it is a commit status', async () => {
  const token = github.as('will');
  expect(await reportPhase(token, repository, commit, phase({ title: 'x'.repeat(300) }))).toBe(true);
  expect(await reportPhase(token, repository, commit, phase({ title: 'x'.repeat(300) }))).toBe(false);
  expect(
    await reportPhase(
      token,
      repository,
      commit,
      phase({ status: 'completed', conclusion: 'failure', title: 'Gate failed' }),
    ),
  ).toBe(true);
  const { data } = await read<{ data: unknown[] }>((octokit) =>
    octokit.rest.repos.listCommitStatusesForRef({ ...place, ref: commit }),
  );
  expect(data[0]).toMatchObject({
    context: 'mlops / diabetes',
    state: 'failure',
    description: 'Gate failed',
  });
  expect(data).toHaveLength(2);
});

test('a permission that is missing is named', async () => {
  await expect(reportPhase(github.as('rita'), repository, commit, phase())).rejects.toMatchObject({
    code: 'Forbidden',
    message: expect.stringContaining('lacks "commit statuses: write"') as string,
  });
});

test('a release is one deployment whose statuses tell its story', async () => {
  const report: DeploymentReport = {
    repository,
    commit,
    environment: 'production',
    key: 'release-1',
    state: 'pending',
    description: 'Waits for 2 approvals',
  };
  const id = await reportDeployment(github.app, report);
  expect(await reportDeployment(github.app, report)).toBe(id);
  expect(
    await reportDeployment(github.app, {
      ...report,
      state: 'success',
      description: 'Live',
      environmentUrl: 'https://score.example',
    }),
  ).toBe(id);
  expect(await reportDeployment(github.app, { ...report, key: 'release-2' })).not.toBe(id);
  const { data } = await read<{ data: { state: string }[] }>((octokit) =>
    octokit.rest.repos.listDeploymentStatuses({ ...place, deployment_id: id }),
  );
  expect(data.map(({ state }) => state)).toEqual(['success', 'pending']);
});

test('a success makes the deployment inactive that it replaces, in production too', async () => {
  const report: DeploymentReport = {
    repository,
    commit,
    environment: 'live',
    key: 'live-1',
    state: 'success',
    description: 'serves',
    production: true,
  };
  const first = await reportDeployment(github.app, report);
  const waiting = await reportDeployment(github.app, { ...report, key: 'live-2', state: 'pending' });
  const second = await reportDeployment(github.app, { ...report, key: 'live-3' });
  const lastOf = async (id: number): Promise<string | undefined> => {
    const { data } = await read<{ data: { state: string }[] }>((octokit) =>
      octokit.rest.repos.listDeploymentStatuses({ ...place, deployment_id: id }),
    );
    return data[0]?.state;
  };
  expect(await Promise.all([first, waiting, second].map(lastOf))).toEqual(['inactive', 'pending', 'success']);
});

test('mistakes stand at their lines, once', async () => {
  const failed = phase({
    externalId: 'mlops/acme.models/broken/1',
    name: 'mlops / broken',
    status: 'completed',
    conclusion: 'failure',
    annotations: [{ path: 'mlops.yaml', line: 4, level: 'failure', message: 'gate: unknown key' }],
  });
  await reportPhase(github.app, repository, commit, failed);
  await reportPhase(github.app, repository, commit, { ...failed, title: 'Failed' });
  const { data } = await read<{ data: { check_runs: { output: object }[] } }>((octokit) =>
    octokit.rest.checks.listForRef({ ...place, ref: commit, check_name: 'mlops / broken' }),
  );
  expect(data.check_runs[0]?.output).toMatchObject({ title: 'Failed', annotations_count: 1 });
});

const request = (more: Partial<RequestComment> = {}): RequestComment => ({
  repository,
  commit,
  marker: {
    lifecycle: 'mlops/acme.models/diabetes/1',
    project: 'diabetes',
    environment: 'production',
    code: '3f2a9c41d07b',
  },
  title: 'Approve diabetes for production',
  markdown: '/approve 3f2a9c41d07b',
  open: true,
  ...more,
});

test('a request stands on the pull request that brought the commit, once, and is edited', async () => {
  const written = await writeRequest(github.app, request({ commit: ofPullRequest }));
  expect(written).toMatchObject({ kind: 'pull request', number: pull });
  const marker = { ...request().marker, code: 'ffffffffffff' };
  await writeRequest(github.app, request({ commit: ofPullRequest, marker, markdown: 'new evidence' }));
  await writeRequest(
    github.app,
    request({ commit: ofPullRequest, marker: { ...marker, project: 'other', lifecycle: 'mlops/other' } }),
  );
  const { data } = await read<{ data: { body: string }[] }>((octokit) =>
    octokit.rest.issues.listComments({ ...place, issue_number: pull }),
  );
  expect(data).toHaveLength(2);
  expect(data[0]?.body).toContain('new evidence');
  expect(parseMarkers(data[0]?.body ?? '')).toEqual([marker]);
});

test('without a pull request it is an issue, closed when nothing waits any more', async () => {
  const written = await writeRequest(github.app, request());
  expect(written.kind).toBe('issue');
  expect(await writeRequest(github.app, request({ markdown: 'approved by ann', open: false }))).toEqual(
    written,
  );
  const { data } = await read<{ data: unknown }>((octokit) =>
    octokit.rest.issues.get({ ...place, issue_number: written.number }),
  );
  expect(data).toMatchObject({ state: 'closed', title: 'Approve diabetes for production' });
});

test('a plan stands once on a pull request, whichever commit it is of', async () => {
  const plan = (lifecycle: string, markdown: string) =>
    writeComment(
      github.app,
      { repository, markdown, marker: { lifecycle, project: 'planned', purpose: 'plan' } },
      pull,
    );
  const first = await plan('mlops/acme.models/planned/1', 'would train');
  expect(await plan('mlops/acme.models/planned/2', 'would train more')).toEqual(first);
});
