import { CancellationScope } from '@temporalio/workflow';
import type { EndpointSnapshot, PlannedDeployment } from '../../activities/contract.js';
import type { Environment } from '../../domain/project.js';
import type { DeployedRelease, Release, ReleaseResult, Traffic } from '../../domain/release.js';
import { awaitOperation } from '../awaiting.js';
import { failureType, messageOf } from '../failures.js';
import type { Owner } from './context.js';
import { rollOut } from './rollout.js';
import { showProgress } from './talk.js';

/** The release was stopped by its own health, its lifecycle or an operator; says why. */
export class Aborted extends Error {}

/**
 * Brings one release onto the endpoint: endpoint, deployment, real requests against it, then its rollout. Whatever
 * goes wrong puts the traffic back exactly as it was and removes what was half made.
 */
export async function deploy(
  owner: Owner,
  release: Release,
  environment: Environment,
): Promise<ReleaseResult> {
  const before = await read(owner);
  let planned: PlannedDeployment | undefined;
  try {
    await makeEndpoint(owner, release);
    planned = await makeDeployment(owner, release);
    await prove(owner, release, planned);
    await rollOut(owner, release, environment, planned.deployment, before.traffic);
  } catch (error) {
    const reason = messageOf(error);
    await CancellationScope.nonCancellable(() => compensate(owner, before, planned, reason));
    return { kind: failedBeforeTraffic(error) ? 'failed' : 'rolled_back', reason };
  }
  return await settle(owner, release, environment, planned);
}

function failedBeforeTraffic(error: unknown): boolean {
  return !(error instanceof Aborted) && failureType(error) !== 'Unhealthy';
}

async function read({ activities, input, parking }: Owner): Promise<EndpointSnapshot> {
  return await parking.step('read the endpoint', () => activities.quick.readEndpoint(input));
}

async function makeEndpoint(owner: Owner, release: Release): Promise<void> {
  const { activities, input, parking, timing } = owner;
  await showProgress(owner, `endpoint ${input.endpoint}`);
  await parking.step(`endpoint ${input.endpoint}`, async () => {
    await awaitOperation(
      activities,
      input.workspace,
      await activities.quick.beginEndpoint({ release }),
      timing,
    );
  });
}

async function makeDeployment(owner: Owner, release: Release): Promise<PlannedDeployment> {
  const { activities, input, parking, timing } = owner;
  const planned = await parking.step('plan the deployment', () =>
    activities.transfer.planDeployment({ release }),
  );
  const { deployment, instanceCount, instanceType } = planned;
  await showProgress(owner, `deployment ${deployment} on ${instanceCount} × ${instanceType}`);
  await parking.step(`deployment ${deployment}`, async () => {
    const operation = await activities.transfer.beginDeployment({ release, deployment });
    await awaitOperation(activities, input.workspace, operation, timing);
  });
  return planned;
}

/** Real requests by the deployment header, before it gets any traffic. */
async function prove(owner: Owner, release: Release, { deployment }: PlannedDeployment): Promise<void> {
  const { activities, input, parking } = owner;
  await showProgress(owner, `testing ${deployment}`);
  const test = await parking.step(`test ${deployment}`, () =>
    activities.transfer.testDeployment({ release, endpoint: input.endpoint, deployment }),
  );
  if (!test.passed) throw new Error(`the test of ${deployment} failed: ${test.reasons.join('; ')}`);
}

async function compensate(
  owner: Owner,
  before: EndpointSnapshot,
  planned: PlannedDeployment | undefined,
  reason: string,
): Promise<void> {
  await showProgress(owner, `putting the traffic back: ${reason}`);
  const now = await read(owner);
  if (now.exists) await setTraffic(owner, before.traffic, before.mirror);
  const existed = before.deployments.some(({ name }) => name === planned?.deployment);
  const made = now.deployments.some(({ name }) => name === planned?.deployment);
  if (planned !== undefined && made && !existed) await removeDeployment(owner, planned.deployment);
}

/** `release` is who asks for the traffic; without one it goes back to what it was. */
export async function setTraffic(
  owner: Owner,
  traffic: Traffic,
  mirror: Traffic,
  release?: Release,
): Promise<void> {
  const { activities, input, parking, timing } = owner;
  const { workspace, endpoint } = input;
  await parking.step('traffic', async () => {
    const change = { workspace, endpoint, traffic, mirror, ...(release === undefined ? {} : { release }) };
    await awaitOperation(activities, workspace, await activities.quick.beginTraffic(change), timing);
  });
  owner.traffic = traffic;
}

export async function removeDeployment(owner: Owner, deployment: string): Promise<void> {
  const { activities, input, parking, timing } = owner;
  await parking.step(`delete ${deployment}`, async () => {
    const operation = await activities.quick.beginDeleteDeployment({ ...input, deployment });
    await awaitOperation(activities, input.workspace, operation, timing);
  });
}

/** The challenger is the champion now; the old one stays warm for a while. */
async function settle(
  owner: Owner,
  release: Release,
  environment: Environment,
  { deployment }: PlannedDeployment,
): Promise<ReleaseResult> {
  const deployed: DeployedRelease = {
    releaseId: release.id,
    deployment,
    model: release.model,
    commit: release.source.commit,
    deployedAt: Date.now(),
    release,
  };
  if (owner.champion !== undefined && owner.champion.deployment !== deployment) {
    owner.previous = owner.champion;
    retireLater(owner, owner.champion.deployment, environment.rollout.keepPreviousMs);
  }
  owner.champion = deployed;
  owner.retiring = owner.retiring.filter((retiring) => retiring.deployment !== deployment);
  if (environment.keepMs !== 'always') retireLater(owner, deployment, environment.keepMs);
  const { scoringUri } = await read(owner);
  if (scoringUri !== undefined) owner.scoringUri = scoringUri;
  const summary = `${release.model.name}:${release.model.version} serves as ${deployment}`;
  return { kind: 'deployed', deployment, scoringUri: scoringUri ?? '', summary };
}

export function retireLater(owner: Owner, deployment: string, afterMs: number): void {
  const others = owner.retiring.filter((retiring) => retiring.deployment !== deployment);
  owner.retiring = [...others, { deployment, at: Date.now() + afterMs }];
}
