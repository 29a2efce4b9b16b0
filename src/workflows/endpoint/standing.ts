import { condition, patched } from '@temporalio/workflow';
import type { EndpointSnapshot } from '../../activities/contract.js';
import { changesByHand, servingMost } from '../../domain/by-hand.js';
import type { Owner } from './context.js';
import { kindOf } from './deploy.js';
import { remember, show } from './state.js';
import { showProgress } from './talk.js';

/**
 * Reads what serves before something new begins. A deployment that something else made is adopted as the champion;
 * where traffic or deployments differ from what this owner set, people are asked.
 */
export async function startingPoint(owner: Owner): Promise<EndpointSnapshot> {
  const found = await read(owner);
  if (!patched('mind what others made')) return found;
  if (owner.champion === undefined) {
    await adopt(owner, found);
    return found;
  }
  const gone = new Set(owner.retiring.map(({ deployment }) => deployment));
  const standing = {
    traffic: owner.traffic,
    deployments: gone.has(owner.champion.deployment) ? [] : [owner.champion.deployment],
  };
  const changes = changesByHand(standing, found);
  if (changes.length === 0) return found;
  await askAboutChanges(owner, changes, 'takes over what is there');
  const now = await read(owner);
  await adopt(owner, now);
  return now;
}

/** Within a rollout: whoever else changed the endpoint meanwhile must not be overruled silently. */
export async function untilAsSet(owner: Owner, deployments: readonly string[]): Promise<void> {
  const found = await read(owner);
  const changes = changesByHand({ traffic: owner.traffic, deployments }, found);
  if (changes.length > 0) await askAboutChanges(owner, changes, 'goes on with the rollout all the same');
}

export async function read({ activities, input, parking }: Owner): Promise<EndpointSnapshot> {
  return await parking.step('read the endpoint', () => activities.quick.readEndpoint(input));
}

async function askAboutChanges(owner: Owner, changes: readonly string[], resume: string): Promise<void> {
  const question = `somebody else changed the endpoint: ${changes.join('; ')}; \`resume\` ${resume}, \`abort\` ends this release`;
  owner.byHand = question;
  remember(owner, question);
  await showProgress(owner, question);
  show(owner);
  try {
    await condition(() => owner.byHand === undefined);
  } finally {
    // Whatever ended the wait, there is nothing to answer any more.
    delete owner.byHand;
  }
}

/** Makes what serves most the champion; the guard lets traffic come back to it, since it serves now. */
async function adopt(owner: Owner, { exists, traffic }: EndpointSnapshot): Promise<void> {
  const deployment = servingMost(traffic);
  owner.traffic = traffic;
  if (deployment === undefined && owner.champion !== undefined) {
    owner.previous = owner.champion;
    delete owner.champion;
  }
  if (!exists || deployment === undefined || deployment === owner.champion?.deployment) return;
  const { activities, input, parking } = owner;
  const { workspace, endpoint } = input;
  const { model, commit } = await parking.step(`adopt ${deployment}`, () =>
    activities.quick.adoptDeployment({ workspace, endpoint, deployment, ...kindOf(input) }),
  );
  const known = owner.previous?.deployment === deployment ? owner.previous : undefined;
  if (owner.champion !== undefined) owner.previous = owner.champion;
  owner.champion = known ?? { releaseId: '', deployment, model, commit, deployedAt: Date.now() };
  owner.retiring = owner.retiring.filter((retiring) => retiring.deployment !== deployment);
  remember(owner, `adopted ${deployment} (${model.name}:${model.version}) as champion`);
}
