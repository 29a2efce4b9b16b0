import { describeRollout } from '../domain/rollout.js';
import { formatMs, formatNumber, formatOp } from '../domain/text.js';
import type { ApprovalRule, Environment, FileRef, Gate, Project } from '../domain/project.js';
import type { Explained } from '../spec/index.js';
import { facts, table } from './table.js';

/** What a lifecycle of this project would do, in its order. */
export function planText(project: Project): string {
  const { data, candidates, limits, gate, register, environments } = project;
  return facts([
    ['project', `${project.name} (${project.path})`],
    ['setup', project.setup.map(fileText).join(', ')],
    ['prepare', data.prepare && fileText(data.prepare)],
    ['train', candidates.map(({ name, job }) => `${name} (${fileText(job)})`).join(', ')],
    [
      'limits',
      `queue ${formatMs(limits.queueMs)}, run ${formatMs(limits.runMs)}, ${limits.parallel} at once, in workspace ${project.workspace}`,
    ],
    ['gate', gate === undefined ? 'none: the first candidate that finishes passes' : gateText(gate)],
    ['register', `${register.which} as ${register.name}`],
    ...environments.map((environment) => [environment.name, environmentText(environment)] as const),
  ]);
}

function fileText({ file, set }: FileRef): string {
  const overrides = Object.entries(set).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return overrides.length === 0 ? file : `${file} with ${overrides.join(' ')}`;
}

function gateText({ metric, goal, require, minImprovement }: Gate): string {
  const bounds = Object.entries(require).map(
    ([name, { op, value }]) => `${name} ${formatOp(op)} ${formatNumber(value)}`,
  );
  const margin = minImprovement === 0 ? 'no worse' : `at least ${formatNumber(minImprovement)} better`;
  const better = `${goal} ${metric}, ${margin} than the champion`;
  return [...bounds, better].join('; ');
}

function environmentText({ workspace, endpoint, approval, rollout, monitor }: Environment): string {
  return [
    `${fileText(endpoint)} in workspace ${workspace}`,
    approval === undefined ? 'no approval' : approvalText(approval),
    `rollout ${describeRollout(rollout)}`,
    ...(monitor === undefined ? [] : [`monitored at ${monitor.schedule} UTC, on breach ${monitor.onBreach}`]),
  ].join('; ');
}

function approvalText({ required, approvers, expiresMs, verify }: ApprovalRule): string {
  const who = approvers.length === 0 ? 'whoever may maintain' : approvers.join(', ');
  return `${required} approval${required === 1 ? '' : 's'} by ${who} within ${formatMs(expiresMs)} (proof: ${verify.join(', ')})`;
}

/** Every setting in force and who set it. */
export function explainedText(settings: readonly Explained[]): string {
  return table(
    ['setting', 'value', 'from'],
    settings.map(({ path, value, origin }) => [
      path,
      typeof value === 'string' ? value : JSON.stringify(value),
      origin,
    ]),
  );
}
