import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guidOf } from '../../src/ids.js';
import type { Json } from '../../src/resources.js';
import { W, startHarness } from './harness.js';
import type { Harness } from './harness.js';
import { LOGGER, PLAIN, putPlainEnvironment } from './jobs-lab.js';

const literal = (value: string) => ({ value, job_input_type: 'literal' });
const bound = literal;
const toParent = (name: string) => ({ value: `\${{parent.outputs.${name}}}`, type: 'literal' });

describe('pipelines', () => {
  let emulator: Harness;
  beforeAll(async () => {
    emulator = await startHarness();
    putPlainEnvironment(emulator);
    const code = await emulator.putFiles('code/steps', {
      'log.py': LOGGER,
      'once.py': 'import sys\nfrom log import log\nlog(float(sys.argv[1]))\n',
      'score.py':
        'import os, sys\ndef init(): print("init with", sys.argv[1:])\ndef run(files):\n  print("batch", len(files), flush=True)\n  return [os.path.basename(f) + " " + open(f).read().strip() for f in files]\n',
      'bad.py':
        'import time\ndef run(files):\n  if any("2" in f for f in files): raise ValueError("cannot read")\n  if any("3" in f for f in files): time.sleep(60)\n  return files\n',
    });
    emulator.put('/codes/steps/versions/1', { codeUri: code, properties: { hash_sha256: 'h1' } });
  });
  afterAll(() => emulator.stop());

  /** Puts a command component as azure-ai-ml sends it. */
  const component = (name: string, spec: Json) => {
    const common = {
      environment: `azureml:${PLAIN}`,
      code: `azureml:${W}/codes/steps/versions/1`,
      type: 'command',
    };
    emulator.put(`/components/${name}/versions/1`, { componentSpec: { ...common, ...spec } });
    return `${W}/components/${name}/versions/1`;
  };
  const pipeline = (name: string, jobs: Json, more: Json = {}) =>
    emulator.submit(name, {
      jobType: 'Pipeline',
      environmentId: undefined,
      settings: { _source: 'YAML.JOB' },
      jobs,
      ...more,
    });
  const stepOf = (job: string, step: string) => emulator.job(guidOf(`${W}/jobs/${job}/${step}`));

  const write = () =>
    component('write', {
      command:
        'echo "${{inputs.text}} ${{inputs.times}} $[[--flag ${{inputs.flag}}]]" > ${{outputs.out}}/a.txt',
      inputs: {
        text: { type: 'string' },
        times: { type: 'integer', default: '3' },
        flag: { type: 'boolean', optional: true },
      },
      outputs: { out: { type: 'uri_folder' } },
    });
  const copy = () =>
    component('copy', {
      command: 'cat ${{inputs.from}}/a.txt && cp ${{inputs.from}}/a.txt ${{outputs.to}}/b.txt',
      inputs: { from: { type: 'uri_folder' } },
      outputs: { to: { type: 'uri_folder' } },
    });
  const flow = () => ({
    first: {
      type: 'command',
      name: 'first',
      componentId: write(),
      inputs: { text: bound('${{parent.inputs.word}}') },
    },
    second: {
      type: 'command',
      componentId: copy(),
      inputs: { from: bound('${{parent.jobs.first.outputs.out}}') },
      outputs: { to: toParent('result') },
    },
  });
  const inputs = { word: { jobInputType: 'literal', value: 'hello' } };
  const blobAt = async (uri: string) => {
    const path = uri.replace('azureml://datastores/workspaceblobstore/paths/', '');
    const client = emulator.ctx.blob.service.getContainerClient('workspaceblobstore').getBlobClient(path);
    return (await client.downloadToBuffer()).toString().trim();
  };

  it('carry data from step to step and to their outputs, registered where they are named', async () => {
    await pipeline('flow', flow(), {
      inputs,
      outputs: { result: { jobOutputType: 'uri_folder', assetName: 'copied', assetVersion: '7' } },
    });
    const job = await emulator.until('flow');
    expect(job).toMatchObject({ status: 'Completed' });
    const { result } = job['outputs'] as { result: { uri: string } };
    expect(await blobAt(`${result.uri}b.txt`)).toBe('hello 3');
    expect(stepOf('flow', 'first')).toMatchObject({
      status: 'Completed',
      displayName: 'first',
      jobType: 'Command',
    });
    const asset = emulator.ctx.store
      .collection<{ properties: Json }>('resources')
      .get(`${W}/data/copied/versions/7`.toLowerCase());
    expect(asset?.properties['dataUri']).toBe(result.uri);
    expect(await emulator.artifact('flow', 'logs/azureml/executionlogs.txt')).toContain('second: done');
  });

  it('reuse what has not changed, unless told to run it again', async () => {
    await pipeline('again', flow(), { inputs, outputs: { result: { jobOutputType: 'uri_folder' } } });
    const job = await emulator.until('again');
    expect(stepOf('again', 'first')).toMatchObject({
      status: 'Completed',
      properties: { 'azureml.isreused': 'true', 'azureml.reusedrunid': guidOf(`${W}/jobs/flow/first`) },
    });
    expect(await blobAt(`${(job['outputs'] as { result: { uri: string } }).result.uri}b.txt`)).toBe(
      'hello 3',
    );
    await pipeline('forced', flow(), { inputs, settings: { force_rerun: true } });
    await emulator.until('forced');
    expect(stepOf('forced', 'first')['properties']).toEqual({});
  });

  it('run one side of a condition', async () => {
    const decide = component('decide', {
      command: 'echo ${{inputs.answer}} > ${{outputs.ok}}',
      inputs: { answer: { type: 'string' } },
      outputs: { ok: { type: 'boolean', is_control: true } },
    });
    await pipeline('branch', {
      decide: { type: 'command', componentId: decide, inputs: { answer: literal('True') } },
      which: {
        type: 'if_else',
        condition: '${{parent.jobs.decide.outputs.ok}}',
        true_block: ['${{parent.jobs.yes}}'],
        false_block: '${{parent.jobs.no}}',
      },
      yes: { type: 'command', componentId: write(), inputs: { text: literal('yes') } },
      no: { type: 'command', componentId: write(), inputs: { text: literal('no') } },
      after: {
        type: 'command',
        componentId: copy(),
        inputs: { from: bound('${{parent.jobs.no.outputs.out}}') },
      },
    });
    expect((await emulator.until('branch')).status).toBe('Completed');
    expect(stepOf('branch', 'yes').status).toBe('Completed');
    for (const step of ['no', 'after']) expect(() => stepOf('branch', step)).toThrow('no job');
  });

  it('run sweeps and pipelines as steps', async () => {
    const tried = component('tried', {
      command: 'python once.py ${{inputs.x}} && echo ${{inputs.x}} > ${{outputs.model}}/a.txt',
      inputs: { x: { type: 'number' } },
      outputs: { model: { type: 'uri_folder' } },
    });
    const inner = component('inner', {
      type: 'pipeline',
      inputs: { d: { type: 'uri_folder' } },
      outputs: { o: { type: 'uri_folder' } },
      jobs: {
        a: {
          type: 'command',
          componentId: copy(),
          inputs: { from: bound('${{parent.inputs.d}}') },
          outputs: { to: toParent('o') },
        },
      },
    });
    await pipeline(
      'nested',
      {
        tune: {
          type: 'sweep',
          trial: { componentId: tried },
          sampling_algorithm: 'random',
          search_space: { x: { type: 'quniform', min_value: 1, max_value: 3, q: 1 } },
          objective: { goal: 'maximize', primary_metric: 'score' },
          limits: { max_total_trials: 3, max_concurrent_trials: 2, timeout: 7200 },
        },
        sub: {
          type: 'pipeline',
          componentId: inner,
          inputs: { d: bound('${{parent.jobs.tune.outputs.model}}') },
          outputs: { o: toParent('final') },
        },
      },
      { outputs: { final: { jobOutputType: 'uri_folder' } } },
    );
    const job = await emulator.until('nested');
    expect(job).toMatchObject({ status: 'Completed' });
    const { score } = stepOf('nested', 'tune')['properties'] as { score: string };
    expect(await blobAt(`${(job['outputs'] as { final: { uri: string } }).final.uri}b.txt`)).toBe(score);
  });

  it('run a step in mini-batches', async () => {
    const files = Object.fromEntries(Array.from({ length: 5 }, (_, at) => [`f${at}.txt`, `text ${at}`]));
    const data = await emulator.putFiles('many', files);
    const step = (entry: string, more: Json = {}) => ({
      type: 'parallel',
      componentId: component(`parallel-${entry.replace('.', '-')}`, {
        type: 'parallel',
        inputs: { data: { type: 'uri_folder' } },
        outputs: { rows: { type: 'uri_file' } },
        task: {
          type: 'run_function',
          code: `${W}/codes/steps/versions/1`,
          entry_script: entry,
          environment: PLAIN,
          program_arguments: '--one ${{inputs.data}}',
          append_row_to: '${{outputs.rows}}',
        },
        mini_batch_size: '2',
        input_data: '${{inputs.data}}',
      }),
      inputs: { data: { uri: data, job_input_type: 'uri_folder', mode: 'Direct' } },
      max_concurrency_per_instance: 2,
      retry_settings: { timeout: 1, max_retries: 1 },
      ...more,
    });
    await pipeline('batches', { score: step('score.py') });
    expect(await emulator.until('batches')).toMatchObject({ status: 'Completed' });
    const { rows } = stepOf('batches', 'score')['outputs'] as { rows: { uri: string } };
    expect((await blobAt(rows.uri.replace(/\/$/, ''))).split('\n')).toEqual(
      Object.entries(files).map(([name, text]) => `${name} ${text}`),
    );
    await pipeline('tolerant', { score: step('bad.py', { mini_batch_size: 1 }) });
    expect(await emulator.until('tolerant')).toMatchObject({ status: 'Completed' });
    await pipeline('strict', { score: step('bad.py', { mini_batch_size: 1, error_threshold: 1 }) });
    expect((await emulator.until('strict')).error?.message).toContain('the error threshold is 1');
  });

  it('go on after a failed step, or stop at it', async () => {
    const fails = component('fails', { command: 'exit 9' });
    const slow = component('slow', { command: 'sleep 600' });
    const jobs = {
      bad: { type: 'command', componentId: fails },
      other: { type: 'command', componentId: write(), inputs: { text: literal('other') } },
    };
    await pipeline('goes-on', jobs);
    expect((await emulator.until('goes-on')).error?.message).toContain("Step 'bad' failed");
    expect(stepOf('goes-on', 'other').status).toBe('Completed');
    await pipeline(
      'stops',
      { bad: jobs.bad, slow: { type: 'command', componentId: slow } },
      { settings: { continue_on_step_failure: false } },
    );
    expect((await emulator.until('stops')).status).toBe('Failed');
    expect(stepOf('stops', 'slow').status).toBe('Canceled');
  });

  it('name every mistake before anything runs', async () => {
    await pipeline('wrong', {
      a: { type: 'spark', inputs: { x: bound('${{parent.jobs.none.outputs.o}}') } },
      b: { type: 'command', inputs: { x: bound('${{parent.inputs.lost}}') } },
    });
    const { error } = await emulator.until('wrong');
    for (const part of ['spark', "job 'none'", "input 'lost'"]) expect(error?.message).toContain(part);
    await pipeline('loop', {
      a: { type: 'command', inputs: { x: bound('${{parent.jobs.b.outputs.o}}') } },
      b: { type: 'command', inputs: { x: bound('${{parent.jobs.a.outputs.o}}') } },
    });
    expect((await emulator.until('loop')).error?.message).toContain('waits for itself');
    await pipeline('unbound', { a: { type: 'command', componentId: write() } });
    expect((await emulator.until('unbound')).error?.message).toContain('Required inputs are not given: text');
  });
});
