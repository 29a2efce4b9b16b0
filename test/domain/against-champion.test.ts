import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FinishedCandidate } from '../../src/domain/evaluation.js';
import { judge } from '../../src/domain/gate.js';
import type { Gate } from '../../src/domain/project.js';
import { champion, finished, gate } from './gate-fixtures.js';

describe('slices', () => {
  const sliced: Gate = { ...gate, minImprovement: 0, maxSliceLoss: 0.02 };
  const old = { ...champion, metrics: { AUC: 0.85, 'AUC.old': 0.8, 'AUC.young': 0.9, 'f1.old': 1 } };
  const reasons = (metrics: Record<string, number>): readonly string[] =>
    judge(sliced, [finished('a', metrics)], old).verdicts[0]?.reasons.slice(2) ?? [];

  test('one that loses more than allowed fails a challenger that is better on the whole', () => {
    const metrics = { AUC: 0.87, 'AUC.old': 0.77, 'AUC.young': 0.89 };
    expect(judge(sliced, [finished('a', metrics)], old).passed).toBe(false);
    expect(reasons(metrics)).toEqual([
      "AUC.old 0.77 loses 0.03 to the champion's 0.8, allowed 0.02 ✗",
      "AUC.young 0.89 loses 0.01 to the champion's 0.9, allowed 0.02 ✓",
    ]);
  });

  test('one that was not logged fails; without a champion there is nothing to lose', () => {
    expect(reasons({ AUC: 0.87, 'AUC.old': 0.81 })).toEqual([
      'AUC.young was not logged, the champion has it ✗',
    ]);
    expect(judge(sliced, [finished('a', { AUC: 0.87 })]).passed).toBe(true);
  });

  test('whatever the figures, a pass means that no slice lost more than allowed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('maximize' as const, 'minimize' as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(
          fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        ),
        (goal, maxSliceLoss, pairs) => {
          const side = (at: 0 | 1): Record<string, number> => ({
            AUC: 0.5,
            ...Object.fromEntries<number>(pairs.map((pair, i) => [`AUC.${i}`, pair[at]])),
          });
          const rule: Gate = { metric: 'AUC', goal, require: {}, minImprovement: 0, maxSliceLoss };
          const { passed } = judge(rule, [finished('a', side(1))], { ...champion, metrics: side(0) });
          const losses = pairs.map(([before, now]) => (goal === 'maximize' ? before - now : now - before));
          expect(passed).toBe(losses.every((loss) => loss <= maxSliceLoss + 1e-12));
        },
      ),
    );
  });
});

describe('figures of different data', () => {
  const now = { ...finished('a', { AUC: 0.8 }), data: { test: 'patients:2' } };
  const old = { ...champion, data: { test: 'patients:1' } };
  const reasons = (rule: Gate, data = old.data): readonly string[] =>
    judge(rule, [now], { ...old, data }).verdicts[0]?.reasons.slice(1) ?? [];

  test('are not compared, which stops a release that asked for an improvement', () => {
    expect(judge(gate, [now], old).passed).toBe(false);
    expect(reasons(gate)).toEqual([
      'AUC of the champion diabetes:3f2a was measured on other data (test patients:1, now patients:2), so nothing is compared; gate.evaluate scores both on the same ✗',
    ]);
    expect(judge({ ...gate, minImprovement: 0, maxSliceLoss: 0.1 }, [now], old).passed).toBe(false);
    expect(judge({ ...gate, minImprovement: 0 }, [now], old).passed).toBe(true);
    expect(reasons({ ...gate, minImprovement: 0 })).toEqual([
      'AUC of the champion diabetes:3f2a was measured on other data (test patients:1, now patients:2); not compared, gate.evaluate scores both on the same',
    ]);
    expect(reasons(gate, now.data)[0]).toContain('is worse than the champion');
  });

  test('do not matter where the champion has none, as a model that something else made', () => {
    const rule = { ...gate, minImprovement: 0, maxSliceLoss: 0.1 };
    const { passed, verdicts } = judge(rule, [now], { ...champion, metrics: {}, data: {} });
    expect(passed).toBe(true);
    expect(verdicts[0]?.reasons.at(-1)).toContain('has no AUC to compare with (it has: none); not compared');
  });

  test('of an evaluation are compared by its own data, and never otherwise', () => {
    const evaluated = (version: string) => ({ job: 'e', link: 'l', data: { test: version } });
    const passes = (ours: string, theirs: string): boolean =>
      judge(
        { ...gate, minImprovement: 0 },
        [{ ...finished('a', { AUC: 0.9 }), evaluation: evaluated(ours) }],
        {
          ...old,
          evaluation: evaluated(theirs),
        },
      ).passed;
    expect(passes('patients:3', 'patients:3')).toBe(true);
    expect(passes('patients:4', 'patients:3')).toBe(false);
  });

  test('a champion that could not be scored stops the release', () => {
    const verdict = judge({ ...gate, minImprovement: 0 }, [finished('a', { AUC: 0.9 })], {
      ...champion,
      evaluation: { problem: 'job evaluate-1 failed: KeyError' },
    });
    expect(verdict.passed).toBe(false);
    expect(verdict.summary).toContain('could not be scored beside it: job evaluate-1 failed: KeyError ✗');
  });
});

describe('the interval of the gain', () => {
  const evaluate = { job: { file: 'e.yml', set: {} }, resamples: 2_000 };
  const sure: Gate = { ...gate, minImprovement: -0.01, evaluate: { ...evaluate, confidence: 0.95 } };
  const scored = (low: number, high: number): FinishedCandidate => ({
    ...finished('a', { AUC: 0.86 }),
    evaluation: {
      ...{ job: 'e', link: 'l', data: {} },
      gain: { value: 0.01, low, high, confidence: 0.95, rows: 900, resamples: 2_000 },
    },
  });

  test('has to reach what is required where the gate says how sure', () => {
    const verdict = judge(sure, [scored(-0.0213, 0.04)], champion);
    expect(verdict.passed).toBe(false);
    expect(verdict.summary).toContain(
      'AUC gains -0.0213 to 0.04 over the champion at 95 % confidence (paired bootstrap, 900 rows), at least -0.01 required ✗',
    );
    expect(judge(sure, [scored(-0.01, 0.04)], champion).passed).toBe(true);
    expect(judge({ ...sure, evaluate }, [scored(-0.0213, 0.04)], champion).passed).toBe(true);
  });

  test('one that could not be had stops the release where it is required', () => {
    const { gain, ...evaluation } = scored(0, 1).evaluation ?? { job: 'e', link: 'l', data: {} };
    expect(gain).toBeDefined();
    const unsure = { ...scored(0, 1), evaluation: { ...evaluation, unsure: '9 rows' } };
    expect(judge(sure, [unsure], champion).summary).toContain(
      'no interval of the difference in AUC: 9 rows ✗',
    );
    expect(judge({ ...sure, evaluate }, [unsure], champion).passed).toBe(true);
  });

  test('whatever the figures, a pass means that its lower end is high enough', () => {
    const figure = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(figure, figure, figure, (a, b, minImprovement) => {
        const rule = { ...sure, require: {}, minImprovement };
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { passed } = judge(rule, [scored(low, high)], { ...champion, metrics: { AUC: -1 } });
        expect(passed).toBe(low + 1e-12 >= minImprovement);
      }),
    );
  });
});
