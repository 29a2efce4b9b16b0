import { expect, test } from 'vitest';
import {
  describeCallers,
  type EndpointSurvey,
  planRetirement,
  readWish,
} from '../../src/domain/retirement.js';

const minute = 60_000;
const survey: EndpointSurvey = {
  exists: true,
  deployments: [
    { name: 'd-1', model: { name: 'diabetes', version: '3' } },
    { name: 'd-2', model: { name: 'diabetes', version: '3' } },
    { name: 'blue' },
  ],
  callers: [{ agent: '', identity: '', requests: 4, lastAt: 0 }],
};

test('a wish is read with its defaults, and every mistake says what is allowed', () => {
  expect(readWish(undefined, 15 * minute)).toEqual({ ok: true, wish: { days: 7, drainMs: 15 * minute } });
  expect(readWish({ days: 30, drain: '2h' }, minute)).toEqual({
    ok: true,
    wish: { days: 30, drainMs: 120 * minute },
  });
  for (const days of [0, 91, 1.5, '7', null]) expect(readWish({ days }, minute)).toMatchObject({ ok: false });
  for (const drain of ['soon', 5, '40d', {}])
    expect(readWish({ drain }, minute)).toMatchObject({ ok: false });
});

test('what goes is named once, with what its owner remembers', () => {
  const plan = planRetirement('live', survey, { days: 1, drainMs: 15 * minute }, [
    { name: 'diabetes', version: '2' },
    { name: 'diabetes', version: '3' },
  ]);
  expect(plan.deployments).toEqual(['d-1', 'd-2', 'blue']);
  expect(plan.models.map(({ version }) => version)).toEqual(['3', '2']);
  expect(plan.text).toBe(
    'retire the endpoint live: 4 requests in the last day, from a caller without a User-Agent (4, last 1970-01-01 00:00 UTC); its traffic goes first; after 15m, in which `abort` brings it back, deployments d-1, d-2, blue, the endpoint and its monitoring are deleted; model versions diabetes:3, diabetes:2 archived unless something else serves it; records and jobs stay',
  );
});

test('callers: none, unknown, and more than fit', () => {
  expect(describeCallers({ ...survey, callers: [] }, 7)).toBe('nobody called it in the last 7 days');
  expect(describeCallers({ ...survey, callersUnknown: 'no Log Analytics' }, 7)).toContain('no Log Analytics');
  const callers = Array.from({ length: 12 }, (_, index) => ({
    ...{ agent: 'x'.repeat(500), identity: '', requests: 1 },
    lastAt: index,
  }));
  const text = describeCallers({ ...survey, callers }, 7);
  expect(text).toContain('12 requests in the last 7 days');
  expect(text).toContain('and 2 more');
  expect(text.length).toBeLessThan(1_500);
});
