import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientLab, testsOf } from './lab.js';
import type { ClientLab, Clients, ModuleRun } from './lab.js';

const clients: Clients[] = ['current', 'oldest'];
const runs = new Map<Clients, Promise<ModuleRun>>();

let lab: ClientLab;

beforeAll(async () => {
  lab = await startClientLab();
  for (const which of clients) {
    const run = lab.run(which, 'grid');
    run.catch(() => undefined);
    runs.set(which, run);
  }
});
afterAll(() => lab.test.stop());

describe.each(clients)('every operation of the %s client', (which) => {
  it.each(testsOf('grid'))('%s', { timeout: 300_000 }, async (name) => {
    expect((await runs.get(which))?.outcomes.get(name)).toBe('ok');
  });
  it('asks nothing of another host', async () => {
    expect((await runs.get(which))?.refused).toEqual([]);
  });
});
