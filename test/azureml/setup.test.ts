import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySetupItem, planSetup, SpecError } from '../../src/azureml/index.js';
import { file, infrastructure, project, setUp, startAzure } from './support/workspace.js';
import type { TestAzure } from './support/workspace.js';

let azure: TestAzure;
beforeAll(async () => {
  azure = await startAzure();
});
afterAll(() => azure.stop());

describe('setup', () => {
  it('makes everything once, in dependency order, and then has nothing left to do', async () => {
    const ml = azure.connect('dev');
    const plan = await setUp(ml);
    expect(plan.map(({ kind }) => kind)).toEqual([
      'resourceGroup',
      'logAnalytics',
      'workspace',
      'amlCompute',
      'data',
      'environment',
    ]);
    expect(plan.every(({ change, exists }) => change === 'create' && !exists)).toBe(true);

    const again = await planSetup(azure.connect('dev'), project, infrastructure);
    expect(again.map(({ name, change, detail }) => [name, change, detail])).toEqual([
      ['team', 'none', []],
      ['dev-logs', 'none', []],
      ['dev', 'none', []],
      ['cpu', 'none', []],
      ['rows:1', 'none', []],
      ['training:1', 'none', []],
    ]);
    for (const item of again) expect(await applySetupItem(ml, project, infrastructure, item)).toBeUndefined();
  });

  it('names what would change, with both values, and changes it', async () => {
    const ml = azure.connect('dev');
    const larger = [file('compute', { max_instances: 8 })];
    const plan = await planSetup(ml, project, larger);
    const compute = plan.find(({ kind }) => kind === 'amlCompute');
    expect(compute).toMatchObject({
      change: 'update',
      detail: ['properties.properties.scaleSettings.maxNodeCount: 2 → 8'],
    });
    await setUp(ml, larger);
    expect((await planSetup(ml, project, larger)).at(-1)).toMatchObject({
      kind: 'amlCompute',
      change: 'none',
    });
  });

  it('leaves a version as it is and says that the file has other contents', async () => {
    const ml = azure.connect('dev');
    const changed = [file('environment', { image: 'other:1' })];
    const item = (await planSetup(ml, project, changed)).at(-1);
    expect(item).toMatchObject({ kind: 'environment', name: 'training:1', change: 'none' });
    expect(item?.detail.join('\n')).toMatch(/image: .* → other:1[\s\S]*raise version/);
  });

  it('tells the mistakes of all files at once', async () => {
    const wrong = [file('compute', { max_instancs: 3 }), file('data', { type: 'folder' }), file('endpoint')];
    const error = await planSetup(azure.connect('dev'), project, wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SpecError);
    const mistakes = (error as SpecError).mistakes;
    expect(mistakes.map(({ file: name, path }) => `${name} ${path}`)).toEqual([
      'azureml/compute.yml max_instancs',
      'azureml/data.yml type',
      'azureml/endpoint.yml $schema',
    ]);
    expect(mistakes[0]).toMatchObject({ nearest: 'max_instances' });
  });
});
