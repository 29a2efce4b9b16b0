import { condition, sleep } from '@temporalio/workflow';
import { servingMost } from '../../domain/by-hand.js';
import type { Environment, RolloutStep } from '../../domain/project.js';
import type { Release, Traffic } from '../../domain/release.js';
import { judgeHealth, trafficFor } from '../../domain/rollout.js';
import type { Owner } from './context.js';
import { setTraffic, Unhealthy } from './deploy.js';
import { showProgress } from './talk.js';

/**
 * A rollout as it was before challengers were compared with champions: what began so goes on so when it is replayed.
 * Can go when no endpoint's run is older than the comparison.
 */
export async function rollOutByThresholds(
  owner: Owner,
  release: Release,
  environment: Environment,
  challenger: string,
  before: Traffic,
): Promise<void> {
  const champion = servingMost(before, challenger);
  // Nobody to protect: the first release takes everything at once.
  const steps = champion === undefined ? [] : environment.rollout.steps;
  for (const step of steps) {
    await mayGoOn(owner);
    const { live, mirror } = trafficFor(step, champion, challenger);
    await setTraffic(owner, { traffic: live, mirror, release });
    await showProgress(owner, `${step.kind} ${step.percent} % to ${challenger}`);
    await observe(owner, environment, challenger, step);
  }
  await mayGoOn(owner);
  await setTraffic(owner, { traffic: { [challenger]: 100 }, mirror: {}, release });
  await showProgress(owner, `100 % to ${challenger}`);
}

/** Waits while the endpoint is held. */
async function mayGoOn(owner: Owner): Promise<void> {
  if (owner.held) await showProgress(owner, 'held by an operator');
  await condition(() => !owner.held);
}

async function observe(
  owner: Owner,
  environment: Environment,
  challenger: string,
  step: RolloutStep,
): Promise<void> {
  const { activities, input, parking, timing } = owner;
  const fromMs = Date.now();
  const untilMs = fromMs + step.forMs;
  while (Date.now() < untilMs) {
    const pause = Math.min(timing.healthLookMs, untilMs - Date.now());
    await sleep(Math.max(1, pause));
    const window = { ...input, deployment: challenger, fromMs, toMs: Date.now() };
    const stats = await parking.step('health', () => activities.quick.requestStats(window));
    const health = judgeHealth(environment.rollout.abort, stats);
    if (!health.healthy)
      throw new Unhealthy(`at ${step.kind} ${step.percent} %: ${health.reasons.join('; ')}`);
    await showProgress(
      owner,
      `${step.kind} ${step.percent} % to ${challenger}: ${stats.requests} requests, ${stats.errors} errors`,
    );
  }
}
