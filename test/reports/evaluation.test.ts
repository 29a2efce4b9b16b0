import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluationReport } from '../../src/reports/index.js';
import type { EvaluationReportInput } from '../../src/reports/index.js';
import { candidate, dangers, evaluation, hostile } from './support.js';

const text = (html: string): string =>
  html.replace(/<style>[\s\S]*?<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('evaluation report', () => {
  it('says in one sentence what was decided, and shows the numbers behind it', async () => {
    const { html } = await evaluationReport(evaluation);
    expect(/<h1>(.*?)<\/h1>/.exec(html)?.[1]).toBe('Boosted is the best of 3: AUC 0.8631 ≥ 0.8.');
    const words = text(html);
    expect(words).toContain('Gate passed');
    expect(words).toMatch(/boosted ★ best logistic champion diabetes:7/);
    expect(words).toMatch(/AUC 0\.8631 \+0\.0219 0\.8312 −0\.01 0\.8412/);
    expect(words).toMatch(/✗ failed logistic AUC 0\.8312 is worse than 0\.8412/);
    expect(words).toMatch(/✗ failed neural its job failed: exit code 1/);
    expect(words).toContain('ValueError: &lt;b&gt;NaN&lt;/b&gt;');
    for (const fact of ['diabetes-train:3', 'c0de', evaluation.commit, 'reused'])
      expect(words).toContain(fact);
  });

  it('draws the metric with its threshold and the slices, described for those who cannot see', async () => {
    const { html } = await evaluationReport(evaluation);
    const labels = [...html.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toContain(
      'AUC: boosted 0.8631, logistic 0.8312, champion diabetes:7 0.8412; required ≥ 0.8',
    );
    expect(labels).toContain(
      'AUC by slice: under_40 boosted 0.855, under_40 logistic 0.81, under_40 champion diabetes:7 0.84',
    );
    expect(text(html)).not.toMatch(/AUC\.under_40/);
  });

  it('takes a dotted name for a slice only where its metric was logged too', async () => {
    const candidates = [candidate('a', { 'f1.0': 0.5, AUC: 0.7 })];
    const { gate, project, repository, commit, trigger } = evaluation;
    if (gate === undefined) throw new Error('the fixture has a gate');
    const { html } = await evaluationReport({ project, repository, commit, trigger, candidates, gate });
    expect(html).toContain('f1.0');
    expect(html).not.toContain('by slice');
  });

  it('is as good at bad news: nothing finished, nothing judged', async () => {
    const { project, repository, commit, trigger, candidates } = evaluation;
    const common = { project, repository, commit, trigger };
    const failures = candidates.filter(({ kind }) => kind === 'failed');
    const verdict = { passed: false, verdicts: [], summary: 'no candidate passes: neural: its job failed' };
    const failed = await evaluationReport({ ...common, candidates: failures, verdict });
    expect(text(failed.html)).toMatch(/No candidate passes: neural.*Gate not passed.*Failed candidate/);
    expect(failed.html).not.toContain('<svg');
    expect(failed.markdown).toMatch(/^### ❌/);
    const empty = await evaluationReport({ ...common, candidates: [] });
    expect(text(empty.html)).toContain('Not judged yet');
  });

  it('loads and runs nothing, whatever user code calls things', async () => {
    expect(dangers((await evaluationReport(evaluation)).html)).toEqual([]);
    const { html, markdown } = await evaluationReport(spoilt(hostile));
    expect(dangers(html)).toEqual([]);
    expect(html).not.toContain('javascript:1"');
    expect(markdown).not.toMatch(/<script|<img|@org|#1|^## h/m);
    expect(markdown).not.toMatch(/(?<!\\)\]\(javascript/);
  });

  it('gives a digest of the same numbers, at most 60 lines even of very much', async () => {
    const { markdown } = await evaluationReport(evaluation);
    expect(markdown).toContain('### ✅ diabetes: boosted is the best of 3');
    expect(markdown).toContain('| AUC | 0.8631 | 0.8312 | 0.8412 |');
    expect(markdown).toContain('- ✅ **boosted** AUC 0.8631 ≥ 0.8');
    const metrics = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`m${i}`, i]));
    const many = Array.from({ length: 100 }, (_, i) => candidate(`c${i}`, metrics));
    const failures = Array.from({ length: 100 }, (_, i) => ({
      kind: 'failed' as const,
      candidate: `f${i}`,
      reason: 'r\n'.repeat(50),
    }));
    const verdicts = many.map((one) => ({
      candidate: one.candidate,
      passed: false,
      reasons: ['x ✗', 'y ✗'],
    }));
    const verdict = { passed: false, verdicts, summary: 'no candidate passes' };
    const big = await evaluationReport({ ...evaluation, candidates: [...many, ...failures], verdict });
    expect(big.markdown.split('\n').length).toBeLessThanOrEqual(60);
    expect(big.markdown).toContain('185 more metrics and 95 more candidates in the report.');
  });

  it('never fails on a name or a number', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.double(), { maxKeys: 6 }),
        fc.string(),
        fc.double(),
        async (metrics, name, threshold) => {
          const gate = {
            metric: name,
            goal: 'minimize' as const,
            require: { [name]: { op: '<' as const, value: threshold } },
            minImprovement: 0,
          };
          const candidates = [
            candidate(name, { ...metrics, [name]: threshold, [`${name}.x`]: 1 }),
            candidate('b', metrics),
          ];
          const { html, markdown } = await evaluationReport({ ...evaluation, gate, candidates });
          expect(dangers(html)).toEqual([]);
          expect(html).not.toMatch(/<svg[^>]*(NaN|Infinity)/);
          expect(markdown.split('\n').length).toBeLessThanOrEqual(60);
        },
      ),
      { numRuns: 25 },
    ));
});

function spoilt(name: string): EvaluationReportInput {
  const metrics = { [name]: 0.5, [`${name}.slice ${name}`]: 0.4 };
  return {
    project: name,
    repository: name,
    commit: name,
    trigger: name,
    candidates: [
      candidate(name, metrics, {
        job: name,
        codeHash: name,
        data: { [name]: name },
        link: 'javascript:alert(1)',
      }),
      { kind: 'failed', candidate: name, reason: name, log: name, job: name, link: 'javascript:alert(1)' },
    ],
    gate: {
      metric: name,
      goal: 'maximize',
      require: { [name]: { op: '>=', value: 0.1 } },
      minImprovement: 0,
    },
    verdict: {
      passed: true,
      best: name,
      summary: name,
      verdicts: [{ candidate: name, passed: true, reasons: [name] }],
    },
    champion: { model: name, version: name, commit: name, metrics },
    links: { [name]: 'javascript:alert(1)', ok: 'https://example.com/"onmouseover="alert(1)' },
  };
}
