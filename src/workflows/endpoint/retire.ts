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
    const rest = Object.entries(snapshot.traffic).filter(([name]) => name !== deployment);
    await setTraffic(owner, { traffic: Object.fromEntries(rest), mirror: {} }, hasty);
  }
  if (snapshot.deployments.some(({ name }) => name === deployment))
    await removeDeployment(owner, deployment, hasty);
  if (owner.champion?.deployment === deployment) delete owner.champion;
  if (owner.previous?.deployment === deployment) delete owner.previous;
}
