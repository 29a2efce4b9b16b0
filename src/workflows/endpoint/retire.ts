import { patched } from '@temporalio/workflow';
import { trafficWithout } from '../../domain/by-hand.js';
import type { Owner } from './context.js';
import { removeDeployment, retireLater, setTraffic } from './deploy.js';

/** Milliseconds until the next deployment goes; `undefined` when none does. */
export function nextRetirementMs({ retiring }: Owner): number | undefined {
  return retiring.length === 0
    ? undefined
    : Math.max(1, Math.min(...retiring.map(({ at }) => at)) - Date.now());
}

/**
 * Removes deployments whose time has come; one that still serves gives up its traffic first. What cannot be removed
 * now stays on the list: a forgotten deployment costs money until somebody notices.
 */
export async function retireDue(owner: Owner): Promise<void> {
  const due = owner.retiring.filter(({ at }) => at <= Date.now());
  for (const { deployment } of due) {
    retireLater(owner, deployment, owner.timing.blockedLookMs);
    await retire(owner, deployment);
    owner.retiring = owner.retiring.filter((retiring) => retiring.deployment !== deployment);
  }
}

async function retire(owner: Owner, deployment: string): Promise<void> {
  const { activities, input, hasty } = owner;
  const snapshot = await hasty.step('read the endpoint', () => activities.quick.readEndpoint(input));
  if ((snapshot.traffic[deployment] ?? 0) > 0) {
    await setTraffic(owner, { traffic: trafficWithout(snapshot.traffic, deployment), mirror: {} }, hasty);
  }
  if (snapshot.deployments.some(({ name }) => name === deployment))
    await removeDeployment(owner, deployment, hasty);
  if (owner.champion?.deployment === deployment) delete owner.champion;
  // Its record stays: a rollback builds it again.
  if (owner.previous?.deployment === deployment && !patched('keep the previous champion’s record'))
    delete owner.previous;
}
