import type { Policy } from '../../src/domain/policy.js';
import { localTarget } from '../../src/domain/policy-check.js';
import type { ApprovalRule, Environment, Project } from '../../src/domain/project.js';
import type { SourceRef } from '../../src/domain/source.js';

export const source: SourceRef = {
  repository: 'Contoso/diabetes',
  commit: 'c',
  ref: 'refs/heads/main',
  path: './',
};

export const approval: ApprovalRule = {
  approvers: ['octocat'],
  required: 2,
  expiresMs: 3_600_000,
  verify: ['github'],
  allowAuthors: false,
};

export function environment(
  name: string,
  workspace: string,
  changes: Partial<Environment> = {},
): Environment {
  return {
    name,
    workspace,
    endpoint: { file: 'e.yml', set: {} },
    deployment: { file: 'd.yml', set: {} },
    keepMs: 'always',
    rollout: { steps: [], abort: {}, keepPreviousMs: 0 },
    ...changes,
  };
}

export const project: Project = {
  name: 'diabetes',
  path: '.',
  workspace: 'dev',
  setup: [],
  data: {},
  candidates: [{ name: 'a', job: { file: 'a.yml', set: {} }, model: 'model' }],
  limits: { queueMs: 1, runMs: 1, parallel: 1 },
  register: { name: 'diabetes', which: 'best' },
  environments: [environment('staging', 'dev'), environment('production', 'prod', { approval })],
};

export const policy: Policy = {
  workspaces: { dev: localTarget('dev'), prod: localTarget('prod') },
  projects: [
    {
      name: 'diabetes',
      repository: 'contoso/diabetes',
      path: '.',
      workspace: 'dev',
      endpoints: { dev: ['diabetes-staging'], prod: ['diabetes'] },
      setup: 'check',
      operators: ['octocat'],
      environments: {
        production: {
          required: 2,
          approvers: ['octocat', 'hubot'],
          verify: ['github'],
          maxExpiresMs: 7_200_000,
          allowAuthors: false,
        },
      },
    },
    {
      name: 'churn',
      repository: 'contoso/churn',
      path: 'model',
      workspace: 'dev',
      endpoints: { prod: ['churn'] },
      setup: 'check',
      operators: [],
      environments: {},
    },
  ],
};
