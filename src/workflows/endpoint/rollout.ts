import { condition, patched, workflowInfo } from '@temporalio/workflow';
import type { EndpointSnapshot } from '../../activities/contract.js';
import { servingMost } from '../../domain/by-hand.js';
import type { Comparison } from '../../domain/comparison.js';
import type { Environment, RolloutStep } from '../../domain/project.js';
import type { Release } from '../../domain/release.js';
import { trafficFor } from '../../domain/rollout.js';
import {
  describeComparison,
  describeExtension,
  nextHealthLookMs,
  ruleOnStep,
} from '../../domain/step-ruling.js';
import type { Midway } from '../messages.js';
import type { Owner, RolloutControl } from './context.js';
import { setTraffic, Unhealthy } from './deploy.js';
import { untilAsSet } from './standing.js';
import { remember } from './state.js';
import { showProgress } from './talk.js';
import { untilOpen } from './window.js';

interface Rollout {
  readonly release: Release;
  readonly environment: Environment;
  readonly challenger: string;
  readonly before: EndpointSnapshot;
  /** How late the traffic log shows a request. */
  readonly logsDelayMs: number;
}

/** The history has grown long: the rollout goes on in the next run, from the look that it had come to. */
export class Renewal extends Error {
  constructor(readonly at: Pick<Midway, 'control' | 'fromMs' | 'looks'>) {
    super('goes on in a new run');
  }
}

/**
 * Shifts traffic step by step and judges the challenger beside the champion between steps; throws `Unhealthy` when it
 * must not go on. What people say meanwhile changes `running.rollout`.
 */
export async function rollOut(owner: Owner, rollout: Rollout, resumes?: Midway): Promise<void> {
  const { environment, release, challenger, before } = rollout;
  const champion = servingMost(before.traffic, challenger);
  const control: RolloutControl = (resumes && owner.running?.rollout) ?? {
    // Nobody to protect: the first release takes everything at once.
    next: champion === undefined ? [] : environment.rollout.steps,
    paused: false,
    skipped: false,
    grantedMs: 0,
    extendMs: environment.rollout.compare?.extendMs ?? 0,
  };
  if (owner.running !== undefined) owner.running.rollout = control;
  if (resumes !== undefined && control.current !== undefined)
    await watchStep(owner, rollout, control, control.current, champion, resumes);
  for (;;) {
    await mayGoOn(owner, control);
    await untilOpen(owner, release, environment);
    if (stopped(owner, control)) continue;
    const [step, ...next] = control.next;
    if (step === undefined) break;
    Object.assign(control, { current: step, next, skipped: false, grantedMs: 0 });
    await untilAsSet(owner);
    const { live, mirror } = trafficFor(step, champion, challenger);
    await setTraffic(owner, { traffic: live, mirror, release });
    await showProgress(owner, `${nameOf(step)} to ${challenger}`);
    await watchStep(owner, rollout, control, step, champion);
  }
  if (champion !== undefined) await untilAsSet(owner);
  await setTraffic(owner, { traffic: { [challenger]: 100 }, mirror: {}, release });
  await showProgress(
    owner,
    owner.input.kind === 'batch' ? `${challenger} is the default` : `100 % to ${challenger}`,
  );
}

/** Waits while people hold the endpoint or pause the rollout. */
async function mayGoOn(owner: Owner, control: RolloutControl): Promise<void> {
  if (stopped(owner, control)) await showProgress(owner, stoppedBy(owner));
  await condition(() => !stopped(owner, control));
}

function stopped({ held }: Owner, { paused }: RolloutControl): boolean {
  return held || paused;
}

function stoppedBy({ held }: Owner): string {
  return held ? 'held by an operator' : 'paused by an operator';
}

/** Looks until the step is over, also while people keep it from going on: a canary that turns sick still goes back. */
async function watchStep(
  owner: Owner,
  { environment, challenger, logsDelayMs: delayMs }: Rollout,
  control: RolloutControl,
  step: RolloutStep,
  champion: string | undefined,
  since?: Midway,
): Promise<void> {
  const fromMs = since?.fromMs ?? Date.now();
  const plan = environment.rollout;
  for (let look = 1 + (since?.looks ?? 0); step.forMs > 0; look += 1) {
    await untilNextLook(owner, control, step, fromMs, delayMs);
    if (control.skipped) break;
    const clock = { elapsedMs: Date.now() - fromMs, delayMs, look, grantedMs: control.grantedMs };
    if (clock.elapsedMs <= delayMs) continue;
    const seen = await compare(owner, environment, challenger, champion, {
      fromMs,
      toMs: fromMs + clock.elapsedMs - delayMs,
    });
    const ruling = ruleOnStep(plan, step, seen, clock);
    if (ruling.kind === 'abort')
      throw new Unhealthy(`at ${step.kind} ${step.percent} %: ${ruling.reasons.join('; ')}`);
    ask(owner, control, ruling.kind === 'ask' ? ruling.reasons.join('; ') : undefined);
    if (ruling.kind === 'done' && !stopped(owner, control)) break;
    const extended = ruling.reasons.length > 0 ? `; ${describeExtension(plan, ruling.reasons)}` : '';
    await showProgress(
      owner,
      control.question ??
        `${stopped(owner, control) ? `${stoppedBy(owner)}: ` : ''}${nameOf(step)} to ${challenger}: ${describeComparison(seen)}${extended}`,
    );
    if (hasGrownLong(owner)) throw new Renewal({ control: kept(control), fromMs, looks: look });
  }
  ask(owner, control, undefined);
}

/** Nothing that is not answered yet may be lost: it is asked of this run's history. */
function hasGrownLong(owner: Owner): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  if (!continueAsNewSuggested && historyLength < owner.historyLimit) return false;
  return isQuiet(owner) && patched('rollouts go on in new runs');
}

/** Nobody waits for an answer, and the rollout is not about to be stopped. */
export function isQuiet({ inbox, steering, asking, abort }: Owner): boolean {
  return inbox.length + steering.length + asking === 0 && abort === undefined;
}

function kept({ current, next, paused, extendMs, grantedMs, question }: RolloutControl): Midway['control'] {
  return {
    ...{ next, paused, extendMs, grantedMs },
    ...(current !== undefined && { current }),
    ...(question !== undefined && { question }),
  };
}

/** People, who may answer at any moment, cut the pause short. */
async function untilNextLook(
  { timing }: Owner,
  control: RolloutControl,
  { forMs }: RolloutStep,
  fromMs: number,
  delayMs: number,
): Promise<void> {
  const elapsed = Date.now() - fromMs;
  const left = forMs + delayMs - elapsed;
  const pause = nextHealthLookMs(elapsed, forMs, timing.healthLookMs);
  const granted = control.grantedMs;
  const spoken = (): boolean => control.skipped || control.grantedMs > granted;
  await condition(spoken, Math.max(1, left > 0 ? Math.min(pause, left) : pause));
}

async function compare(
  { activities, input, parking }: Owner,
  { rollout: plan }: Environment,
  challenger: string,
  champion: string | undefined,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<Comparison> {
  const { workspace, endpoint } = input;
  return await parking.step('health', () =>
    activities.transfer.compareDeployments({
      workspace,
      endpoint,
      challenger,
      ...(champion !== undefined && { champion }),
      ...window,
      slower: plan.compare?.slower ?? 0,
      predictions: plan.abort.predictions !== undefined,
      metrics: plan.metrics ?? [],
    }),
  );
}

function ask(owner: Owner, control: RolloutControl, why: string | undefined): void {
  if (why === undefined) {
    delete control.question;
    return;
  }
  const question = `too little was seen, a person decides (\`resume\` waits longer, \`skip\` goes on, \`abort\` goes back): ${why}`;
  if (control.question === undefined) remember(owner, question);
  control.question = question;
}

function nameOf({ kind, percent }: RolloutStep): string {
  return `${kind} ${percent} %`;
}
