import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { coalesce } from '../domain/retraining.js';
import type { Release, ReleaseResult } from '../domain/release.js';
import { arbiter } from './endpoint/arbiter.js';
import type { Owner } from './endpoint/context.js';
import { deploy, giveUp, resultOf } from './endpoint/deploy.js';
import { answerBreach } from './endpoint/govern.js';
import { listen } from './endpoint/listen.js';
import { retireEndpoint } from './endpoint/retirement.js';
import { nextRetirementMs, retireDue } from './endpoint/retire.js';
import { Renewal } from './endpoint/looking.js';
import { rollBack } from './endpoint/rollback.js';
import { steward } from './endpoint/steer.js';
import { remember, restore, show, stateOf } from './endpoint/state.js';
import { finish } from './endpoint/talk.js';
import { failure, messageOf } from './failures.js';
import type { EndpointInput, Midway } from './messages.js';

/** The only writer of an endpoint: releases, rollbacks and retirements, one at a time, for as long as the endpoint lives. */
export async function endpoint(input: EndpointInput): Promise<void> {
  const owner = restore(input);
  listen(owner);
  arbiter(owner).catch((error: unknown) => {
    remember(owner, `the arbiter stopped: ${messageOf(error)}`);
  });
  steward(owner).catch((error: unknown) => {
    remember(owner, `steering stopped: ${messageOf(error)}`);
  });
  if (owner.resumes !== undefined) await goOn(owner, owner.resumes);
  while (!mayContinueAsNew(owner)) {
    show(owner);
    await condition(() => hasWork(owner) || mayContinueAsNew(owner), nextRetirementMs(owner) ?? '3650 days');
    if (await workOnce(owner)) return;
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof endpoint>({ ...input, state: stateOf(owner) });
}

function nextRelease(owner: Owner): Release | undefined {
  return owner.waiting.find(({ id }) => owner.proceeding.has(id));
}

function hasWork(owner: Owner): boolean {
  if (owner.rollback !== undefined || owner.retirement !== undefined || owner.breaches.length > 0)
    return true;
  return !owner.held && nextRelease(owner) !== undefined;
}

/** @returns whether the endpoint is gone, and with it what this workflow is for */
async function workOnce(owner: Owner): Promise<boolean> {
  const release = owner.held ? undefined : nextRelease(owner);
  try {
    if (owner.rollback !== undefined) {
      delete owner.rollback;
      remember(owner, await rollBack(owner));
    } else if (owner.retirement !== undefined) {
      return await retireEndpoint(owner, owner.retirement);
    } else if (release !== undefined) {
      await run(owner, release);
    } else if (owner.breaches.length > 0) {
      await answerBreaches(owner);
    } else {
      await retireDue(owner);
    }
  } catch (error) {
    // The owner outlives every failure: one that ended would leave the endpoint without anybody to roll it back.
    remember(owner, messageOf(error));
  }
  return false;
}

async function answerBreaches(owner: Owner): Promise<void> {
  const together = patched('answer breaches together') ? owner.breaches : owner.breaches.slice(0, 1);
  owner.breaches = owner.breaches.slice(together.length);
  const breach = coalesce(together);
  if (breach === undefined) return;
  const others = together.length > 1 ? ` (and ${together.length - 1} more breaches)` : '';
  remember(owner, `${await answerBreach(owner, breach)}${others}`);
}

/** A rollout that the run before had come half way with. */
async function goOn(owner: Owner, { release }: Midway): Promise<void> {
  try {
    if (owner.running !== undefined) await complete(owner, release, owner.running.scope);
  } catch (error) {
    remember(owner, messageOf(error));
  }
  delete owner.resumes;
}

async function run(owner: Owner, release: Release): Promise<void> {
  owner.waiting = owner.waiting.filter(({ id }) => id !== release.id);
  owner.proceeding.delete(release.id);
  const scope = new CancellationScope();
  owner.running = { release, step: 'starting', scope };
  owner.latest = release;
  delete owner.abort;
  await complete(owner, release, scope);
}

async function complete(owner: Owner, release: Release, scope: CancellationScope): Promise<void> {
  const result = await carryOut(owner, release, scope);
  if (result === undefined) return;
  await finish(owner, release, result);
  remember(
    owner,
    `${release.model.name}:${release.model.version}: ${result.kind}${'reason' in result ? `: ${result.reason}` : ''}`,
  );
  if (result.kind === 'deployed') rollBackLate(owner);
  delete owner.running;
  delete owner.abort;
}

/** A rollback that came too late to stop the release: what it asks for is done all the same. */
function rollBackLate(owner: Owner): void {
  if (owner.abort?.by === 'operator') owner.rollback = owner.abort;
}

/** Undefined where it goes on in the next run. */
async function carryOut(
  owner: Owner,
  release: Release,
  scope: CancellationScope,
): Promise<ReleaseResult | undefined> {
  try {
    const { source, project } = release;
    const loaded = await scope.run(() =>
      owner.parking.step('load', () => owner.core.loadProject({ source, project })),
    );
    const environment = loaded.project.environments.find(({ name }) => name === release.environment);
    if (environment === undefined)
      throw failure('NotAllowed', `environment ${release.environment} is not in force any more`);
    return await deploy(owner, release, environment, scope, loaded.logsDelayMs);
  } catch (error) {
    if (error instanceof Renewal) return undefined;
    const { resumes } = owner;
    return resumes === undefined
      ? resultOf(owner, error)
      : await giveUp(owner, error, resumes.before, resumes.planned);
  }
}

function mayContinueAsNew(owner: Owner): boolean {
  if (owner.midway !== undefined) return true;
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const long = continueAsNewSuggested || historyLength >= owner.historyLimit;
  return long && owner.inbox.length + owner.steering.length + owner.asking === 0 && !hasWork(owner);
}
