import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DriftAnalysis, measureLook } from '../../src/monitoring/index.js';
import { readMeasured, writeMeasured } from '../../src/monitoring/job/result.js';
import type { MonitorPlan } from '../../src/domain/project.js';
import { bundleMonitoringJob } from '../../tools/build/monitoring-job.mjs';
import { baseline, collectedLine, folder, hour, noon, write } from './support.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

const plan: MonitorPlan = {
  ...{ schedule: '@daily', windowMs: 24 * hour, baseline: 'azureml:train@latest', onBreach: 'notify' },
  ...{ numericalThreshold: 0.1, categoricalThreshold: 0.1, minRows: 5 },
  predictions: { baseline: 'y', output: 'output' },
  performance: {
    ...{ labels: 'azureml:labels@latest', id: 'correlationid', label: 'truth', prediction: 'output' },
    require: { accuracy: { op: '>=', value: 0.5 } },
  },
};
const window = { fromMs: noon - 24 * hour, toMs: noon };

/** What an endpoint collected, as its folder is mounted: ten requests within the window, and some before it. */
async function collected(dir: string): Promise<string> {
  const lines = (value: (row: number) => unknown, atMs: number): string =>
    Array.from({ length: 10 }, (_, row) => `${collectedLine([value(row)], atMs, `id-${row}`)}\n`).join('');
  const place = async (collection: string, day: string, text: string): Promise<void> => {
    const path = join(dir, 'watched/blue', collection, day);
    await mkdir(path, { recursive: true });
    await write(path, 'worker.jsonl', text);
  };
  await place(
    'model_inputs',
    '2026/01/15/11',
    lines((x) => ({ x, kind: x % 2 === 0 ? 'a' : 'b' }), noon - hour),
  );
  await place(
    'model_inputs',
    '2026/01/13/11',
    lines(() => ({ x: 1e6 }), noon - 49 * hour),
  );
  await place(
    'model_outputs',
    '2026/01/15/11',
    lines((x) => ({ output: Number(x > 4) }), noon - hour),
  );
  return join(dir, 'watched');
}

/** Runs the job's program in a process of its own, as the build bundles it. */
async function measuredByJob(dir: string, options: Readonly<Record<string, string>>): Promise<string> {
  const program = join(dir, 'look.mjs');
  await bundleMonitoringJob(join(root, 'src/monitoring/job/main.ts'), program);
  await mkdir(join(dir, 'node_modules'));
  await cp(join(root, 'node_modules/@duckdb'), join(dir, 'node_modules/@duckdb'), { recursive: true });
  const result = join(dir, 'result');
  const args = Object.entries({ ...options, result }).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { ...process.env, MLOPS_LOOK: JSON.stringify({ plan, window }) };
  const { stdout } = await run(process.execPath, [program, ...args], { env, timeout: 60_000 });
  expect(stdout).toMatch(/^measuring 1 file of requests and 1 of answers, 2026-01-14T12:00:00.000Z to 2026/);
  return await readFile(join(result, 'measured.json'), 'utf8');
}

describe('the job that measures next to the data', () => {
  test('finds what the worker finds', async () => {
    const dir = await folder();
    const mounted = await collected(dir);
    const rows = Array.from({ length: 40 }, (_, row) => ({
      x: row % 10,
      kind: 'a',
      y: Number(row % 10 > 4),
    }));
    const trained = await baseline(dir, rows);
    const labels = await write(
      dir,
      'labels.csv',
      ['correlationid,truth', ...rows.slice(0, 10).map(({ y }, row) => `id-${row},${y}`)].join('\n'),
    );
    const text = await measuredByJob(dir, { collected: mounted, baseline: trained, labels });
    const hourOf = (collection: string): string => join(mounted, 'blue', collection, '2026/01/15/11');
    const here = await measureLook(
      { inputs: [hourOf('model_inputs')], outputs: [hourOf('model_outputs')], baseline: trained, labels },
      plan,
      window,
    );
    expect(here.drift).toMatchObject({ rows: 10, verdict: 'breach' });
    expect(here.performance).toMatchObject({ labelled: 10, metrics: { accuracy: 1 } });
    expect(readMeasured(text)).toEqual(here);
  });

  test('numbers that JSON does not know come back as they were', () => {
    const numbers = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 0.25);
    const statistic = fc.record({
      metric: fc.constant('NormalizedWassersteinDistance' as const),
      ...{ value: numbers, error: numbers },
    });
    fc.assert(
      fc.property(fc.array(statistic), numbers, (statistics, value) => {
        const side = {
          count: 1,
          nulls: 0,
          histogram: { kind: 'categories', labels: ['a'], shares: [1] },
        } as const;
        const feature: DriftAnalysis['features'][number] = {
          ...{ feature: 'x', metric: 'NormalizedWassersteinDistance', type: 'numerical' },
          ...{ value, threshold: 0.1, breached: true, statistics, baseline: side, current: side },
        };
        const drift: DriftAnalysis = {
          ...{ verdict: 'breach' as const, window, rows: 1, minRows: 1, baselineRows: 1, summary: 'x' },
          ...{ features: [feature], dataQuality: [] },
        };
        expect(readMeasured(writeMeasured({ drift }))).toEqual({ drift });
      }),
    );
  });

  test.each(['', '{}', '{"drift":{"verdict":"ok"}}', '[]', 'null'])(
    'refuses what is no result: %j',
    (text) => {
      expect(() => readMeasured(text)).toThrow();
    },
  );
});
