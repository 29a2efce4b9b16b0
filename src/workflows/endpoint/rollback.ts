import { patched } from '@temporalio/workflow';
import type { DeployedRelease, Release } from '../../domain/release.js';
import { formatMs } from '../../domain/text.js';
import { messageOf } from '../failures.js';
import type { Owner } from './context.js';
import { makeDeployment, retireLater, setTraffic } from './deploy.js';
import { prove } from './prove.js';
import { remember } from './state.js';
import { modelOf, showRollback } from './surface.js';

const keepFailedMs = 24 * 3_600_000;

/**
 * Back to the previous champion. It had its approval when it went up; the guard lets traffic go only to deployments
 * that carried it before. One that is not warm any more is built again from its record first.
 */
export async function rollBack(owner: Owner): Promise<string> {
  const { champion, previous } = owner;
  if (previous === undefined) return 'there is no previous champion to go back to';
  const { activities, input, parking } = owner;
  const snapshot = await parking.step('read the endpoint', () => activities.quick.readEndpoint(input));
  try {
    if (!snapshot.deployments.some(({ name }) => name === previous.deployment)) {
      const problem = await rebuild(owner, previous);
      if (problem !== undefined) return problem;
    }
    await setTraffic(owner, { traffic: { [previous.deployment]: 100 }, mirror: {} });
  } catch (error) {
    return `the rollback failed: ${messageOf(error)}`;
  }
  owner.champion = previous;
  owner.retiring = owner.retiring.filter(({ deployment }) => deployment !== previous.deployment);
  if (champion === undefined) delete owner.previous;
  else {
    owner.previous = champion;
    retireLater(owner, champion.deployment, keepFailedMs);
  }
  if (patched('show rollbacks on GitHub')) await showRollback(champion, previous);
  return `${modelOf(previous)} serves again as ${previous.deployment}`;
}

/** Builds a deployment again that went when its time had come; answers why it cannot. The champion serves meanwhile. */
async function rebuild(owner: Owner, previous: DeployedRelease): Promise<string | undefined> {
  const { release, deployment, builtInMs } = previous;
  if (release === undefined)
    return `deployment ${deployment} is gone, and something else made it: it cannot be built again`;
  if (!patched('build the previous champion again')) return gone(previous, release);
  const { activities, parking } = owner;
  const time = builtInMs === undefined ? 'some minutes' : `about ${formatMs(builtInMs)}, as the first time`;
  remember(
    owner,
    `${deployment} is no longer warm: building it again takes ${time}; ${owner.champion?.deployment ?? 'nothing'} serves meanwhile`,
  );
  const planned = await parking.step('plan the deployment', () =>
    activities.transfer.planDeployment({ release }),
  );
  // Its files make another deployment now: nobody has approved that one.
  if (planned.deployment !== deployment) return gone(previous, release);
  await makeDeployment(owner, release, planned);
  await prove(owner, release, planned);
  return undefined;
}

function gone(previous: DeployedRelease, { environment }: Release): string {
  return `deployment ${previous.deployment} of the previous champion is gone; release it again: mlops release ${modelOf(previous)} --to ${environment}`;
}
