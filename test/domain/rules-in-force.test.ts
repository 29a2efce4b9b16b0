import { expect, test } from 'vitest';
import type { Environment, Project } from '../../src/domain/project.js';
import { loadedFromDefaultBranch } from '../../src/domain/rules-in-force.js';
import { approval, environment, project } from './fixtures.js';

const withEnvironments = (...environments: Environment[]): Project => ({ ...project, environments });

test('nothing changed, nothing to say', () => {
  expect(loadedFromDefaultBranch(project, project)).toEqual({ project, notes: [] });
});

test('a commit that loosens its own approval is judged by the default branch’s', () => {
  const [staging, production] = project.environments;
  if (staging === undefined || production === undefined) throw new Error('the fixture has two environments');
  const loosened = withEnvironments(staging, {
    ...production,
    approval: { ...approval, required: 1, verify: ['none'], approvers: [] },
    rollout: { ...production.rollout, abort: { p95: { op: '>', value: 9000 } } },
  });
  const { project: inForce, notes } = loadedFromDefaultBranch(
    { ...loosened, gate: { metric: 'm', goal: 'maximize', require: {}, minImprovement: 0 } },
    project,
  );
  expect(inForce.environments).toEqual(project.environments);
  expect(inForce.gate?.metric).toBe('m');
  expect(notes).toEqual([
    "`environments.production.approval.required`: the commit says 1, main says 2; main's rule judges this commit",
    "`environments.production.approval.approvers`: the commit says anyone with maintain, main says octocat; main's rule judges this commit",
    "`environments.production.approval.verify`: the commit says none, main says github; main's rule judges this commit",
    "`environments.production.rollout.abort.p95`: the commit says > 9s, main says nothing; main's rule judges this commit",
  ]);
});

test('a removed approval, a removed environment and a new one', () => {
  const commit = withEnvironments(environment('production', 'prod'), environment('canary', 'prod'));
  const { project: inForce, notes } = loadedFromDefaultBranch(commit, project, 'trunk');
  expect(inForce.environments.map(({ name }) => name)).toEqual(['staging', 'production']);
  expect(notes[0]).toBe('`environments.canary`: trunk does not know it; it holds once it is on trunk');
  expect(notes[1]).toContain('`environments.staging`: the commit removes it');
  expect(notes[2]).toContain('`environments.production.approval`: the commit says none, trunk says nothing');
});

test('another order and other files are told', () => {
  const changed = withEnvironments(
    environment('production', 'prod', {
      approval,
      deployment: { file: 'd.yml', set: { instance_count: 9 } },
    }),
    environment('staging', 'dev'),
  );
  expect(loadedFromDefaultBranch(changed, project).notes).toEqual([
    '`environments.production.deployment`: the commit says d.yml with {"instance_count":9}, main says d.yml; main\'s rule judges this commit',
    "`environments`: the commit's order is production → staging, main's is staging → production; main's holds",
  ]);
});

test('where the default branch has no file yet, the commit’s own holds', () => {
  const { project: inForce, notes } = loadedFromDefaultBranch(project, undefined);
  expect(inForce).toEqual(project);
  expect(notes).toEqual([
    "main has no mlops.yaml yet: the commit's own environments hold, within the policy",
  ]);
});
