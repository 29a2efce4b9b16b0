import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CandidateResult } from '../../src/domain/evaluation.js';
import { judge } from '../../src/domain/gate.js';
import type { Gate } from '../../src/domain/project.js';
import { meets } from '../../src/domain/text.js';
import { champion, finished, gate } from './gate-fixtures.js';

describe('in words and numbers', () => {
  test('a challenger that beats the champion', () => {
    const verdict = judge(gate, [finished('boosted', { AUC: 0.861 })], champion);
    expect(verdict).toMatchObject({ passed: true, best: 'boosted' });
    expect(verdict.verdicts[0]).toEqual({
      candidate: 'boosted',
      passed: true,
      value: 0.861,
      reasons: [
        'AUC 0.861 ≥ 0.75 ✓',
        'AUC 0.861 beats the champion diabetes:3f2a (0.85) by 0.011, required 0.005 ✓',
      ],
    });
  });

  test('an improvement of exactly what is required suffices, whatever binary fractions make of it', () => {
    expect(judge(gate, [finished('a', { AUC: 0.855 })], champion).passed).toBe(true);
  });

  test('one that is too little, and one that is worse', () => {
    const reasons = (AUC: number): string => judge(gate, [finished('a', { AUC })], champion).summary;
    expect(reasons(0.852)).toContain('beats the champion diabetes:3f2a (0.85) by 0.002, required 0.005 ✗');
    expect(reasons(0.8)).toContain(
      'is worse than the champion diabetes:3f2a (0.85) by 0.05, required 0.005 ✗',
    );
  });

  test('numbers that look the same get the digits that tell them apart', () => {
    expect(judge(gate, [finished('a', { AUC: 0.74999999 })]).summary).toContain(
      'AUC 0.74999999 is not ≥ 0.75 ✗',
    );
  });

  test('a metric that nobody logged is answered with those that were', () => {
    const { passed, verdicts } = judge(gate, [finished('a', { auc: 0.9, accuracy: 0.8 })]);
    expect(passed).toBe(false);
    expect(verdicts[0]?.reasons).toEqual([
      'AUC was not logged; logged were accuracy, auc; did you mean auc? ✗',
    ]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%s decides nothing', (AUC) => {
    expect(judge({ ...gate, require: {} }, [finished('a', { AUC })])).toMatchObject({ passed: false });
  });

  test('a job that failed says why and does not sink the other', () => {
    const results: CandidateResult[] = [
      { kind: 'failed', candidate: 'a', reason: 'ModuleNotFoundError' },
      finished('b', { AUC: 0.8 }),
    ];
    const verdict = judge(gate, results);
    expect(verdict).toMatchObject({ passed: true, best: 'b' });
    expect(verdict.verdicts[0]?.reasons).toEqual(['its job failed: ModuleNotFoundError']);
  });

  test('a run without a model can pass but not be released', () => {
    const verdict = judge(gate, [finished('a', { AUC: 0.9 }, false), finished('b', { AUC: 0.8 })]);
    expect(verdict.best).toBe('b');
    const alone = judge(gate, [finished('a', { AUC: 0.9 }, false)]);
    expect(alone).toMatchObject({ passed: false, verdicts: [{ passed: true }] });
    expect(alone.summary).toContain('no run logged a model');
  });

  test('a champion without the metric stops a release only where an improvement is asked for', () => {
    const other = { ...champion, metrics: { accuracy: 0.8 } };
    expect(judge(gate, [finished('a', { AUC: 0.9 })], other)).toMatchObject({ passed: false });
    expect(judge({ ...gate, minImprovement: 0 }, [finished('a', { AUC: 0.9 })], other)).toMatchObject({
      passed: true,
    });
  });

  test('smaller is better where the goal says so', () => {
    const loss: Gate = { metric: 'loss', goal: 'minimize', require: {}, minImprovement: 0.1 };
    const old = { ...champion, metrics: { loss: 0.5 } };
    const verdict = judge(loss, [finished('a', { loss: 0.45 }), finished('b', { loss: 0.3 })], old);
    expect(verdict.best).toBe('b');
    expect(verdict.verdicts[0]?.passed).toBe(false);
  });

  test('without a gate a finished run passes; without a candidate nothing does', () => {
    expect(judge(undefined, [finished('a', {})])).toMatchObject({ passed: true, best: 'a' });
    expect(judge(gate, [])).toMatchObject({ passed: false, summary: 'no candidate was trained' });
  });
});

const metric = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0.75, 0.85, 0.855),
);
const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'constructor'), { maxLength: 5 });
const results = names.chain((all) =>
  fc.tuple(
    ...all.map((candidate) =>
      fc.oneof(
        fc
          .record({ AUC: metric, other: metric }, { requiredKeys: [] })
          .chain((metrics) =>
            fc.boolean().map((hasModel): CandidateResult => finished(candidate, metrics, hasModel)),
          ),
        fc.constant<CandidateResult>({ kind: 'failed', candidate, reason: 'x' }),
      ),
    ),
  ),
);
const gates = fc.record({
  metric: fc.constantFrom('AUC', 'other'),
  goal: fc.constantFrom<Gate['goal']>('maximize', 'minimize'),
  require: fc.dictionary(
    fc.constantFrom('AUC', 'other'),
    fc.record({
      op: fc.constantFrom('>=' as const, '>' as const, '<=' as const, '<' as const),
      value: fc.constantFrom(0.5, 0.75),
    }),
  ),
  minImprovement: fc.constantFrom(0, 0.005, 0.2),
});
const champions = fc.option(
  fc.record({ AUC: metric }).map((metrics) => ({ ...champion, metrics })),
  { nil: undefined },
);

describe('properties', () => {
  test('the order of the candidates does not matter', () => {
    const shuffled = results.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(gates, shuffled, champions, (rule, [one, other], old) => {
        const [a, b] = [judge(rule, one, old), judge(rule, other, old)];
        expect([b.best, b.passed, b.summary]).toEqual([a.best, a.passed, a.summary]);
      }),
    );
  });

  test('the best meets every requirement, has a model, and no other that does is better', () => {
    fc.assert(
      fc.property(gates, results, champions, (rule, all, old) => {
        const verdict = judge(rule, all, old);
        const best = all.find(({ candidate }) => candidate === verdict.best);
        if (best === undefined) return;
        if (best.kind === 'failed' || best.model === undefined)
          throw new Error('picked what cannot be registered');
        for (const [name, condition] of Object.entries(rule.require)) {
          expect(meets(best.metrics[name] ?? Number.NaN, condition)).toBe(true);
        }
        const value = best.metrics[rule.metric] ?? Number.NaN;
        expect(Number.isFinite(value)).toBe(true);
        for (const { candidate, passed, value: rival } of verdict.verdicts) {
          const other = all.find((result) => result.candidate === candidate);
          if (!passed || rival === undefined || other?.kind !== 'finished' || other.model === undefined)
            continue;
          expect(rule.goal === 'maximize' ? rival <= value : rival >= value).toBe(true);
        }
      }),
    );
  });

  test('a better metric never turns a pass into a failure', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(score, score, fc.constantFrom(0, 0.005, 0.2), (a, b, minImprovement) => {
        const rule = { ...gate, minImprovement };
        const passes = (AUC: number): boolean => judge(rule, [finished('a', { AUC })], champion).passed;
        expect(passes(Math.min(a, b)) && !passes(Math.max(a, b))).toBe(false);
      }),
    );
  });
});
