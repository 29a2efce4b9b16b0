import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultApproval, tightened } from '../../src/domain/policy-approvals.js';
import type { LeastApproval, Policy } from '../../src/domain/policy.js';
import { checkPolicy } from '../../src/domain/policy-check.js';
import type { ApprovalRule, Project } from '../../src/domain/project.js';
import type { SourceRef } from '../../src/domain/source.js';
import { approval, environment, policy, project, source } from './fixtures.js';

const endpoints = { staging: 'diabetes-staging', production: 'diabetes' };

interface Case {
  readonly policy?: Policy | undefined;
  readonly project?: Partial<Project>;
  readonly source?: Partial<SourceRef>;
  readonly endpoints?: Record<string, string>;
  readonly loopback?: boolean;
}

function check(given: Case): ReturnType<typeof checkPolicy> {
  return checkPolicy(
    'policy' in given ? given.policy : policy,
    { ...project, ...given.project },
    { ...source, ...given.source },
    { loopback: given.loopback ?? false, endpoints: given.endpoints ?? endpoints },
  );
}

const production = (changes: Partial<ApprovalRule>): Partial<Project> => ({
  environments: [
    environment('staging', 'dev'),
    environment('production', 'prod', { approval: { ...approval, ...changes } }),
  ],
});

describe('what the policy allows', () => {
  test('gets its workspaces, operators and setup', () => {
    expect(check({})).toMatchObject({
      ok: true,
      training: { alias: 'dev' },
      environments: { staging: { alias: 'dev' }, production: { alias: 'prod' } },
      operators: ['octocat'],
      setup: 'check',
      notes: [],
    });
  });

  test('gets its registry where the operators let it, and hears why where they do not', () => {
    const target = { alias: 'shared', subscription: 's', resourceGroup: 'g', name: 'contoso-models' };
    const [own, ...rest] = policy.projects;
    if (own === undefined) throw new Error('no project');
    const registries = { shared: target };
    const granted = { ...policy, registries, projects: [{ ...own, registries: ['shared'] }, ...rest] };
    const asks = { project: { registry: 'shared' } };
    expect(check({ ...asks, policy: granted })).toMatchObject({ ok: true, registry: target });
    expect(check({ ...asks, policy: { ...policy, registries } })).toMatchObject({
      ok: false,
      refusals: [
        { code: 'RegistryNotAllowed', message: expect.stringContaining('allowed are none') as string },
      ],
    });
    expect(check({ project: { registry: 'sharde' }, policy: granted })).toMatchObject({
      refusals: [{ message: expect.stringContaining('Did you mean shared?') as string }],
    });
    expect(check({ ...asks, policy: undefined, loopback: true })).toMatchObject({
      registry: { alias: 'shared' },
    });
  });

  test('trains in the policy’s workspace, whatever the project made of it', () => {
    expect(check({ project: { workspace: 'prod' } })).toMatchObject({ project: { workspace: 'dev' } });
  });

  test('what the project left open is filled in, and said', () => {
    const verdict = check({ project: production(defaultApproval) });
    expect(verdict).toMatchObject({
      ok: true,
      project: {
        environments: [
          {},
          {
            approval: {
              required: 2,
              approvers: ['octocat', 'hubot'],
              verify: ['github'],
              expiresMs: 7_200_000,
            },
          },
        ],
      },
    });
    expect(verdict.ok && verdict.notes).toContain(
      'environments.production.approval: policy.yml asks for required 2',
    );
  });

  test('an environment that turned its approval off gets the policy’s', () => {
    const verdict = check({ project: { environments: [environment('production', 'prod')] } });
    expect(verdict).toMatchObject({ ok: true, project: { environments: [{ approval: { required: 2 } }] } });
  });
});

describe('what it refuses, with what is allowed', () => {
  test.each<[string, Case, string, RegExp]>([
    [
      'a repository that is not listed',
      { source: { repository: 'evil/diabetes' } },
      'RepositoryNotListed',
      /evil\/diabetes is not in policy\.yml; listed are contoso\/diabetes, contoso\/churn/,
    ],
    [
      'another’s project',
      { project: { name: 'churn' } },
      'ProjectNotOwned',
      /churn belongs to contoso\/churn, folder model; allowed here: diabetes in \./,
    ],
    ['the project from another folder', { source: { path: 'copy' } }, 'ProjectNotOwned', /copy\/mlops\.yaml/],
    ['a misspelt project', { project: { name: 'diabtes' } }, 'ProjectNotOwned', /Did you mean diabetes\?/],
    [
      'another’s endpoint',
      { endpoints: { ...endpoints, production: 'churn' } },
      'EndpointNotOwned',
      /churn in prod, which belongs to churn \(contoso\/churn\); diabetes owns there: diabetes/,
    ],
    [
      'production’s endpoint name in another workspace',
      { endpoints: { ...endpoints, staging: 'diabetes' } },
      'EndpointNotOwned',
      /diabetes in dev; diabetes owns there: diabetes-staging/,
    ],
    [
      'an endpoint without a name',
      { endpoints: { staging: 'diabetes-staging' } },
      'EndpointNotOwned',
      /environments\.production\.endpoint/,
    ],
    [
      'an unknown workspace',
      { project: { environments: [environment('production', 'prd', { approval })] } },
      'WorkspaceUnknown',
      /prd is no workspace .* known are dev, prod\. Did you mean prod\?/,
    ],
    ['an uncommitted folder', { source: { directory: '/tmp/x' } }, 'LocalSourceForbidden', /local use only/],
    [
      'too few approvers',
      { project: production({ required: 1 }) },
      'ApprovalTooLoose',
      /approval\.required: found 1; policy\.yml allows 2 or more/,
    ],
    [
      'a strange approver',
      { project: production({ approvers: ['octocat', 'mallory'] }) },
      'ApprovalTooLoose',
      /approvers: found mallory; policy\.yml allows octocat, hubot/,
    ],
    [
      'an escalation to strangers',
      { project: production({ escalate: { afterMs: 1, to: ['@o/all'] } }) },
      'ApprovalTooLoose',
      /escalate\.to: found @o\/all/,
    ],
    [
      'a late expiry',
      { project: production({ expiresMs: 9 * 3_600_000 }) },
      'ApprovalTooLoose',
      /expires: found 9h; policy\.yml allows at most 2h/,
    ],
    [
      'authors who approve',
      { project: production({ allowAuthors: true }) },
      'ApprovalTooLoose',
      /allow_authors: found true/,
    ],
    [
      'unverified approvals',
      { project: production({ verify: ['none'] }) },
      'VerificationForbidden',
      /verify: found none; policy\.yml allows github/,
    ],
    [
      'another proof',
      { project: production({ verify: ['github', 'principal'] }) },
      'VerificationForbidden',
      /found principal/,
    ],
    ['no policy away from this machine', { policy: undefined }, 'PolicyMissing', /MLOPS_POLICY/],
  ])('%s', (_, given, code, message) => {
    const verdict = check(given);
    expect(verdict).toMatchObject({
      ok: false,
      refusals: [{ code, message: expect.stringMatching(message) as string }],
    });
  });

  test('all at once', () => {
    const verdict = check({
      project: production({ required: 1, verify: ['none'], allowAuthors: true }),
      endpoints: { staging: 'x', production: 'y' },
    });
    expect(!verdict.ok && verdict.refusals.map(({ code }) => code)).toEqual([
      'EndpointNotOwned',
      'EndpointNotOwned',
      'ApprovalTooLoose',
      'ApprovalTooLoose',
      'VerificationForbidden',
    ]);
  });

  test('renaming an environment is no way round its rule', () => {
    const renamed = {
      environments: [
        environment('staging', 'dev'),
        environment('live', 'prod', { approval: { ...approval, required: 1 } }),
      ],
    };
    expect(
      check({ project: renamed, endpoints: { staging: 'diabetes-staging', live: 'diabetes' } }),
    ).toMatchObject({
      ok: false,
      refusals: [{ code: 'ApprovalTooLoose' }],
    });
  });
});

test('without a policy this machine serves itself', () => {
  expect(check({ policy: undefined, loopback: true })).toMatchObject({
    ok: true,
    training: { resourceGroup: 'mlops-dev', subscription: '00000000-0000-0000-0000-000000000001' },
    environments: { production: { name: 'mlops-prod' } },
    notes: [expect.stringContaining('local use only')],
  });
});

const verification = fc.subarray(['github', 'principal', 'none'] as const, { minLength: 1 });
const people = fc.subarray(['a', 'b', 'c']);
const least: fc.Arbitrary<LeastApproval> = fc.record(
  {
    required: fc.integer({ min: 1, max: 3 }),
    approvers: fc.subarray(['a', 'b'], { minLength: 1 }),
    verify: verification,
    maxExpiresMs: fc.integer({ min: 1, max: 9 }),
    allowAuthors: fc.boolean(),
  },
  { requiredKeys: ['required', 'verify', 'allowAuthors'] },
);
const rules: fc.Arbitrary<ApprovalRule> = fc.record({
  required: fc.integer({ min: 1, max: 3 }),
  approvers: people,
  verify: verification,
  expiresMs: fc.integer({ min: 1, max: 9 }),
  allowAuthors: fc.boolean(),
  assumed: fc.subarray(['approvers', 'required', 'expires', 'verify'] as const),
});

test('tightening is never looser than either side, and doing it twice changes nothing', () => {
  fc.assert(
    fc.property(least, rules, (floor, rule) => {
      const strict = tightened(floor, rule);
      expect(strict.required).toBeGreaterThanOrEqual(Math.max(floor.required, rule.required));
      expect(strict.expiresMs).toBeLessThanOrEqual(Math.min(floor.maxExpiresMs ?? 99, rule.expiresMs));
      expect(strict.allowAuthors && !(floor.allowAuthors && rule.allowAuthors)).toBe(false);
      expect(strict.verify.includes('none') && !floor.verify.includes('none')).toBe(false);
      if (rule.approvers.length > 0)
        expect(rule.approvers).toEqual(expect.arrayContaining([...strict.approvers]));
      expect(tightened(floor, strict)).toEqual(strict);
    }),
  );
});

test('whatever is granted keeps to the policy', () => {
  fc.assert(
    fc.property(least, rules, (floor, rule) => {
      const [first] = policy.projects;
      if (first === undefined) throw new Error('the fixture has a project');
      const strict = { ...policy, projects: [{ ...first, environments: { production: floor } }] };
      const verdict = check({ policy: strict, project: production(rule) });
      if (!verdict.ok) return;
      const granted = verdict.project.environments[1]?.approval;
      expect(granted?.required).toBeGreaterThanOrEqual(floor.required);
      expect(granted?.verify.length).toBeGreaterThan(0);
      if (floor.approvers !== undefined) {
        expect(granted?.approvers.length).toBeGreaterThan(0);
        expect(floor.approvers).toEqual(expect.arrayContaining([...(granted?.approvers ?? [])]));
      }
    }),
    { numRuns: 500 },
  );
});
