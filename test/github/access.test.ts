import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessToRepository, accessToTeam } from '../../src/github/index.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';

let github: TestGitHub;
beforeAll(async () => {
  github = await startGitHub();
  await github.push({ a: '1' });
});
afterAll(() => github.stop());

test('an App has each permission that a worker needs, and asking makes nothing', async () => {
  expect(await accessToRepository(github.app, repository)).toEqual(
    [
      'metadata: read',
      'contents: read',
      'pull requests: read',
      'issues: write',
      'deployments: write',
      'checks: write',
    ].map((permission) => ({ permission, granted: true })),
  );
  const { issues, deployments } = await github
    .as('ann')
    .call({ what: 'look', permission: 'metadata: read' }, async ({ rest }) => ({
      issues: (await rest.issues.listForRepo({ owner: 'acme', repo: 'models', state: 'all' })).data,
      deployments: (await rest.repos.listDeployments({ owner: 'acme', repo: 'models' })).data,
    }));
  expect([issues, deployments]).toEqual([[], []]);
});

test('what a token lacks is named, with the words of GitHub', async () => {
  const access = await accessToRepository(github.as('rita'), repository);
  const refused = access.filter(({ granted }) => !granted);
  expect(refused.map(({ permission }) => permission)).toEqual([
    'deployments: write',
    'commit statuses: write',
  ]);
  expect(refused[0]?.problem).toContain('the credential lacks "deployments: write"');
});

test('teams are read or refused', async () => {
  expect(await accessToTeam(github.app, '@acme/ml-leads')).toEqual({
    permission: 'members: read',
    granted: true,
  });
  expect(await accessToTeam(github.app, '@acme/nobody')).toMatchObject({ granted: false });
});

test('a repository that is not there lacks everything, once for each permission', async () => {
  const access = await accessToRepository(github.app, 'acme/none');
  expect(access.every(({ granted }) => !granted)).toBe(true);
});
