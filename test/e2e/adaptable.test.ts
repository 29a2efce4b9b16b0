import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerOf, sampleRequest, score } from '../../tools/local/traffic.js';
import { edit, Stack } from '../support/stack.js';
import { tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;

const folders = { repository: 'contoso/two-projects', endpoints: {}, environments: {} };

beforeAll(async () => {
  stack = await Stack.start({
    flowers: { repository: 'contoso/flowers' },
    alpha: { ...folders, path: 'alpha' },
    beta: { ...folders, path: 'beta' },
    ...tinyEntries('every'),
  });
});
afterAll(() => stack.stop());

describe.concurrent('other models, by files alone', () => {
  test('many classes, a scoring script of its own, one candidate, no monitoring', async () => {
    const repository = { owner: 'contoso', name: 'flowers' };
    await stack.repositories(repository);
    const dir = await stack.checkout('examples/flowers');
    const id = await stack.start({ repository, dir });
    await stack.approve(id);
    const end = await stack.ended(id);
    expect(end.verdict).toBe('released');
    expect(end.phases.find(({ phase }) => phase === 'monitor')?.state).toBe('skipped');

    const release = Object.values(end.releases).find(({ endpoint }) => endpoint === 'flowers');
    const uri = release?.scoringUri ?? '';
    const caller = await callerOf(stack.machine.addresses, 'prod', 'flowers', uri);
    const answer = await score(caller, await sampleRequest(join(dir, 'azureml/requests.json')));
    const species = (JSON.parse(answer.body) as { species: string }[]).map((flower) => flower.species);
    expect(species).toEqual(['setosa', 'versicolor', 'virginica']);
  });

  test('one push starts the projects whose paths changed; a run without a model ends as evaluated', async () => {
    const repository = { owner: 'contoso', name: 'two-projects' };
    await stack.repositories(repository);
    const dir = await stack.checkout('examples/two-projects');
    await stack.commit({ repository, dir });

    await appendFile(join(dir, 'alpha/train.py'), '# tuned\n');
    const one = await stack.push({ repository, dir, changed: ['alpha/train.py'] });
    expect(one.ids.map(projectOf)).toEqual(['alpha']);
    await appendFile(join(dir, 'shared/points.py'), '# tuned\n');
    const both = await stack.push({ repository, dir, changed: ['shared/points.py'] });
    expect(both.ids.map(projectOf).sort()).toEqual(['alpha', 'beta']);

    for (const id of both.ids) {
      const end = await stack.ended(id);
      expect(end.verdict).toBe('evaluated');
      expect(end.models).toEqual([]);
      expect(end.gate?.verdicts).toMatchObject([{ passed: true }]);
    }
  });

  test('register: all registers three models and releases the best', async () => {
    const project = await tiny(stack, 'every');
    await edit(
      project.dir,
      'mlops.yaml',
      ['which: best', 'which: all'],
      [
        '    middle:',
        '    high: { job: azureml/train.yml, set: { inputs.threshold: 6 }, model: outputs.model }\n    middle:',
      ],
    );
    const id = await stack.start(project);
    await stack.approve(id);
    const end = await stack.ended(id);
    expect(end.verdict).toBe('released');
    expect(end.models.map(({ candidate }) => candidate).sort()).toEqual(['high', 'low', 'middle']);
    const listed = await stack.azure.get<{ value: { name: string }[] }>('dev', 'models/every/versions');
    const versions = (listed?.value ?? []).map(({ name }) => name).sort();
    expect(versions).toEqual(end.models.map(({ version }) => version).sort());

    const best = end.models.find(({ candidate }) => candidate === end.gate?.best);
    const { deployments } = await stack.azure.endpoint('prod', 'every');
    expect(deployments).toHaveLength(1);
    const deployment = await stack.azure.get<{ properties: { model: string } }>(
      'prod',
      `onlineEndpoints/every/deployments/${deployments[0] ?? ''}`,
    );
    expect(deployment?.properties.model).toMatch(
      new RegExp(`/models/every/versions/${best?.version ?? ''}$`),
    );
  });
});

const projectOf = (id: string): string | undefined => id.split('/')[2];
