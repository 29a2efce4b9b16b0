import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClientLab, testsOf } from './lab.js';
import type { ClientLab, Clients, ModuleRun } from './lab.js';

/** Modules that run at once: they wait more than they compute. */
const limit = pLimit(3);
const modules: [Clients, string][] = [
  ['current', 'endpoints'],
  ['current', 'safety'],
  ['current', 'assets'],
  ['current', 'jobs'],
  ['current', 'pipelines'],
  ['current', 'resources'],
  ['current', 'registries'],
  ['oldest', 'assets'],
  ['oldest', 'jobs'],
  ['oldest', 'pipelines'],
  ['oldest', 'endpoints'],
  ['oldest', 'resources'],
  ['oldest', 'registries'],
  ['current', 'tracking'],
  ['current', 'plugin'],
  ['current', 'models'],
  ['oldest', 'tracking'],
];
const runs = new Map<string, Promise<ModuleRun>>();

let lab: ClientLab;

beforeAll(async () => {
  lab = await startClientLab();
  for (const [clients, module] of modules) {
    const run = limit(() => lab.run(clients, module));
    run.catch(() => undefined);
    runs.set(`${clients}/${module}`, run);
  }
});
afterAll(() => lab.test.stop());

describe.each(modules)('%s clients: %s', (clients, module) => {
  const run = () => runs.get(`${clients}/${module}`);
  it.each(testsOf(module))('%s', { timeout: 300_000 }, async (name) => {
    expect((await run())?.outcomes.get(name)).toBe('ok');
  });
  it('asks nothing of another host', async () => {
    expect((await run())?.refused).toEqual([]);
  });
});
