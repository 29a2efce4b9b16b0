import type { Owner } from './context.js';
import { removeDeployment, setTraffic } from './deploy.js';

/** Milliseconds until the next deployment goes; `undefined` when none does. */
export function nextRetirementMs({ retiring }: Owner): number | undefined {
  return retiring.length === 0
    ? undefined
    : Math.max(0, Math.min(...retiring.map(({ at }) => at)) - Date.now());
}

/** Removes deployments whose time has come; one that still serves gives up its traffic first. */
export async function retireDue(owner: Owner): Promise<void> {
  const due = owner.retiring.filter(({ at }) => at <= Date.now());
  owner.retiring = owner.retiring.filter(({ at }) => at > Date.now());
  for (const { deployment } of due) {
    const { activities, input, parking } = owner;
    const snapshot = await parking.step('read the endpoint', () => activities.quick.readEndpoint(input));
    if ((snapshot.traffic[deployment] ?? 0) > 0) {
      const rest = Object.entries(snapshot.traffic).filter(([name]) => name !== deployment);
      await setTraffic(owner, Object.fromEntries(rest), {});
    }
    if (snapshot.deployments.some(({ name }) => name === deployment))
      await removeDeployment(owner, deployment);
    if (owner.champion?.deployment === deployment) delete owner.champion;
    if (owner.previous?.deployment === deployment) delete owner.previous;
  }
}
