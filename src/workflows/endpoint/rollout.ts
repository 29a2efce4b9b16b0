import { condition, patched } from '@temporalio/workflow';
import { servingMost } from '../../domain/by-hand.js';
import type { RolloutStep } from '../../domain/project.js';
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
import { compare, hasGrownLong, kept, nameOf, Renewal, type Rollout } from './looking.js';
import { untilAsSet } from './standing.js';
import { remember } from './state.js';
import { showProgress } from './talk.js';
import { type Standing, whileWatching } from './vigil.js';
import { untilOpen } from './window.js';

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
  const vigilant = patched('look on between steps');
  const minded = vigilant && champion !== undefined ? [champion, challenger] : [];
  let standing: Standing | undefined;
  const watch = async (step: RolloutStep, since?: Midway): Promise<void> => {
    const looked = await watchStep(owner, rollout, { control, step, champion, vigilant }, since);
    standing = vigilant && step.forMs > 0 ? { step, champion, ...looked } : undefined;
  };
  const meanwhile = <T>(work: () => Promise<T>, renews = false): Promise<T> =>
    whileWatching({ owner, rollout, control, renews }, standing, work);
  if (resumes !== undefined && control.current !== undefined) await watch(control.current, resumes);
  for (;;) {
    await meanwhile(() => mayGoOn(owner, control), true);
    await meanwhile(() => untilOpen(owner, release, environment), true);
    if (stopped(owner, control)) continue;
    const [step, ...next] = control.next;
    if (step === undefined) break;
    Object.assign(control, { current: step, next, skipped: false, grantedMs: 0 });
    await meanwhile(() => untilAsSet(owner, minded));
    const { live, mirror } = trafficFor(step, champion, challenger);
    await meanwhile(() => setTraffic(owner, { traffic: live, mirror, release }));
    await showProgress(owner, `${nameOf(step)} to ${challenger}`);
    await watch(step);
  }
  if (champion !== undefined) await meanwhile(() => untilAsSet(owner, minded));
  await meanwhile(() => setTraffic(owner, { traffic: { [challenger]: 100 }, mirror: {}, release }));
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

/** Looks until the step is over. */
async function watchStep(
  owner: Owner,
  rollout: Rollout,
  { control, step, champion, vigilant }: Watched,
  since?: Midway,
): Promise<Pick<Standing, 'fromMs' | 'looks'>> {
  const { environment, challenger, logsDelayMs: delayMs } = rollout;
  const fromMs = since?.fromMs ?? Date.now();
  const plan = environment.rollout;
  let look = 1 + (since?.looks ?? 0);
  for (; step.forMs > 0; look += 1) {
    await untilNextLook(owner, control, step, fromMs, delayMs);
    if (control.skipped) break;
    const clock = { elapsedMs: Date.now() - fromMs, delayMs, look, grantedMs: control.grantedMs };
    if (clock.elapsedMs <= delayMs) continue;
    const seen = await compare(owner, rollout, champion, {
      fromMs,
      toMs: fromMs + clock.elapsedMs - delayMs,
    });
    const ruling = ruleOnStep(plan, step, seen, clock, vigilant);
    if (ruling.kind === 'abort')
      throw new Unhealthy(`at ${step.kind} ${step.percent} %: ${ruling.reasons.join('; ')}`);
    ask(owner, control, ruling.kind === 'ask' ? ruling.reasons.join('; ') : undefined);
    if (ruling.kind === 'done' && (vigilant || !stopped(owner, control))) break;
    const extended = ruling.reasons.length > 0 ? `; ${describeExtension(plan, ruling.reasons)}` : '';
    await showProgress(
      owner,
      control.question ??
        `${stopped(owner, control) ? `${stoppedBy(owner)}: ` : ''}${nameOf(step)} to ${challenger}: ${describeComparison(seen)}${extended}`,
    );
    if (hasGrownLong(owner)) throw new Renewal({ control: kept(control), fromMs, looks: look });
  }
  ask(owner, control, undefined);
  return { fromMs, looks: look };
}

interface Watched {
  readonly control: RolloutControl;
  readonly step: RolloutStep;
  readonly champion: string | undefined;
  /** False for a rollout that began when nobody looked on between steps. */
  readonly vigilant: boolean;
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

function ask(owner: Owner, control: RolloutControl, why: string | undefined): void {
  if (why === undefined) {
    delete control.question;
    return;
  }
  const question = `too little was seen, a person decides (\`resume\` waits longer, \`skip\` goes on, \`abort\` goes back): ${why}`;
  if (control.question === undefined) remember(owner, question);
  control.question = question;
}
