import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriftMetric, QualityFinding } from '../../src/domain/drift.js';
import { driftReport } from '../../src/reports/index.js';
import { age, clinic, dangers, drift, hostile } from './support.js';

const text = (html: string): string =>
  html.replace(/<style>[\s\S]*?<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' ');

describe('drift report', () => {
  it('says the verdict, then the features with the most drifted first', async () => {
    const { html } = await driftReport(drift);
    const words = text(html);
    expect(/<h1>(.*?)<\/h1>/.exec(html)?.[1]).toMatch(/^Drift in 1 of 2 features: Age 1\.14 &gt; 0\.1/);
    expect(words).toContain('2026-01-14 00:00 to 2026-01-15 00:00 UTC');
    expect(words.indexOf('Age numerical')).toBeLessThan(words.indexOf('Clinic categorical'));
    expect(words).toMatch(/Age numerical 1\.14 drifted 0\.1 30 → 44/);
    expect(words).toContain('Age: 13 of 800 values lie outside the range');
    expect(words).toMatch(/normalized Wasserstein distance .*azureml|azureml:diabetes-train:3/i);
  });

  it('draws baseline against now for numbers and categories', async () => {
    const { html } = await driftReport(drift);
    const labels = [...html.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toEqual([
      'Age: shares in the baseline and now; NormalizedWassersteinDistance 1.14',
      'Clinic: shares in the baseline and now; JensenShannonDistance 0.05',
    ]);
  });

  it('says what is missing where there is nothing to draw', async () => {
    const analysis = {
      ...drift.analysis,
      verdict: 'missing_data' as const,
      rows: 0,
      features: [],
      dataQuality: [{ kind: 'missing_data' as const, message: 'BMI: no request carries this feature' }],
      summary: 'no request was collected in the window',
    };
    const { html, markdown } = await driftReport({ ...drift, analysis });
    expect(text(html)).toMatch(/Missing data.*missing data BMI: no request carries this feature/);
    expect(markdown).toMatch(/^### ❔ diabetes-prod: no request was collected/);
  });

  it('loads and runs nothing, whatever columns and categories are called', async () => {
    expect(dangers((await driftReport(drift)).html)).toEqual([]);
    const shares = { kind: 'categories' as const, labels: [hostile, 'b'], shares: [0.5, 0.5] };
    const feature = {
      ...clinic,
      feature: hostile,
      metric: hostile as string as DriftMetric,
      baseline: { count: 1, nulls: 0, histogram: shares },
      current: { count: 1, nulls: 0, histogram: shares },
    };
    const analysis = {
      ...drift.analysis,
      features: [feature],
      summary: hostile,
      dataQuality: [{ kind: hostile as string as QualityFinding['kind'], message: hostile }],
    };
    const spoilt = {
      ...drift,
      project: hostile,
      endpoint: hostile,
      environment: hostile,
      baseline: hostile,
      links: { [hostile]: 'javascript:1' },
      analysis,
    };
    const { html, markdown } = await driftReport(spoilt);
    expect(dangers(html)).toEqual([]);
    expect(markdown).not.toMatch(/<script|<img|@org|#1|^## h/m);
  });

  it('gives a digest of the same numbers, at most 60 lines', async () => {
    const { markdown } = await driftReport(drift);
    expect(markdown).toContain(
      '| Age | **1.14** ⚠️ | 0.1 | 30 → 44 | **1.14** | 0.41 | **0.92** | 0.0001 | – |',
    );
    const features = Array.from({ length: 300 }, (_, i) => ({ ...age, feature: `f${i}` }));
    const dataQuality = Array.from({ length: 300 }, (_, i) => ({ kind: 'nulls' as const, message: `m${i}` }));
    const big = await driftReport({ ...drift, analysis: { ...drift.analysis, features, dataQuality } });
    expect(big.markdown.split('\n').length).toBeLessThanOrEqual(60);
    expect(big.html.match(/<svg/g)).toHaveLength(12);
  });

  it('never fails on a name or a number', () =>
    fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.array(fc.double(), { minLength: 9, maxLength: 9 }),
        async (name, numbers) => {
          const [value = 0, threshold = 0, a = 0, b = 0, c = 0, p = 0, q = 0, mean = 0, sd = 0] = numbers;
          const side = {
            count: 1,
            nulls: p,
            mean,
            sd,
            histogram: { kind: 'bins' as const, edges: [a, b, c], shares: [p, q] },
          };
          const feature = { ...age, feature: name, value, threshold, baseline: side, current: side };
          const window = { fromMs: value, toMs: threshold };
          const { html } = await driftReport({
            ...drift,
            window,
            analysis: { ...drift.analysis, features: [feature, clinic] },
          });
          expect(dangers(html)).toEqual([]);
        },
      ),
      { numRuns: 25 },
    ));

  it('tells performance, how the endpoint answered and all statistics, with the same numbers in the digest', async () => {
    const look = {
      drift: drift.analysis,
      performance: {
        labelled: 700,
        predictions: 800,
        metrics: { accuracy: 0.71 },
        verdict: 'breach' as const,
        checks: ['accuracy 0.71 is not ≥ 0.8 ✗'],
      },
      health: { requests: 900, errors: 9, errorRate: 0.01, p95: 120, refused: [{ status: 429, count: 9 }] },
    };
    const { html, markdown } = await driftReport({ ...drift, look });
    const words = text(html);
    expect(words).toMatch(/Labelled 700 of 800 accuracy 0\.71/);
    expect(words).toMatch(/9 of 900 requests \(1 %\) were answered 429/);
    expect(words).toMatch(/Age 1\.14 beyond 0\.1 0\.41 0\.92 beyond 0\.2 0\.0001/);
    expect(words).toContain('no distance is off by more than 0.0004');
    expect(markdown).toContain('- performance: accuracy 0.71 is not ≥ 0.8 ✗');
    expect(markdown).toContain('answered 429');
  });
});
