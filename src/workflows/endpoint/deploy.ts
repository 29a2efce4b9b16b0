import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { EndpointSnapshot, PlannedDeployment } from '../../activities/contract.js';
import type { Environment } from '../../domain/project.js';
import type { DeployedRelease, Release, ReleaseResult, Traffic } from '../../domain/release.js';
import { awaitOperation } from '../awaiting.js';
import { failure, messageOf } from '../failures.js';
import type { EndpointInput } from '../messages.js';
import type { Owner } from './context.js';
import { prove } from './prove.js';
import { Renewal } from './looking.js';
import { rollOut } from './rollout.js';
import { rollOutByThresholds } from './thresholds.js';
import { read, startingPoint } from './standing.js';
import { showProgress } from './talk.js';

/** The challenger does worse than its project allows; says how. */
export class Unhealthy extends Error {}

/**
 * Brings one release onto the endpoint: endpoint, deployment, real requests against it, then its rollout. Whatever
 * goes wrong, or stops it, puts the traffic back exactly as it was and removes what was half made.
 */
export async function deploy(
  owner: Owner,
  release: Release,
  environment: Environment,
  scope: CancellationScope,
  /** How late the traffic log shows a request. */
  logsDelayMs = 0,
): Promise<ReleaseResult> {
  const { resumes } = owner;
  const before = resumes?.before ?? (await scope.run(() => startingPoint(owner)));
  let planned: PlannedDeployment | undefined = resumes?.planned;
  let { builtInMs, proof } = resumes ?? { builtInMs: 0, proof: '' };
  try {
    await scope.run(async () => {
      if (resumes !== undefined) {
        const { deployment: challenger } = resumes.planned;
        await rollOut(owner, { release, environment, challenger, before, logsDelayMs }, resumes);
        return;
      }
      await makeEndpoint(owner, release);
      planned = await plan(owner, release);
      const startedAt = Date.now();
      await makeDeployment(owner, release, planned);
      builtInMs = Date.now() - startedAt;
      proof = await prove(owner, release, planned);
      if (release.trial === true) return;
      if (patched('compare with the champion'))
        await rollOut(owner, { release, environment, challenger: planned.deployment, before, logsDelayMs });
      else await rollOutByThresholds(owner, release, environment, planned.deployment, before.traffic);
    });
  } catch (error) {
    if (error instanceof Renewal && planned !== undefined) {
      owner.midway = { release, before, planned, builtInMs, proof, ...error.at };
      throw error;
    }
    return await giveUp(owner, error, before, planned);
  }
  if (planned === undefined) throw failure('NotPlanned', 'the rollout ended without a deployment');
  return release.trial === true
    ? keepTried(owner, environment, planned, proof)
    : await settle(owner, release, environment, planned, builtInMs, proof);
}

/** Puts things back as they were, and says how the release ended. */
export async function giveUp(
  owner: Owner,
  error: unknown,
  before: EndpointSnapshot,
  planned: PlannedDeployment | undefined,
): Promise<ReleaseResult> {
  const back = await CancellationScope.nonCancellable(() =>
    compensate(owner, before, planned, reasonOf(owner, error)),
  );
  return resultOf(owner, error, back);
}

/** Its release comes when people have approved it; where they do not, the deployment goes by itself. */
function keepTried(
  owner: Owner,
  { approval, rollout }: Environment,
  { deployment }: PlannedDeployment,
  proof: string,
): ReleaseResult {
  const known = [owner.champion, owner.previous].some((one) => one?.deployment === deployment);
  if (!known) retireLater(owner, deployment, (approval?.expiresMs ?? 0) + rollout.keepPreviousMs);
  return { kind: 'tried', deployment, summary: `${deployment}: ${proof}` };
}

/** How a release ended that was stopped or failed. `more` says what else went wrong on the way back. */
export function resultOf(owner: Owner, error: unknown, more = ''): ReleaseResult {
  if (owner.abort?.by === 'lifecycle' && more === '') return { kind: 'withdrawn' };
  const back = owner.abort !== undefined || error instanceof Unhealthy;
  return { kind: back ? 'rolled_back' : 'failed', reason: `${reasonOf(owner, error)}${more}` };
}

function reasonOf(owner: Owner, error: unknown): string {
  return owner.abort !== undefined && isCancellation(error) ? owner.abort.reason : messageOf(error);
}

async function makeEndpoint(owner: Owner, release: Release): Promise<void> {
  const { activities, input, parking, timing } = owner;
  await showProgress(owner, `endpoint ${input.endpoint}`);
  await parking.step(`endpoint ${input.endpoint}`, async () => {
    await awaitOperation(
      activities,
      input.workspace,
      await activities.quick.beginEndpoint({ release, ...kindOf(input) }),
      timing,
    );
  });
}

/** Absent for an online endpoint, as in the histories of older workers. */
export function kindOf({ kind }: EndpointInput): Pick<EndpointInput, 'kind'> {
  return kind === undefined ? {} : { kind };
}

async function plan({ activities, parking }: Owner, release: Release): Promise<PlannedDeployment> {
  return await parking.step('plan the deployment', () => activities.transfer.planDeployment({ release }));
}

export async function makeDeployment(
  owner: Owner,
  release: Release,
  { deployment, instanceCount, instanceType }: PlannedDeployment,
): Promise<void> {
  const { activities, input, parking, timing } = owner;
  await showProgress(owner, `deployment ${deployment} on ${instanceCount} × ${instanceType}`);
  await parking.step(`deployment ${deployment}`, async () => {
    const operation = await activities.transfer.beginDeployment({ release, deployment });
    await awaitOperation(activities, input.workspace, operation, timing);
  });
}

/** Returns what could not be put back, as text to add to the reason; empty when all of it was. */
async function compensate(
  owner: Owner,
  before: EndpointSnapshot,
  planned: PlannedDeployment | undefined,
  reason: string,
): Promise<string> {
  await showProgress(owner, `putting the traffic back: ${reason}`);
  try {
    const now = await read(owner);
    if (now.exists) await setTraffic(owner, before);
    const existed = before.deployments.some(({ name }) => name === planned?.deployment);
    const made = now.deployments.some(({ name }) => name === planned?.deployment);
    if (planned !== undefined && made && !existed) await removeDeployment(owner, planned.deployment);
    return '';
  } catch (error) {
    return `; putting things back failed too: ${messageOf(error)}`;
  }
}

/** What is asked of an endpoint; `release` is who asks, without one it goes back to what it was. */
interface TrafficChange {
  readonly traffic: Traffic;
  readonly mirror: Traffic;
  readonly release?: Release;
}

export async function setTraffic(
  owner: Owner,
  { traffic, mirror, release }: TrafficChange,
  parking = owner.parking,
): Promise<void> {
  const { activities, input, timing } = owner;
  const { workspace, endpoint } = input;
  await parking.step('traffic', async () => {
    const place = { workspace, endpoint, ...kindOf(input) };
    const change = { ...place, traffic, mirror, ...(release === undefined ? {} : { release }) };
    await awaitOperation(activities, workspace, await activities.quick.beginTraffic(change), timing);
  });
  owner.traffic = traffic;
}

export async function removeDeployment(
  owner: Owner,
  deployment: string,
  parking = owner.parking,
): Promise<void> {
  const { activities, input, timing } = owner;
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
  builtInMs: number,
  proof: string,
): Promise<ReleaseResult> {
  const deployed: DeployedRelease = {
    releaseId: release.id,
    deployment,
    model: release.model,
    commit: release.source.commit,
    deployedAt: Date.now(),
    release,
    builtInMs,
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
  const summary = `${release.model.name}:${release.model.version} serves as ${deployment}${proof === '' ? '' : `; ${proof}`}`;
  return { kind: 'deployed', deployment, scoringUri: scoringUri ?? '', summary };
}

export function retireLater(owner: Owner, deployment: string, afterMs: number): void {
  const others = owner.retiring.filter((retiring) => retiring.deployment !== deployment);
  owner.retiring = [...others, { deployment, at: Date.now() + afterMs }];
}
