import { describe, expect, it } from 'vitest';
import type { DriftAnalysis } from '../../src/domain/drift.js';
import { describeRefused, endpointHealth } from '../../src/domain/endpoint-health.js';
import { concludeLook } from '../../src/domain/monitoring.js';

const drift = (verdict: DriftAnalysis['verdict']): DriftAnalysis => ({
  verdict,
  window: { fromMs: 0, toMs: 1 },
  rows: 1,
  minRows: 1,
  baselineRows: 1,
  features: [],
  dataQuality: [],
  summary: `inputs ${verdict}`,
});
const rows = (statuses: readonly number[]) => statuses.map((status, at) => ({ at, status, durationMs: 10 }));

describe('a look as a whole', () => {
  it('takes a breach before missing data, and missing data never for a pass', () => {
    const performance = {
      labelled: 9,
      predictions: 10,
      metrics: {},
      verdict: 'breach',
      checks: ['auc 0.5 ✗'],
    } as const;
    expect(concludeLook({ drift: drift('ok') }).verdict).toBe('ok');
    expect(concludeLook({ drift: drift('ok'), predictions: drift('missing_data') }).verdict).toBe(
      'missing_data',
    );
    const look = concludeLook({ drift: drift('missing_data'), predictions: drift('ok'), performance });
    expect(look).toEqual({
      verdict: 'breach',
      summary: 'inputs missing_data; predictions: inputs ok; performance: auc 0.5 ✗',
    });
  });

  it('says what 429 and 424 mean, the more frequent first', () => {
    const health = endpointHealth(rows([200, 429, 424, 429, 200]));
    expect(health).toMatchObject({ requests: 5, p95: 10 });
    expect(describeRefused(health)).toEqual([
      expect.stringMatching(/^2 of 5 requests \(40 %\) were answered 429: more requests at once/),
      expect.stringMatching(/^1 of 5 requests \(20 %\) were answered 424: the model failed/),
    ]);
    expect(concludeLook({ drift: drift('ok'), health }).summary).toContain('answered 429');
    expect(describeRefused(endpointHealth(rows([200])))).toEqual([]);
  });
});
