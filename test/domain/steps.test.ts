import { expect, test } from 'vitest';
import { readSteps } from '../../src/domain/steps.js';

test('an edited plan is read as mlops.yaml has it', () => {
  expect(
    readSteps(
      {
        steps: [
          { traffic: 30, for: '10m' },
          { traffic: { champion: 40, challenger: 60 }, for: '1h' },
        ],
      },
      10,
    ),
  ).toEqual({
    ok: true,
    steps: [
      { kind: 'traffic', percent: 30, forMs: 600_000 },
      { kind: 'traffic', percent: 60, forMs: 3_600_000 },
    ],
  });
  expect(readSteps({ steps: [] }, 10)).toEqual({ ok: true, steps: [] });
});

test.each([
  [
    { steps: [{ traffic: { champion: 50, challenger: 40 }, for: '1m' }] },
    'step 1: its traffic adds up to 90',
  ],
  [
    { steps: [{ traffic: { champion: 'half', challenger: 50 }, for: '1m' }] },
    'step 1: the traffic of champion is no whole percentage',
  ],
  [
    { steps: [{ traffic: { champion: 150, challenger: -50 }, for: '1m' }] },
    'step 1: the traffic of champion is no whole percentage',
  ],
  [{ steps: [{ traffic: 5, for: '1m' }] }, 'step 1: 5 % is not more than the 10 % before it'],
  [{ steps: [{ mirror: 5, for: '1m' }] }, 'mirrors after live traffic has begun'],
  [{ steps: [{ traffic: 20 }] }, 'does not say for how long'],
  [{ steps: [{ traffic: 20, for: 'soon' }, { traffic: 120 }] }, 'step 1: for is no duration'],
  [undefined, 'names no steps'],
  [{ steps: 'all' }, 'names no steps'],
  [{ steps: [null] }, 'step 1: traffic must be a whole percentage'],
])('%j is refused', (payload, problem) => {
  const read = readSteps(payload, 10);
  expect(read.ok ? '' : read.problems.join('\n')).toContain(problem);
});
