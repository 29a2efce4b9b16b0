import { appendFile, writeFile } from 'node:fs/promises';
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
    ...tinyEntries('every', 'searched'),
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

  test('a sweep and a pipeline compete, and the model of the best trial is released', async () => {
    const project = await tiny(stack, 'searched');
    for (const [name, job] of Object.entries(searching('searched')))
      await writeFile(join(project.dir, 'azureml', `${name}.yml`), JSON.stringify(job));
    await edit(
      project.dir,
      'mlops.yaml',
      ['low: { job: azureml/train.yml, set: { inputs.threshold: 4.5 }', 'sweep: { job: azureml/sweep.yml'],
      [
        'middle: { job: azureml/train.yml, model: outputs.model }',
        'pipeline: { job: azureml/pipeline.yml, metrics_from: jobs.learn, model: outputs.model }',
      ],
    );
    const id = await stack.start(project);
    await stack.approve(id);
    const end = await stack.ended(id);
    expect(end).toMatchObject({ verdict: 'released', gate: { best: 'sweep' } });
    const values = Object.fromEntries(
      (end.gate?.verdicts ?? []).map(({ candidate, value }) => [candidate, value]),
    );
    expect(values['sweep']).toBeGreaterThan(values['pipeline'] ?? 1);

    const { scoringUri = '' } =
      Object.values(end.releases).find(({ endpoint }) => endpoint === 'searched') ?? {};
    const caller = await callerOf(stack.machine.addresses, 'prod', 'searched', scoringUri);
    const answer = await score(caller, await sampleRequest(join(project.dir, 'azureml/requests.json')));
    expect(answer.status).toBe(200);
  });
});

const command =
  'python train.py --train ${{inputs.train}} --threshold THRESHOLD --seconds 0 --model ${{outputs.model}}';

/** A sweep over thresholds, and a pipeline that trains with one of them in a step. */
function searching(name: string): Readonly<Record<string, object>> {
  const code = '../src';
  const environment = 'azureml:tiny:1';
  const train = { type: 'uri_folder', path: `azureml:${name}-train@latest` };
  const model = { type: 'custom_model' };
  return {
    sweep: {
      type: 'sweep',
      trial: { code, environment, command: command.replace('THRESHOLD', '${{search_space.threshold}}') },
      inputs: { train },
      outputs: { model },
      sampling_algorithm: 'grid',
      search_space: { threshold: { type: 'choice', values: [1, 5, 9] } },
      objective: { goal: 'maximize', primary_metric: 'accuracy' },
      limits: { max_total_trials: 3, max_concurrent_trials: 3, timeout: 600 },
      resources: { instance_type: 'Standard_DS3_v2' },
    },
    pipeline: {
      type: 'pipeline',
      settings: { default_compute: 'serverless' },
      inputs: { train },
      outputs: { model },
      jobs: {
        learn: {
          type: 'command',
          code,
          environment,
          command: command.replace('THRESHOLD', '4'),
          inputs: { train: '${{parent.inputs.train}}' },
          outputs: { model: '${{parent.outputs.model}}' },
        },
      },
    },
  };
}

const projectOf = (id: string): string | undefined => id.split('/')[2];
