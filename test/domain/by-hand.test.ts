import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changesByHand, servingMost, trafficWithout } from '../../src/domain/by-hand.js';

const endpoint = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }).map((weights) => {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map((weight) => Math.floor((weight * 100) / total));
  const rest = 100 - shares.reduce((sum, share) => sum + share, 0);
  return Object.fromEntries(shares.map((share, index) => [`d-${index}`, share + (index === 0 ? rest : 0)]));
});

test('without any deployment the others carry everything, or nothing is left', () => {
  fc.assert(
    fc.property(endpoint, fc.nat(5), (traffic, which) => {
      const left = trafficWithout(traffic, `d-${which}`);
      const sum = Object.values(left).reduce((total, share) => total + share, 0);
      expect(left).not.toHaveProperty(`d-${which}`);
      expect(sum).toBe(servingMost(traffic, `d-${which}`) === undefined ? 0 : 100);
    }),
  );
});

test('what is as it was set has no difference, and any other share is told', () => {
  fc.assert(
    fc.property(endpoint, endpoint, (set, found) => {
      const deployments = Object.keys(found).map((name) => ({ name }));
      expect(
        changesByHand({ traffic: found, deployments: Object.keys(found) }, { traffic: found, deployments }),
      ).toEqual([]);
      const same =
        JSON.stringify(Object.entries(set).sort()) === JSON.stringify(Object.entries(found).sort());
      if (!same)
        expect(changesByHand({ traffic: set, deployments: [] }, { traffic: found, deployments })).not.toEqual(
          [],
        );
    }),
  );
});

test('a deployment that is gone is told', () => {
  expect(
    changesByHand(
      { traffic: { a: 100 }, deployments: ['a', 'b'] },
      { traffic: { a: 100 }, deployments: [{ name: 'a' }] },
    ),
  ).toEqual(['deployment b is gone']);
});
