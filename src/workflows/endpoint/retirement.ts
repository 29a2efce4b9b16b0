import { condition } from '@temporalio/workflow';
import { planRetirement, readWish, type RetirementOrder } from '../../domain/retirement.js';
import { formatMs } from '../../domain/text.js';
import { awaitOperation } from '../awaiting.js';
import { messageOf } from '../failures.js';
import type { EndpointPlace } from '../messages.js';
import type { Owner, Retirement } from './context.js';
import { kindOf, removeDeployment, setTraffic } from './deploy.js';
import { read } from './standing.js';
import { remember, show } from './state.js';
import { showOnGitHub } from './surface.js';
import type { Described } from './steering-effects.js';
import { finish } from './talk.js';

/** What would go, as it was put to people. */
export type RetirementPlan = Pick<RetirementOrder, 'text' | 'deployments' | 'models' | 'drainMs'>;

/** Reads what the endpoint holds and who called it, for the question to the approvers. */
export async function considerRetirement(
  owner: Owner,
  payload: unknown,
): Promise<Described & { plan?: RetirementPlan }> {
  const { input, timing, parking, activities, champion, previous } = owner;
  if (owner.retirement !== undefined) return { ok: false, problem: 'it is being retired already' };
  const read = readWish(payload, timing.drainMs);
  if (!read.ok) return read;
  const { endpoint } = input;
  const survey = await parking.step('who calls the endpoint', () =>
    activities.quick.surveyEndpoint({ ...place(input), days: read.wish.days }),
  );
  if (!survey.exists) return { ok: false, problem: 'the endpoint is gone from Azure' };
  const earlier = [champion, previous].flatMap((known) => (known === undefined ? [] : [known.model]));
  const plan = planRetirement(endpoint, survey, read.wish, earlier);
  return { ok: true, text: plan.text, plan };
}

/** The main loop carries it out once nothing else runs. */
export function orderRetirement(owner: Owner, order: RetirementOrder): void {
  owner.retirement = { order, stage: 'queued' };
  remember(owner, `retires the endpoint${order.by}: ${order.text}`);
}

/**
 * Takes the endpoint down: traffic first, then, after a while in which one word brings it back, deployments, endpoint,
 * monitoring; model versions are archived, records stay. Doing any of it twice finds it done.
 * @returns whether it is gone
 */
export async function retireEndpoint(owner: Owner, retirement: Retirement): Promise<boolean> {
  const before = await read(owner);
  try {
    await begin(owner, retirement);
    await drain(owner, retirement);
  } catch (error) {
    return await stay(owner, before.traffic, messageOf(error));
  }
  if (retirement.stop !== undefined) return await stay(owner, before.traffic, retirement.stop);
  const changed = await changedMeanwhile(owner, retirement);
  if (changed !== undefined) return await stay(owner, before.traffic, changed);
  enter(owner, retirement, 'deleting');
  try {
    await remove(owner, retirement);
    return true;
  } catch (error) {
    delete owner.retirement;
    remember(owner, `retiring stopped half way, say \`retire\` again: ${messageOf(error)}`);
    return false;
  }
}

async function begin(owner: Owner, retirement: Retirement): Promise<void> {
  const { activities, input, parking } = owner;
  await parking.step('who may retire the endpoint', () =>
    activities.transfer.beginRetirement({ ...place(input), order: retirement.order }),
  );
  for (const release of owner.waiting) await finish(owner, release, goes(owner, retirement));
  owner.waiting = [];
  owner.proceeding.clear();
  owner.breaches = [];
}

/** The answer to everybody who wants to release here. */
export function goes(
  { input }: Owner,
  { order: { by } }: Retirement,
): { readonly kind: 'failed'; readonly reason: string } {
  return { kind: 'failed', reason: `the endpoint ${input.endpoint} is being retired${by}` };
}

async function drain(owner: Owner, retirement: Retirement): Promise<void> {
  await setTraffic(owner, { traffic: {}, mirror: {} });
  retirement.deletesAt = Date.now() + retirement.order.drainMs;
  enter(owner, retirement, 'draining');
  remember(
    owner,
    `answers nothing any more; \`abort\` brings it back within ${formatMs(retirement.order.drainMs)}`,
  );
  await condition(() => retirement.stop !== undefined, Math.max(1, retirement.order.drainMs));
  // Whoever says `hold` now wants to look first.
  await condition(() => !owner.held || retirement.stop !== undefined);
}

function enter(owner: Owner, retirement: Retirement, stage: Retirement['stage']): void {
  retirement.stage = stage;
  show(owner);
}

async function changedMeanwhile(
  owner: Owner,
  { order: { deployments } }: Retirement,
): Promise<string | undefined> {
  const now = await read(owner);
  if (Object.keys(now.traffic).length > 0)
    return `somebody gave traffic to ${Object.keys(now.traffic).join(', ')} meanwhile`;
  const unasked = now.deployments.filter(({ name }) => !deployments.includes(name));
  return unasked.length === 0
    ? undefined
    : `${unasked.map(({ name }) => name).join(', ')} came meanwhile, which nobody was asked about`;
}

async function stay(owner: Owner, traffic: Owner['traffic'], why: string): Promise<false> {
  delete owner.retirement;
  try {
    const now = await read(owner);
    if (Object.keys(now.traffic).length === 0) await setTraffic(owner, { traffic, mirror: {} });
    remember(owner, `the endpoint stays and serves as before: ${why}`);
  } catch (error) {
    remember(owner, `the endpoint stays (${why}); putting its traffic back failed: ${messageOf(error)}`);
  }
  return false;
}

async function remove(owner: Owner, { order }: Retirement): Promise<void> {
  const { activities, core, input, parking, timing } = owner;
  const { source, project, environment } = order.release;
  const { endpoints } = await parking.step('load', () => core.loadProject({ source, project }));
  const scheduleId = endpoints[environment]?.scheduleId;
  if (scheduleId !== undefined) await parking.step('monitoring', () => core.removeMonitor({ scheduleId }));
  const { deployments } = await read(owner);
  for (const { name } of deployments) await removeDeployment(owner, name);
  delete owner.champion;
  delete owner.previous;
  owner.retiring = [];
  await parking.step(`delete ${input.endpoint}`, async () => {
    const operation = await activities.transfer.beginDeleteEndpoint({ ...place(input), order });
    await awaitOperation(activities, input.workspace, operation, timing);
  });
  const { models } = await parking.step('archive the models', () =>
    activities.transfer.finishRetirement({ ...place(input), order }),
  );
  remember(owner, `${input.endpoint} is gone; ${models.join('; ')}`);
  await showOnGitHub(order.release, 'inactive', `the endpoint was retired${order.by}`);
}

function place(input: Owner['input']): EndpointPlace {
  const { workspace, endpoint } = input;
  return { workspace, endpoint, ...kindOf(input) };
}
