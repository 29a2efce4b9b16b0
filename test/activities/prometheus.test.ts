import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Dependencies } from '../../src/activities/dependencies.js';
import { measure } from '../../src/activities/measure.js';
import type { AzureMl } from '../../src/azureml/index.js';
import { type Prometheus, startPrometheus, withoutPrometheus } from '../support/prometheus.js';

describe.skipIf(withoutPrometheus)('a metric of a rollout that Prometheus answers', () => {
  let prometheus: Prometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus();
  });
  afterAll(() => prometheus.stop());

  const ask = async (query: string, url = prometheus.url) => {
    const deps = { prometheusUrl: url } as Dependencies;
    const rule = { name: 'metric', source: 'prometheus', query, abort: { op: '>', value: 1 } } as const;
    const toMs = Date.now();
    const scope = { endpoint: 'live', deployment: 'self', fromMs: toMs - 60_000, toMs };
    return await measure(deps, {} as AzureMl, rule, scope);
  };

  test('is the first element of a vector, or a scalar', async () => {
    expect(await ask('up{job="{deployment}"}')).toBe(1);
    expect(await ask('scalar(vector(42))')).toBe(42);
    expect(
      await ask('sum(rate(prometheus_http_requests_total[1m])) >= 0 or vector(0)'),
    ).toBeGreaterThanOrEqual(0);
  });

  test('that is no number, or cannot be had, says why', async () => {
    expect(await ask('up{job="nobody"}')).toBe('its query gives no number');
    expect(await ask('vector(0) / 0')).toBe('its query gives no number');
    expect(await ask('sum(')).toMatch(/^its query failed: Prometheus answers 400: .*parse error/);
    expect(await ask('up', 'http://127.0.0.1:9')).toContain('its query failed');
  });
});
