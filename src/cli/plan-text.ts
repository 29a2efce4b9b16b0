import { describeRollout } from '../domain/rollout.js';
import { approvalText, fileText, gateText } from '../domain/project-text.js';
import { formatMs } from '../domain/text.js';
import type { Environment, Project } from '../domain/project.js';
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

function environmentText({ workspace, endpoint, approval, rollout, monitor }: Environment): string {
  return [
    `${fileText(endpoint)} in workspace ${workspace}`,
    approval === undefined ? 'no approval' : approvalText(approval),
    `rollout ${describeRollout(rollout)}`,
    ...(monitor === undefined ? [] : [`monitored at ${monitor.schedule} UTC, on breach ${monitor.onBreach}`]),
  ].join('; ');
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
