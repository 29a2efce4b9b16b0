import { patched, workflowInfo } from '@temporalio/workflow';
import type { EndpointSnapshot } from '../../activities/contract.js';
import type { Comparison } from '../../domain/comparison.js';
import type { Environment, RolloutStep } from '../../domain/project.js';
import type { Release } from '../../domain/release.js';
import type { Midway } from '../messages.js';
import type { Owner, RolloutControl } from './context.js';

export interface Rollout {
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

export function kept(control: RolloutControl): Midway['control'] {
  const { current, next, paused, skipped, extendMs, grantedMs, question } = control;
  return {
    ...{ next, paused, extendMs, grantedMs },
    ...(skipped && { skipped }),
    ...(current !== undefined && { current }),
    ...(question !== undefined && { question }),
  };
}

/** Nothing that is not answered yet may be lost: it is asked of this run's history. */
export function hasGrownLong(owner: Owner): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  if (!continueAsNewSuggested && historyLength < owner.historyLimit) return false;
  return isQuiet(owner) && patched('rollouts go on in new runs');
}

/** Nobody waits for an answer, and the rollout is not about to be stopped. */
function isQuiet({ inbox, steering, asking, abort }: Owner): boolean {
  return inbox.length + steering.length + asking === 0 && abort === undefined;
}

export async function compare(
  { activities, input, parking }: Owner,
  { environment: { rollout: plan }, challenger }: Rollout,
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

export function nameOf({ kind, percent }: RolloutStep): string {
  return `${kind} ${percent} %`;
}
