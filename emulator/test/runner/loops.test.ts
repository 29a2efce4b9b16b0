import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getResource } from '../../src/resources.js';
import type { Json } from '../../src/resources.js';
import { readText, resolveUri } from '../../src/runner/uris.js';
import { W, startHarness } from './harness.js';
import type { Harness } from './harness.js';
import { PLAIN, putPlainEnvironment } from './jobs-lab.js';

const literal = (value: string) => ({ value, job_input_type: 'literal' });

describe('loops of pipelines', () => {
  let emulator: Harness;
  beforeAll(async () => {
    emulator = await startHarness();
    putPlainEnvironment(emulator);
  });
  afterAll(() => emulator.stop());

  const component = (name: string, command: string, inputs: Json, outputs: Json) => {
    const componentSpec = { type: 'command', environment: PLAIN, command, inputs, outputs };
    emulator.put(`/components/${name}/versions/1`, { componentSpec });
    return { type: 'command', componentId: `${W}/components/${name}/versions/1` };
  };
  const pipeline = async (name: string, jobs: Json, more: Json = {}) => {
    await emulator.submit(name, { jobType: 'Pipeline', environmentId: undefined, jobs, ...more });
    return emulator.until(name);
  };
  const titles = (parent: string) =>
    emulator.ctx.store
      .collection<{ _parent?: string; properties: Json }>('resources')
      .list(`${W}/jobs/`.toLowerCase())
      .filter(({ value }) => value._parent === parent)
      .map(({ value }) => value.properties['displayName'])
      .sort();
  const textAt = (uri: string) => readText(emulator.ctx, resolveUri(emulator.ctx, W, uri));

  /** Counts on by one, and says whether it is below `${{inputs.most}}`. */
  const count = () =>
    component(
      'count',
      'echo $((${{inputs.from}} + 1)) > ${{outputs.to}} && echo $((${{inputs.from}} + 1 < 3)) > ${{outputs.more}} && cp ${{outputs.to}} ${{outputs.kept}}/n',
      { from: { type: 'integer', default: '0' } },
      { to: { type: 'integer' }, more: { type: 'boolean' }, kept: { type: 'uri_folder' } },
    );
  const loop = (more: Json = {}) => ({
    type: 'do_while',
    body: '${{parent.jobs.count}}',
    condition: '${{parent.jobs.count.outputs.more}}',
    mapping: { '${{parent.jobs.count.outputs.to}}': ['from'] },
    limits: { max_iteration_count: 10 },
    ...more,
  });
  const ofWord = { word: { type: 'string' } };
  const say = () =>
    component('say', 'test ${{inputs.word}} != bad && echo ${{inputs.word}} > ${{outputs.out}}/w', ofWord, {
      out: { type: 'uri_folder' },
    });

  it('do_while carries values on, and registers what the last iteration made', async () => {
    const outputs = { kept: { value: '${{parent.outputs.final}}', type: 'literal' } };
    const job = await pipeline(
      'counted',
      { count: { ...count(), outputs }, again: loop() },
      { outputs: { final: { jobOutputType: 'uri_folder', assetName: 'counted', assetVersion: '1' } } },
    );
    expect(job).toMatchObject({ status: 'Completed' });
    expect(titles('counted')).toEqual(['count [0]', 'count [1]', 'count [2]']);
    const { final } = job['outputs'] as { final: { uri: string } };
    expect(await textAt(`${final.uri}n`)).toBe('3\n');
    const asset = getResource(emulator.ctx.store, `${W}/data/counted/versions/1`);
    expect(asset?.properties['dataUri']).toBe(final.uri);
    const log = await emulator.artifact('counted', 'logs/azureml/executionlogs.txt');
    expect(log).toContain('again: ended after 3 of at most 10 iterations');
  });

  it('do_while puts the last outputs where the pipeline wants them', async () => {
    const uri = 'azureml://datastores/workspaceblobstore/paths/wanted/';
    const outputs = { kept: { value: '${{parent.outputs.final}}', type: 'literal' } };
    await pipeline(
      'placed',
      { count: { ...count(), outputs }, again: loop({ limits: { max_iteration_count: 2 } }) },
      { outputs: { final: { jobOutputType: 'uri_folder', uri } } },
    );
    expect(titles('placed')).toEqual(['count [0]', 'count [1]']);
    expect(await textAt(`${uri}n`)).toBe('2\n');
  });

  it('parallel_for takes its items from a step, and goes through all of them', async () => {
    const list = component(
      'list',
      `echo '[{"word": "x"}, {"word": "\${{inputs.other}}"}]' > \${{outputs.items}}`,
      { other: { type: 'string' } },
      { items: { type: 'string' } },
    );
    const job = await pipeline('listed', {
      list: { ...list, inputs: { other: literal('y') } },
      say: say(),
      each: {
        type: 'parallel_for',
        body: '${{parent.jobs.say}}',
        items: '${{parent.jobs.list.outputs.items}}',
      },
    });
    expect(job.error).toBeUndefined();
    expect(titles('listed')).toEqual(['list', 'say [0]', 'say [1]']);
    const table = await textAt(
      'azureml://datastores/workspaceblobstore/paths/azureml/listed/each/out/MLTable',
    );
    expect(
      table.match(/folder: azureml:\/\/subscriptions\/.*\/datastores\/workspaceblobstore\//g),
    ).toHaveLength(2);
  });

  it('a loop fails as its steps do, and tells which', async () => {
    const items = JSON.stringify({ good: { word: 'good' }, worse: { word: 'bad' } });
    const job = await pipeline('broken', {
      say: say(),
      each: { type: 'parallel_for', body: '${{parent.jobs.say}}', items },
    });
    expect(job.status).toBe('Failed');
    expect(job.error?.message).toMatch(/^Step 'each' failed: \[worse\] .*code 1/);
    expect(titles('broken')).toEqual(['say [good]', 'say [worse]']);
    const none = await pipeline('itemless', {
      say: say(),
      each: { type: 'parallel_for', body: '${{parent.jobs.say}}', items: '[1, 2]' },
    });
    expect(none.error?.message).toContain('must be a JSON list, or object, of objects');
  });

  it('names every mistake of a loop before anything runs', async () => {
    const job = await pipeline('mistaken', {
      count: count(),
      again: loop({ limits: { max_iteration_count: 0 } }),
      twice: loop(),
      lost: { type: 'parallel_for', body: '${{parent.jobs.none}}', items: '[]' },
      say: say(),
      each: { type: 'parallel_for', body: '${{parent.jobs.say}}', items: '[]' },
      after: { ...count(), inputs: { from: literal('${{parent.jobs.say.outputs.out}}') } },
    });
    for (const part of [
      "'again' needs limits.max_iteration_count from 1 to 1000",
      "'twice' repeats job 'count', which 'again' already does",
      "'lost' repeats job 'none', which does not exist",
      "'say', which runs many times: read that of 'each'",
    ])
      expect(job.error?.message).toContain(part);
    expect(titles('mistaken')).toEqual([]);
  });

  it('ends with its pipeline when that is canceled', async () => {
    const wait = component(
      'wait',
      'sleep ${{inputs.from}}; echo 600 > ${{outputs.to}}',
      { from: { type: 'integer', default: '0' } },
      { to: { type: 'integer' } },
    );
    const mapping = { to: 'from' };
    await emulator.submit('ended', {
      jobType: 'Pipeline',
      environmentId: undefined,
      jobs: {
        count: wait,
        again: loop({ mapping, condition: undefined, limits: { max_iteration_count: 3 } }),
      },
    });
    while (!titles('ended').includes('count [1]')) await new Promise((next) => setTimeout(next, 50));
    await emulator.runner.cancel(`${W}/jobs/ended`);
    expect(emulator.job('ended').status).toBe('Canceled');
    expect(titles('ended')).toEqual(['count [0]', 'count [1]']);
  });
});
