import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatMistake } from '../../src/domain/mistake.js';
import { parsePolicy } from '../../src/spec/index.js';

const workspaces = `workspaces:
  dev: {subscription: 00000000-0000-0000-0000-000000000001, resource_group: mlops-dev, name: mlops-dev, location: westeurope}
  prod: {subscription: 00000000-0000-0000-0000-000000000001, resource_group: rg, name: mlops-prod, location: westeurope, task_queue: prod, credential: prod}
`;

function mistakes(text: string): string {
  const result = parsePolicy(text, { file: 'policy.yml' });
  return result.ok ? '' : result.mistakes.map(formatMistake).join('\n');
}

test('a policy gets its defaults', () => {
  const result = parsePolicy(`${workspaces}projects:\n  diabetes: {repository: contoso/diabetes}\n`, {
    file: 'policy.yml',
  });
  expect(result).toMatchObject({
    ok: true,
    policy: {
      workspaces: {
        dev: { alias: 'dev', resourceGroup: 'mlops-dev', taskQueue: 'mlops', credential: 'default' },
        prod: { taskQueue: 'prod', credential: 'prod' },
      },
      projects: [
        {
          name: 'diabetes',
          path: '.',
          workspace: 'dev',
          setup: 'check',
          endpoints: {},
          operators: [],
          environments: {},
        },
      ],
    },
  });
});

test('the least approval is read', () => {
  const result = parsePolicy(
    `${workspaces}projects:
  diabetes:
    repository: contoso/diabetes
    environments:
      production: {approval: {required: 2, approvers: [octocat, "@contoso/leads"], max_expires: 24h}}
`,
    { file: 'policy.yml' },
  );
  expect(result.ok && result.policy.projects[0]?.environments['production']).toEqual({
    required: 2,
    approvers: ['octocat', '@contoso/leads'],
    maxExpiresMs: 24 * 3_600_000,
    verify: ['github', 'principal'],
    allowAuthors: false,
  });
});

test.each<[string, string, string]>([
  ['no workspace', 'workspaces: {}\nprojects: {}\n', 'must name a workspace'],
  [
    'a wrong subscription',
    workspaces.replace('00000000-0000-0000-0000-000000000001', 'mine'),
    'subscription id (a GUID); found "mine"',
  ],
  [
    'a misspelt key',
    `${workspaces}projects: {a: {repositry: o/a}}\n`,
    'policy.yml:4:16  projects.a.repositry: unknown key; did you mean repository?',
  ],
  [
    'an unknown workspace',
    `${workspaces}projects: {a: {repository: o/a, workspace: test}}\n`,
    'found test; allowed: dev, prod',
  ],
  [
    'an endpoint of two projects',
    `${workspaces}projects:\n  a: {repository: o/a, endpoints: {dev: [scores]}}\n  b: {repository: o/b, endpoints: {dev: [scores]}}\n`,
    'belongs to a already',
  ],
  [
    'a folder of two projects',
    `${workspaces}projects:\n  a: {repository: o/a}\n  b: {repository: O/A, path: ./}\n`,
    'policy.yml:6:19  projects.b.repository: belongs to a already',
  ],
  [
    'a folder outside',
    `${workspaces}projects: {a: {repository: o/a, path: ../b}}\n`,
    'points outside the repository',
  ],
  [
    'an endpoint’s name',
    `${workspaces}projects: {a: {repository: o/a, endpoints: {dev: ["1st"]}}}\n`,
    'must be an endpoint name',
  ],
])('%s', (_, text, expected) => {
  expect(mistakes(text)).toContain(expected);
});

test('the example of the documentation is a valid policy', async () => {
  const page = await readFile('docs/policy.md', 'utf8');
  expect(mistakes(/```yaml\n(.*?)```/s.exec(page)?.[1] ?? '')).toBe('');
});
