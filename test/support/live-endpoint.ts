import type { Environment, RolloutStep } from '../../src/domain/project.js';
import { endpointOf, endpointStatusOf, push, resultOf, until } from './workflow-driving.js';
import type { Lab, Scenario, Stage } from './workflow-lab.js';
import { environment, straightTo } from './workflow-projects.js';

export const anHourMs = 3_600_000;
export const traffic = (percent: number, forMs = 60): RolloutStep => ({ kind: 'traffic', percent, forMs });

/** An endpoint `live` that asks nobody. */
export function live(
  lab: Lab,
  steps: readonly RolloutStep[],
  scenario: Scenario = {},
  more: Partial<Environment> = {},
): Stage {
  const rollout = {
    steps,
    abort: { errorRate: { op: '>', value: 0.01 } },
    keepPreviousMs: anHourMs,
  } as const;
  return lab.stage({ project: straightTo(environment('live', { rollout, ...more })), ...scenario });
}

/** Releases a commit and returns its deployment. */
export async function released(stage: Stage, commit: number): Promise<string> {
  const status = await resultOf(await push(stage, { commit }));
  if (status.verdict !== 'released') throw new Error(`not released: ${status.why}`);
  const champion = (await owner(stage)).champion;
  if (champion === undefined) throw new Error('no champion');
  return champion.deployment;
}

export const owner = (stage: Stage) => endpointStatusOf(endpointOf(stage, 'live'));
export const serving = (stage: Stage) => stage.fakes.azure.endpoint('live').traffic;
export const existing = (stage: Stage) => [...stage.fakes.azure.endpoint('live').deployments];

/** Waits until a rollout has given the challenger its first share. */
export async function midway(stage: Stage): Promise<void> {
  await until('the first step', () => (Object.keys(serving(stage)).length === 2 ? true : undefined));
}

export async function happened(stage: Stage, what: string): Promise<void> {
  await until(what, async () =>
    (await owner(stage)).events.some((event) => event.what.includes(what)) ? true : undefined,
  );
}
