import { open } from 'lmdb';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStore } from '../../src/store.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const job = (at: number) => ({
  id: `/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/jobs/${at}`,
  command: 'python main.py '.repeat(130),
});

it('reads values of a folder that was written without compression, and changes them', async () => {
  const plain = open({ path: join(folder, 'state.lmdb'), maxDbs: 64, encoding: 'json' });
  const jobs = plain.openDB({ name: 'jobs', encoding: 'json' });
  for (const at of [0, 1, 2]) jobs.putSync(String(at), job(at));
  await plain.close();
  const store = createStore(folder);
  const found = store.collection('jobs');
  found.put('1', job(11));
  expect(found.list().map(({ value }) => value)).toEqual([job(0), job(11), job(2)]);
  await store.close();
});

it('takes less than a page for a job', async () => {
  const store = createStore(folder);
  store.transaction(() => {
    for (let at = 0; at < 1000; at += 1) store.collection('jobs').put(String(at), job(at));
  });
  await store.close();
  expect((await stat(join(folder, 'state.lmdb'))).size).toBeLessThan(1000 * 4096 * 0.5);
});
