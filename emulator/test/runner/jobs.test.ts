import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../src/runner/index.js';
import { W, startHarness } from './harness.js';
import type { Harness } from './harness.js';

/** A zombie counts as dead: whether orphans are reaped is up to the machine's init process. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

/** Pid that a job wrote to its log as `pid=N`, once it is there. */
async function pidIn(emulator: Harness, job: string): Promise<number> {
  for (;;) {
    const log = await emulator.artifact(job, 'user_logs/std_log.txt').catch(() => '');
    const pid = /pid=(\d+)/.exec(log)?.[1];
    if (pid !== undefined) return Number(pid);
    await sleep(100);
  }
}

const SLEEPER = "sh -c 'echo pid=$$; sleep 300' & wait";

describe('command jobs', () => {
  let emulator: Harness;
  beforeAll(async () => {
    emulator = await startHarness();
    emulator.put('/environments/plain/versions/1', { condaFile: 'dependencies: [python, pip]' });
  });
  afterAll(() => emulator.stop());

  const plain = { environmentId: `${W}/environments/plain/versions/1` };

  it('fail with the last lines of their log, and keep what they left in ./outputs', async () => {
    await emulator.submit(
      'fails',
      { ...plain, command: 'python main.py' },
      {
        'main.py':
          'import os\nos.makedirs("outputs")\nopen("outputs/a.txt", "w").write("kept")\nraise ValueError("no such column: BMI")',
      },
    );
    const job = await emulator.until('fails');
    expect(job.status).toBe('Failed');
    expect(job.error?.message).toContain('ValueError: no such column: BMI');
    expect(await emulator.artifact('fails', 'outputs/a.txt')).toBe('kept');
    const { body } = await emulator.mlflow('GET', 'runs/get?run_id=fails');
    expect(body).toMatchObject({
      run: { info: { status: 'FAILED', end_time: expect.any(Number) as number } },
    });
  });

  it('are canceled with all their processes, running or waiting', async () => {
    emulator.put('/computes/one', {
      computeType: 'AmlCompute',
      properties: { scaleSettings: { maxNodeCount: 1 } },
    });
    const computeId = `${W}/computes/one`;
    await emulator.submit('runs', { ...plain, computeId, command: SLEEPER });
    await emulator.submit('waits', { ...plain, computeId, command: 'true' });
    const pid = await pidIn(emulator, 'runs');
    expect(emulator.job('waits').status).toBe('Queued');
    await emulator.runner.cancel(`${W}/jobs/runs`);
    expect(emulator.job('runs').status).toBe('Canceled');
    expect(isAlive(pid)).toBe(false);
    expect((await emulator.until('waits')).status).toBe('Completed');
    await emulator.runner.cancel(`${W}/jobs/waits`);
    expect(emulator.job('waits').status).toBe('Completed');
  });

  it('are ended by their time limit', async () => {
    await emulator.submit('slow', {
      ...plain,
      command: SLEEPER,
      limits: { jobLimitsType: 'Command', timeout: 'PT2S' },
    });
    const job = await emulator.until('slow');
    expect(job.status).toBe('Canceled');
    expect(job.error).toMatchObject({
      code: 'JobTimedOut',
      message: expect.stringContaining('PT2S') as string,
    });
  });

  it('see a clean environment and their inputs in every mode', async () => {
    process.env['SECRET_OF_THE_SHELL'] = 'hidden';
    const folder = await emulator.putFiles('folder', { 'a/b.txt': 'inside' });
    await emulator.submit('env', {
      ...plain,
      command:
        'env; cat ${{inputs.dir}}/a/b.txt; echo "direct=${{inputs.direct}}" $[[--never ${{inputs.absent}}]]',
      environmentVariables: { MINE: 'yes' },
      inputs: {
        dir: { jobInputType: 'uri_folder', uri: folder, mode: 'ReadOnlyMount' },
        direct: { jobInputType: 'uri_folder', uri: folder, mode: 'Direct' },
      },
    });
    expect((await emulator.until('env')).status).toBe('Completed');
    const log = await emulator.artifact('env', 'user_logs/std_log.txt');
    for (const part of [
      'MINE=yes',
      'inside',
      `direct=${folder}`,
      'MLFLOW_RUN_ID=env',
      'AZUREML_ARM_WORKSPACE_NAME=ws1',
    ])
      expect(log).toContain(part);
    for (const part of ['SECRET_OF_THE_SHELL', 'VITEST', '--never']) expect(log).not.toContain(part);
    delete process.env['SECRET_OF_THE_SHELL'];
  });

  it.each([
    ['an unknown input', { command: 'echo ${{inputs.x}}' }, "does not contain 'x'"],
    [
      'missing data',
      { command: 'true', inputs: { d: { jobInputType: 'uri_file', uri: 'azureml:none:1' } } },
      "Input 'd'",
    ],
    [
      'an unknown compute',
      { command: 'true', computeId: `${W}/computes/none` },
      'computes/none was not found',
    ],
    [
      'an unknown environment',
      { command: 'true', environmentId: `${W}/environments/none/versions/1` },
      'was not found',
    ],
    ['another kind of job', { jobType: 'Spark' }, 'Command, Sweep and Pipeline'],
    ['a bad sweep', { jobType: 'Sweep' }, 'searchSpace'],
  ])('fail clearly for %s', async (what, properties, message) => {
    const name = `bad-${what.replaceAll(' ', '-')}`;
    await emulator.submit(name, { ...plain, ...properties });
    const job = await emulator.until(name);
    expect(job.status).toBe('Failed');
    expect(job.error?.message).toContain(message);
  });

  it('run as many processes as their distribution says, each told its place and with a log of its own', async () => {
    await emulator.submit('torch', {
      ...plain,
      command: 'echo "$RANK of $WORLD_SIZE, $LOCAL_RANK on $NODE_RANK, $MASTER_ADDR"',
      distribution: { distributionType: 'PyTorch', processCountPerInstance: 2 },
      resources: { instanceCount: 2 },
    });
    expect((await emulator.until('torch')).status).toBe('Completed');
    const logs = await Promise.all(
      [0, 1, 2, 3].map((rank) => emulator.artifact('torch', `user_logs/std_log_process_${rank}.txt`)),
    );
    expect(logs.map((log) => log.trim())).toEqual([
      '0 of 4, 0 on 0, 127.0.0.1',
      '1 of 4, 1 on 0, 127.0.0.1',
      '2 of 4, 0 on 1, 127.0.0.1',
      '3 of 4, 1 on 1, 127.0.0.1',
    ]);
    await emulator.submit('mpi', {
      ...plain,
      command: 'if [ $OMPI_COMM_WORLD_RANK = 1 ]; then exit 4; fi; sleep 600',
      distribution: { distributionType: 'Mpi', processCountPerInstance: 2 },
    });
    expect((await emulator.until('mpi')).error?.message).toContain('exited with code 4');
    await emulator.submit('tf', {
      ...plain,
      command: 'echo "$TF_CONFIG"',
      distribution: { distributionType: 'TensorFlow', workerCount: 2, parameterServerCount: 1 },
    });
    await emulator.until('tf');
    const config = await emulator.artifact('tf', 'user_logs/std_log_process_0_ps.txt');
    expect(JSON.parse(config)).toMatchObject({
      cluster: { worker: expect.any(Array) as unknown, ps: expect.any(Array) as unknown },
      task: { type: 'ps', index: 0 },
    });
  });

  it('take as many nodes of their compute as they ask for, in the order of submission', async () => {
    emulator.put('/computes/two', {
      computeType: 'AmlCompute',
      properties: { scaleSettings: { maxNodeCount: 2 } },
    });
    const computeId = `${W}/computes/two`;
    await emulator.submit('half', { ...plain, computeId, command: SLEEPER });
    await emulator.submit('whole', { ...plain, computeId, command: 'true', resources: { instanceCount: 2 } });
    await emulator.submit('three', { ...plain, computeId, command: 'true', resources: { instanceCount: 3 } });
    await emulator.until('half', ['Running']);
    expect(emulator.job('whole').status).toBe('Queued');
    expect(emulator.job('three')).toMatchObject({ status: 'Failed', error: { code: 'UserError' } });
    await emulator.runner.cancel(`${W}/jobs/half`);
    expect((await emulator.until('whole')).status).toBe('Completed');
  });

  it('that ran when the emulator died are Failed after its restart, and those that waited run', async () => {
    emulator.put('/jobs/was-running', { jobType: 'Command', status: 'Running', command: 'true', ...plain });
    emulator.put('/jobs/was-queued', { jobType: 'Command', status: 'Queued', command: 'true', ...plain });
    const next = createRunner(emulator.ctx);
    next.recover();
    expect(emulator.job('was-running')).toMatchObject({
      status: 'Failed',
      error: { code: 'EmulatorStopped' },
    });
    expect((await emulator.until('was-queued')).status).toBe('Completed');
    await next.stop();
  });

  it('make their environment once', () => {
    const made = emulator.lines.filter((line) => line.startsWith('environment '));
    expect(made.length).toBeLessThanOrEqual(1);
  });
});
