import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Share, WeightedChoice } from '../../src/scoring/traffic.js';

describe('WeightedChoice', () => {
  it('chooses each name exactly as often as its weight says, over any run of the sum of weights', () => {
    const weights = fc.dictionary(fc.string(), fc.integer({ min: 0, max: 30 }), { minKeys: 1, maxKeys: 5 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 3 }), (given, runs) => {
        const choice = new WeightedChoice();
        const total = Object.values(given).reduce((sum, weight) => sum + weight, 0);
        const counts = new Map<string | undefined, number>();
        for (let at = 0; at < total * runs; at += 1) {
          const name = choice.next(given);
          counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        for (const [name, weight] of Object.entries(given)) expect(counts.get(name) ?? 0).toBe(weight * runs);
      }),
    );
  });

  it('chooses nobody when no weight is positive', () => {
    expect(new WeightedChoice().next({ blue: 0 })).toBeUndefined();
  });
});

describe('Share', () => {
  it('says yes to exactly its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (percent) => {
        const share = new Share();
        const yes = Array.from({ length: 1000 }, () => share.next(percent / 100)).filter(Boolean);
        expect(yes.length).toBe(percent * 10);
      }),
    );
  });
});
