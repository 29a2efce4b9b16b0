import type { DeployedRelease } from '../../domain/release.js';
import { messageOf } from '../failures.js';
import type { Owner } from './context.js';
import { retireLater, setTraffic } from './deploy.js';

const keepFailedMs = 24 * 3_600_000;

/**
 * Back to the previous champion while it is still warm. It had its approval when it went up; the guard lets traffic
 * go only to deployments that carried it before.
 */
export async function rollBack(owner: Owner): Promise<string> {
  const { champion, previous } = owner;
  if (previous === undefined) return 'there is no previous champion to go back to';
  const { activities, input, parking } = owner;
  const snapshot = await parking.step('read the endpoint', () => activities.quick.readEndpoint(input));
  if (!snapshot.deployments.some(({ name }) => name === previous.deployment)) {
    return `deployment ${previous.deployment} of the previous champion is gone; release it again: mlops release ${modelOf(previous)} --to ${previous.release.environment}`;
  }
  try {
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
  return `${modelOf(previous)} serves again as ${previous.deployment}`;
}

function modelOf({ model }: DeployedRelease): string {
  return `${model.name}:${model.version}`;
}
