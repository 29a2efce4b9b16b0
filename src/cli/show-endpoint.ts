import type { DeployedRelease } from '../domain/release.js';
import { describeSteps } from '../domain/rollout.js';
import { formatMs } from '../domain/text.js';
import type { EndpointStatus, RolloutStatus } from '../workflows/messages.js';
import { facts } from './table.js';

/** An endpoint's status as people read it. */
export function endpointText(id: string, status: EndpointStatus, link: string | undefined): string {
  const { running, waiting, events } = status;
  return [
    facts([
      [
        status.kind === 'batch' ? 'batch endpoint' : 'endpoint',
        `${status.endpoint} in workspace ${status.workspace}${status.held ? ' (held)' : ''}`,
      ],
      ['owner', id],
      ['champion', deployedText(status.champion)],
      ['previous', deployedText(status.previous)],
      status.kind === 'batch'
        ? ['default', Object.keys(status.traffic)[0]]
        : ['traffic', trafficText(status.traffic)],
      ['running', running && `${modelText(running.release)}: ${running.step}`],
      ['step', running?.rollout?.current && stepText(running.rollout)],
      ['retires', status.retirement && `${status.retirement.stage}: ${status.retirement.text}`],
      ['asks', status.byHand ?? running?.rollout?.question],
      ['approval', status.approval && `${status.approval.evidence.steering ?? ''}: mlops approve ${id}`],
      ['blocked', running?.blocked && `at ${running.blocked.step}: ${running.blocked.message}`],
      ['waiting', waiting.map(modelText).join(', ')],
      ['address', status.scoringUri],
      ['link', link],
    ]),
    events.map(({ at, what }) => `${new Date(at).toISOString()}  ${what}`).join('\n'),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

function stepText({ current, next, paused }: RolloutStatus): string {
  const step = current === undefined ? '' : `${current.kind} ${current.percent} % ${formatMs(current.forMs)}`;
  return `${step}${paused ? ' (paused)' : ''}${next.length === 0 ? '' : `, then ${describeSteps(next)}`}`;
}

export function modelText({ model }: Pick<DeployedRelease, 'model'>): string {
  return `${model.name}:${model.version}`;
}

function deployedText(release: DeployedRelease | undefined): string | undefined {
  if (release === undefined) return undefined;
  const since = new Date(release.deployedAt).toISOString();
  return `${modelText(release)} as ${release.deployment}, commit ${release.commit.slice(0, 7)}, since ${since}`;
}

export function trafficText(traffic: Readonly<Record<string, number>>): string {
  return Object.entries(traffic)
    .map(([deployment, percent]) => `${deployment} ${percent} %`)
    .join(', ');
}
