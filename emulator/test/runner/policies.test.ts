import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTerminate } from '../../src/runner/sweep/policies.js';
import type { Progress } from '../../src/runner/sweep/policies.js';

const running = (name: string, values: number[]): Progress => ({ name, values, running: true });
const none = new Map<string, number>();

describe('early termination', () => {
  it('by bandit ends what is beyond the slack of the best at the same interval', () => {
    const trials = [running('best', [0.7, 0.8]), running('near', [0.67]), running('far', [0.63])];
    const policy = { policyType: 'Bandit', slackFactor: 0.1, slackAmount: 0 } as const;
    // 0.7 / 1.1 = 0.636: the best value at interval 1, not the 0.8 that came later.
    expect(toTerminate(policy, true, trials, none)).toEqual(['far']);
    const amount = { policyType: 'Bandit', slackFactor: 0, slackAmount: 0.02 } as const;
    expect(toTerminate(amount, true, trials, none)).toEqual(['near', 'far']);
  });

  it('by median stopping compares the best so far with the running averages', () => {
    const trials = [running('a', [1, 1]), running('b', [3, 3]), running('c', [5, 5])];
    expect(toTerminate({ policyType: 'MedianStopping' }, true, trials, none)).toEqual(['a']);
    expect(toTerminate({ policyType: 'MedianStopping' }, false, trials, none)).toEqual(['c']);
  });

  it('by truncation ends the share that is worst', () => {
    const trials = [4, 1, 3, 2, 5].map((value) => running(String(value), [value]));
    const policy = { policyType: 'TruncationSelection', truncationPercentage: 40 } as const;
    expect(toTerminate(policy, true, trials, none)).toEqual(['1', '2']);
  });

  it('waits for its interval and its delay, and judges an interval once', () => {
    const policy = { policyType: 'MedianStopping', evaluationInterval: 2, delayEvaluation: 4 } as const;
    const at = (count: number) =>
      ['bad', 'good', 'good2'].map((name) =>
        running(name, Array<number>(count).fill(name === 'bad' ? 0 : 1)),
      );
    expect(toTerminate(policy, true, at(3), none)).toEqual([]);
    expect(toTerminate(policy, true, at(5), none)).toEqual(['bad']);
    expect(toTerminate(policy, true, at(5), new Map([['bad', 4]]))).toEqual([]);
  });

  it('never ends the best trial, nor one that has ended', () => {
    const trial = fc.record({
      values: fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 1 }),
      running: fc.boolean(),
    });
    const policy = fc.constantFrom(
      { policyType: 'Bandit', slackFactor: 0.2 } as const,
      { policyType: 'Bandit', slackAmount: 1 } as const,
      { policyType: 'MedianStopping' } as const,
      { policyType: 'TruncationSelection', truncationPercentage: 99 } as const,
    );
    fc.assert(
      fc.property(
        fc.array(trial, { minLength: 1, maxLength: 8 }),
        policy,
        fc.boolean(),
        (all, chosen, maximize) => {
          const trials = all.map((one, at) => ({ ...one, name: String(at) }));
          const ended = toTerminate(chosen, maximize, trials, none);
          const sorted = [...trials].sort((a, b) => (a.values[0] ?? 0) - (b.values[0] ?? 0));
          const best = maximize ? sorted.at(-1) : sorted[0];
          expect(ended).not.toContain(best?.name);
          for (const name of ended) expect(trials[Number(name)]?.running).toBe(true);
        },
      ),
    );
  });
});
