import { max, mean, median, min } from 'd3-array';
import type { Policy } from './spec.js';

/** What a trial has logged of the primary metric, in order: the n-th value is its n-th interval. */
export interface Progress {
  readonly name: string;
  readonly values: readonly number[];
  readonly running: boolean;
}

/**
 * The running trials that an early termination policy ends, by what all trials have logged so far. Pure.
 * Rules: https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters#early-termination
 * `judged` keeps the interval at which each trial was judged last, so that none is judged twice for the same.
 */
export function toTerminate(
  policy: Policy,
  maximize: boolean,
  trials: readonly Progress[],
  judged: ReadonlyMap<string, number>,
): string[] {
  const every = Math.max(1, policy.evaluationInterval ?? 1);
  const delay = policy.delayEvaluation ?? 0;
  return trials
    .filter(({ name, values, running }) => {
      const interval = lastInterval(values.length, every);
      const isDue = interval >= Math.max(every, delay) && interval > (judged.get(name) ?? 0);
      return running && isDue;
    })
    .filter((trial) => {
      const interval = lastInterval(trial.values.length, every);
      const reached = trials.filter(({ values }) => values.length >= interval);
      return isWorse(policy, maximize, trial, reached, interval);
    })
    .map(({ name }) => name);
}

/** The last interval at which a trial that logged so many values is judged. */
export function lastInterval(count: number, every: number): number {
  return Math.floor(count / every) * every;
}

function isWorse(
  policy: Policy,
  maximize: boolean,
  trial: Progress,
  reached: readonly Progress[],
  interval: number,
): boolean {
  const bestUntil = ({ values }: Progress) => bestOf(values.slice(0, interval), maximize);
  const own = bestUntil(trial);
  switch (policy.policyType) {
    case 'Bandit': {
      const limit = withSlack(bestOf(reached.map(bestUntil), maximize), policy, maximize);
      return maximize ? own < limit : own > limit;
    }
    case 'MedianStopping': {
      const middle = median(reached, ({ values }) => mean(values.slice(0, interval))) ?? own;
      return maximize ? own < middle : own > middle;
    }
    case 'TruncationSelection': {
      const worse = reached.filter((other) => {
        const theirs = other.values[interval - 1] ?? 0;
        const mine = trial.values[interval - 1] ?? 0;
        return maximize ? theirs < mine : theirs > mine;
      });
      const cut = Math.floor((reached.length * policy.truncationPercentage) / 100);
      return worse.length < cut;
    }
  }
}

function bestOf(values: readonly number[], maximize: boolean): number {
  return (maximize ? max(values) : min(values)) ?? Number.NaN;
}

/** A slack of nothing lets nothing but the best go on, so an amount counts only where it is given; 0 is sent for none. */
function withSlack(best: number, policy: Policy & { policyType: 'Bandit' }, maximize: boolean): number {
  const amount = policy.slackAmount ?? 0;
  if (amount > 0) return maximize ? best - amount : best + amount;
  const factor = policy.slackFactor ?? 0;
  // The factor is a share of the best's size: of a negative best, dividing would ask for more than the best.
  const share = Math.abs(best) * (maximize ? 1 - 1 / (1 + factor) : factor);
  return maximize ? best - share : best + share;
}
