import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import type { RolloutStep } from '../../domain/project.js';
import { nextVigilLookMs, ruleOnStep } from '../../domain/step-ruling.js';
import type { Owner, RolloutControl } from './context.js';
import { Unhealthy } from './deploy.js';
import { compare, hasGrownLong, kept, nameOf, Renewal, type Rollout } from './looking.js';

/** A step that is over while its traffic still flows. */
export interface Standing {
  readonly step: RolloutStep;
  readonly champion: string | undefined;
  readonly fromMs: number;
  readonly looks: number;
}

interface Vigil {
  readonly owner: Owner;
  readonly rollout: Rollout;
  readonly control: RolloutControl;
  /** Whether it may go on in a new run: not while Azure is asked for something. */
  readonly renews: boolean;
}

/**
 * Does what may take long between two steps (hours that are closed, a person's word, a parked change of traffic) and
 * goes on looking meanwhile: a canary that turns sick over a weekend goes back although nobody shifts anything.
 */
export async function whileWatching<T>(
  vigil: Vigil,
  standing: Standing | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (standing === undefined) return await work();
  const [working, looking] = [new CancellationScope(), new CancellationScope()];
  let found: unknown;
  const watched = looking
    .run(() => lookOn(vigil, standing))
    .catch((error: unknown) => {
      if (isCancellation(error)) return;
      found = error;
      working.cancel();
    });
  try {
    return await working.run(work);
  } catch (error) {
    throw found ?? error;
  } finally {
    looking.cancel();
    await watched;
  }
}

/** Over the last stretch as long as the step: days of health must not outweigh an hour of failures. */
async function lookOn({ owner, rollout, control, renews }: Vigil, standing: Standing): Promise<never> {
  const { environment, challenger, logsDelayMs } = rollout;
  const { step, champion } = standing;
  const since = Date.now();
  for (let look = standing.looks + 1; ; look += 1) {
    const waited = Date.now() - since;
    await sleep(Math.max(1, nextVigilLookMs(waited, step.forMs, owner.timing.healthLookMs)));
    const toMs = Date.now() - logsDelayMs;
    const fromMs = Math.max(standing.fromMs, toMs - step.forMs);
    if (toMs <= fromMs) continue;
    const seen = await compare(owner, rollout, champion, { fromMs, toMs });
    // Never the look that ends the step: that one has been.
    const clock = { elapsedMs: -1, delayMs: logsDelayMs, look, grantedMs: 0 };
    const ruling = ruleOnStep(environment.rollout, step, seen, clock);
    if (ruling.kind === 'abort')
      throw new Unhealthy(`after ${nameOf(step)} to ${challenger}: ${ruling.reasons.join('; ')}`);
    if (renews && hasGrownLong(owner))
      throw new Renewal({ control: kept(control), fromMs: standing.fromMs, looks: look });
  }
}
