import { describe, expect, it } from 'vitest';
import { translateFile } from '../../src/azureml/index.js';
import { parseSets } from '../../src/cli/sets.js';
import { file, project } from './support/workspace.js';

describe('translating without a connection', () => {
  it('tells uploads and requests in order, what a pipeline names before the pipeline itself', async () => {
    const { kind, steps } = await translateFile(project, file('pipeline'));
    expect(kind).toBe('pipelineJob');
    const told = steps.map((step) =>
      step.kind === 'upload' ? `upload ${step.upload.from}` : `${step.request.method} ${step.request.path}`,
    );
    expect(told.map((line) => line.replace(/[0-9a-f-]{36}/, '<guid>'))).toEqual([
      'upload steps',
      'PUT {ws}/codes/<guid>/versions/1',
      'PUT {ws}/components/azureml_anonymous/versions/<guid>',
      'PUT {ws}/components/azureml_anonymous/versions/<guid>',
      'PUT {ws}/jobs/<auto-name>',
    ]);
  });

  it('applies overrides as `az ml --set` does, to lists and through what is not there', async () => {
    const set = parseSets(['inputs.strength=0.5', 'limits.timeout=60', 'tags.note=a=b', 'name=t1']);
    const { steps } = await translateFile(project, file('train', set));
    const last = steps.at(-1);
    expect(last?.kind === 'request' && last.request).toMatchObject({
      path: '{ws}/jobs/t1',
      body: {
        properties: {
          inputs: { strength: { value: '0.5' } },
          limits: { timeout: 'PT1M' },
          tags: { origin: 'file', note: 'a=b' },
        },
      },
    });
    expect(() => parseSets(['nothing'])).toThrow(/expected path=value/);
  });

  it("keeps a service's own properties beside those that have keys of their own", async () => {
    const services = {
      watched: { type: 'tensor_board', properties: { logDir: 'outputs/runs' } },
      keyed: { type: 'ssh', ssh_public_keys: 'k', properties: { note: 'n' } },
    };
    const { steps } = await translateFile(project, file('train', { services }));
    const last = steps.at(-1);
    expect(last?.kind === 'request' && last.request).toMatchObject({
      body: {
        properties: {
          services: {
            watched: { jobServiceType: 'TensorBoard', properties: { logDir: 'outputs/runs' } },
            keyed: { jobServiceType: 'SSH', properties: { note: 'n', sshPublicKeys: 'k' } },
          },
        },
      },
    });
  });

  it('sends 0 as the batch size of a parallel step that goes by keys, as the official client does', async () => {
    const step = {
      type: 'parallel',
      compute: 'azureml:cpu',
      inputs: { rows: { type: 'mltable', path: 'azureml:rows:1', mode: 'direct' } },
      input_data: '${{inputs.rows}}',
      partition_keys: ['store'],
      task: {
        type: 'run_function',
        code: '../steps',
        entry_script: 'score.py',
        environment: 'azureml:training:1',
      },
    };
    const { steps } = await translateFile(project, file('pipeline', { 'jobs.scored': step }));
    const last = steps.at(-1);
    expect(last?.kind === 'request' && last.request).toMatchObject({
      body: { properties: { jobs: { scored: { mini_batch_size: 0, partition_keys: '["store"]' } } } },
    });
  });

  it('names every mistake of a pipeline and of what it runs', async () => {
    const broken = file('pipeline', {
      'jobs.fit.inputs': {},
      'jobs.evaluate.inputs.model': '${{parent.jobs.nobody.outputs.model}}',
      'settings.default_compute': 5,
    });
    await expect(translateFile(project, broken)).rejects.toMatchObject({
      mistakes: [{ path: 'settings.default_compute' }],
    });
    const untied = file('pipeline', {
      'jobs.fit.inputs': {},
      'jobs.evaluate.inputs.model': '${{parent.jobs.nobody.outputs.model}}',
    });
    await expect(translateFile(project, untied)).rejects.toMatchObject({
      mistakes: [
        { path: 'jobs.fit.inputs.rows', message: 'missing; the component needs rows' },
        { path: 'jobs.evaluate.inputs.model', found: 'jobs.nobody.outputs.model' },
      ],
    });
  });
});
