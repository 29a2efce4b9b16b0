import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmulatorContext } from '../../src/context.js';
import { keyOf } from '../../src/ids.js';
import { putResource, resourcesOf } from '../../src/resources.js';
import { createStore } from '../../src/store.js';
import type { Store } from '../../src/store.js';
import { createJobIndex } from '../../src/studio/job-index.js';
import type { JobIndex } from '../../src/studio/job-index.js';
import { createMetricHistories, thin } from '../../src/studio/metric-histories.js';
import { pageOf } from '../../src/studio/list-page.js';
import { W } from '../support/emulator.js';

let dir: string;
let store: Store;
let ctx: EmulatorContext;
let index: JobIndex;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'studio-rows-'));
  store = createStore(dir);
  // Of a context the index reads the store alone.
  ctx = { store } as unknown as EmulatorContext;
  index = createJobIndex(ctx);
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

function putJob(name: string, status: string, second = 0): void {
  const at = new Date(1_700_000_000_000 + second * 1000).toISOString();
  putResource(store, {
    id: `${W}/jobs/${name}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/jobs',
    properties: { jobType: 'Command', status, tags: { Team: 'Risk' } },
    systemData: { createdAt: at, createdBy: 'test', createdByType: 'User', lastModifiedAt: at },
  });
}

const shown = async () => (await index.jobs(W)).map(({ name, status }) => `${name} ${status}`);

describe('the index of jobs', () => {
  it('has what was there before, and follows what is made, changed and removed', async () => {
    putJob('a', 'Queued', 1);
    expect(await shown()).toEqual(['a Queued']);
    putJob('b', 'Queued', 2);
    putJob('a', 'Running', 1);
    expect(await shown()).toEqual(['b Queued', 'a Running']);
    resourcesOf(store).remove(keyOf(`${W}/jobs/b`));
    expect(await shown()).toEqual(['a Running']);
    expect(await index.jobs(`${W}x`)).toEqual([]);
  });

  it('shows nothing of a write that was taken back', async () => {
    putJob('a', 'Queued');
    await shown();
    const failing = () =>
      store.transaction(() => {
        putJob('a', 'Failed');
        putJob('b', 'Queued');
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(await shown()).toEqual(['a Queued']);
  });

  it('finds by tags, whatever their case', async () => {
    putJob('a', 'Queued');
    expect((await index.jobs(W))[0]?.text).toContain('team=risk');
  });
});

const values = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), {
  minLength: 1,
  maxLength: 3000,
});

describe('what is drawn of many values', () => {
  it('keeps the highest, the lowest and the last, in their order', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 10, max: 100 }), (all, most) => {
        const points = all.map((value, at) => ({ value, at }));
        const kept = thin(points, most);
        const numbers = (some: readonly { value: number | null }[]) =>
          some.flatMap(({ value }) => value ?? []);
        expect(kept.length).toBeLessThanOrEqual(most + 3);
        expect(kept.at(-1)).toBe(points.at(-1));
        expect(kept.map(({ at }) => at)).toEqual(
          kept.map(({ at }) => at).sort((left, right) => left - right),
        );
        expect(Math.max(...numbers(kept))).toBe(Math.max(...numbers(points)));
        expect(Math.min(...numbers(kept))).toBe(Math.min(...numbers(points)));
      }),
    );
  });

  it('is read on as a run logs, each value once', () => {
    putResource(store, {
      id: W,
      name: 'ws1',
      type: 'Microsoft.MachineLearningServices/workspaces',
      properties: {},
      systemData: { createdAt: '', createdBy: '', createdByType: '', lastModifiedAt: '' },
    });
    const metricsOf = createMetricHistories(ctx);
    const log = (chunk: number, ...steps: number[]) => {
      const key = `${keyOf(W)}|r`;
      const metrics = steps.map((step) => ({ key: 'loss', value: step / 2, step, timestamp: step }));
      store.collection('mlflow.metrics').put(`${key}|${String(chunk).padStart(10, '0')}`, metrics);
      store.collection('mlflow.runs').put(key, { metricChunks: chunk + 1 });
    };
    log(0, 0, 1);
    expect(metricsOf(W, 'r')).toMatchObject([{ name: 'loss', steps: [0, 1], values: [0, 0.5], count: 2 }]);
    log(1, 1, 2);
    expect(metricsOf(W, 'r')).toMatchObject([{ steps: [0, 1, 2], count: 3 }]);
  });
});

it.each([
  [undefined, 1],
  ['2', 2],
  ['999', 3],
  ['-4', 1],
  ['NaN', 1],
  ['1e400', 1],
  ['<b>', 1],
])('takes page=%s as page %i of three', (page, expected) => {
  const query = new URLSearchParams(page === undefined ? {} : { page });
  expect(pageOf([1, 2, 3, 4, 5], query, 2)).toMatchObject({ page: expected, pages: 3 });
});
