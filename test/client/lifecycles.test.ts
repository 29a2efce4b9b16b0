import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LifecycleStatus } from '../../src/workflows/messages.js';
import { runHere, type CliRun } from '../cli/support.js';
import { failure } from '../support/fake-activities.js';
import {
  gate,
  push,
  questionOf,
  resultOf,
  statusOf,
  until,
  waitForPhase,
} from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, production, project, staging } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  // Temporal's own reader of settings looks at the process, not at what a caller gives.
  process.env['TEMPORAL_ADDRESS'] = lab.server.address;
});
afterAll(async () => {
  delete process.env['TEMPORAL_ADDRESS'];
  await lab.stop();
});

const mlops = (...args: string[]): Promise<CliRun> => runHere(args, { env: { MLOPS_TASK_QUEUES: 'test' } });
const untrusting = project({
  environments: [{ ...production, approval: { ...onePerson, verify: ['none', 'github'] } }],
});
const trainingOnly = project({ environments: [] });
const json = (run: CliRun): LifecycleStatus & { id: string } =>
  JSON.parse(run.out) as LifecycleStatus & { id: string };
const idIn = ({ scope }: Stage): string => `mlops/acme.${scope}/diabetes/111111111111`;

const startArgs = ({ repository }: Stage): string[] => [
  'start',
  ...['--project', 'diabetes', '--repository', repository, '--commit', '1'.repeat(40), '--ref', 'main'],
];

describe.concurrent('start', () => {
  test('starts a lifecycle once, and follows it to its end', async () => {
    const stage = lab.stage({ project: trainingOnly });
    const first = await mlops(...startArgs(stage), '--watch', '--json');
    expect(first.code, first.err).toBe(0);
    expect(json(first)).toMatchObject({ id: idIn(stage), verdict: 'registered' });
    expect(first.err).toMatch(/✔ train .*boosted/);
    const second = await mlops(...startArgs(stage));
    expect(second).toMatchObject({ code: 0 });
    expect(second.out).toContain(`was started before: ${idIn(stage)}`);
  });

  test('goes on where an earlier plan of the commit ended', async () => {
    const stage = lab.stage({ project: trainingOnly });
    const planned = await mlops(...startArgs(stage), '--reach', 'plan', '--watch');
    expect(planned.out).toContain('planned.');
    const trained = await mlops(...startArgs(stage), '--reach', 'train', '--watch', '--json');
    expect(json(trained)).toMatchObject({ id: `${idIn(stage)}/retry/train`, verdict: 'evaluated' });
  });

  test('of an uncommitted tree goes no further than training', async () => {
    const { code, err } = await mlops('start', '--source', '.', '--reach', 'production');
    expect(code).toBe(2);
    expect(err).toContain('push a commit');
  });
});

describe.concurrent('looking', () => {
  test('status tells phases, candidates and why; its exit code the verdict', async () => {
    const stage = lab.stage({ project: trainingOnly });
    await resultOf(await push(stage));
    const shown = await mlops('status', idIn(stage), '--exit-code');
    expect(shown.code).toBe(0);
    expect(shown.out).toMatch(/^PHASE +STATE +TIME +RESULT$/m);
    expect(shown.out).toMatch(/^boosted +finished +AUC 0\.9, accuracy 0\.8/m);
    expect(json(await mlops('status', idIn(stage), '--json'))).toMatchObject({ verdict: 'registered' });
    expect((await mlops('why', idIn(stage))).out).toContain('The model was registered');
  });

  test('a lifecycle that failed says so by its exit code, without a worker too', async () => {
    const stage = lab.stage({
      activities: { loadProject: () => Promise.reject(failure('SpecInvalid', 'mlops.yaml:3:1 unknown key')) },
    });
    const handle = await push(stage);
    await expect(handle.result()).rejects.toThrow();
    const { code, out } = await mlops('status', idIn(stage), '--exit-code');
    expect(code).toBe(1);
    expect(out).toContain('mlops.yaml:3:1 unknown key');
    expect((await mlops('watch', idIn(stage))).code).toBe(1);
  });

  test('an id may be shortened; what fits nothing is told with what there is', async () => {
    const stage = lab.stage({ project: trainingOnly });
    await resultOf(await push(stage));
    const { scope } = stage;
    await until('the list to know it', async () => {
      const { code, out } = await mlops('status', `acme.${scope}/diabetes`, '--json');
      return code === 0 && out.includes(idIn(stage)) ? true : undefined;
    });
    const { code, err } = await mlops('status', 'diabets');
    expect(code).toBe(2);
    expect(err).toContain('did you mean diabetes?');
  });

  test('list shows lifecycles with their verdicts', async () => {
    const stage = lab.stage({ project: trainingOnly });
    await resultOf(await push(stage));
    const row = await until('the list to know it', async () => {
      const { out } = await mlops('list', '--limit', '100');
      return out.split('\n').find((line) => line.includes(stage.scope) && line.includes('registered'));
    });
    expect(row).toContain(idIn(stage));
    expect((await mlops('list', '--running')).out).not.toContain(stage.scope);
  });

  test('open prints the page in the Temporal UI', async () => {
    const stage = lab.stage({ project: trainingOnly });
    await push(stage);
    const { out } = await mlops('open', idIn(stage), '--print');
    expect(out.trim()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/mlops%2F/);
  });
});

describe.concurrent('deciding', () => {
  test('approve shows the evidence, sends the signal and tells what came of it', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    const { code: digits } = await questionOf(handle);
    expect((await mlops('status', idIn(stage), '--exit-code')).code).toBe(4);
    const { code, out } = await mlops('approve', idIn(stage), '--reason', 'the numbers hold');
    expect(code).toBe(0);
    expect(out).toMatch(/^model +diabetes:/m);
    expect(out).toContain('approved by');
    const ended = await resultOf(handle);
    expect(ended).toMatchObject({
      verdict: 'released',
      decisions: [
        { answer: 'approve', code: digits, reason: 'the numbers hold', claimedBy: userInfo().username },
      ],
    });
    const again = await mlops('approve', idIn(stage));
    expect(again.code).toBe(1);
    expect(again.err).toContain('waits for no approval');
  });

  test('reject ends it, and watching it tells by the exit code', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    await questionOf(handle);
    const watched = mlops('watch', idIn(stage));
    const { code, out } = await mlops('reject', idIn(stage), '--by', 'grace', '--reason', 'too slow');
    expect(code).toBe(0);
    expect(out).toContain('rejected by grace');
    const seen = await watched;
    expect(seen.code).toBe(1);
    expect(seen.out).toContain('rejected. Rejected by grace: too slow');
  });

  test('an answer that does not count fails with the reason', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    const { code: digits } = await questionOf(handle);
    const { code, err } = await mlops('approve', idIn(stage), '--by', 'mallory');
    expect(code).toBe(1);
    expect(err).toContain('was not counted');
    expect(err).toContain(`/approve ${digits}`);
    await handle.terminate();
  });

  test('where only GitHub proves a person, it sends nothing and prints the comment', async () => {
    const stage = lab.stage({ project: project({ environments: [production] }) });
    const handle = await push(stage);
    const { code: digits } = await questionOf(handle);
    const { code, err } = await mlops('approve', idIn(stage), '--reason', 'fine');
    expect(code).toBe(1);
    expect(err).toContain(`/approve ${digits} fine`);
    expect((await statusOf(handle)).decisions).toEqual([]);
    await handle.terminate();
  });

  test('evidence that is no longer asked about is not answered', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    const { code: digits } = await questionOf(handle);
    const { code, err } = await mlops('approve', idIn(stage), '--code', '0'.repeat(12));
    expect(code).toBe(1);
    expect(err).toContain(digits);
    await handle.terminate();
  });
});

describe.concurrent('steering', () => {
  test('retry wakes a blocked lifecycle', async () => {
    const quota = gate();
    let open = false;
    quota.opened.then(
      () => (open = true),
      () => undefined,
    );
    const stage = lab.stage({
      project: trainingOnly,
      activities: (ok) => ({
        submitJob: (input) =>
          open
            ? ok.submitJob(input)
            : Promise.reject(failure('QuotaExceeded', 'no cores are left in westeurope')),
      }),
    });
    const handle = await push(stage);
    await until('it to be blocked', async () => (await statusOf(handle)).blocked);
    const blocked = await mlops('status', idIn(stage), '--exit-code');
    expect(blocked.code).toBe(4);
    expect(blocked.out).toContain('no cores are left in westeurope');
    quota.open();
    const { code, out } = await mlops('retry', idIn(stage), '--watch');
    expect(code, out).toBe(0);
    expect(out).toContain('registered.');
  });

  test('retry of one that runs well says that there is nothing to do', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    await questionOf(handle);
    const { code, err } = await mlops('retry', idIn(stage));
    expect(code).toBe(1);
    expect(err).toContain('is not blocked');
    await handle.terminate();
  });

  test('retry of one that has ended starts another, under the next number', async () => {
    const stage = lab.stage({ project: trainingOnly });
    await resultOf(await push(stage));
    const first = await mlops('retry', idIn(stage), '--watch', '--json');
    expect(json(first)).toMatchObject({ id: `${idIn(stage)}/retry/1`, trigger: 'retry/1' });
    const second = await mlops('retry', idIn(stage), '--json');
    expect(JSON.parse(second.out)).toMatchObject({
      workflowId: `${idIn(stage)}/retry/2`,
      outcome: 'started',
    });
  });

  test('cancel stops a lifecycle and watches it end', async () => {
    const stage = lab.stage({ project: untrusting });
    const handle = await push(stage);
    await questionOf(handle);
    const { code, out } = await mlops('cancel', idIn(stage), '--watch');
    expect(code).toBe(0);
    expect(out).toContain('cancelled.');
    const again = await mlops('cancel', idIn(stage));
    expect(again.code).toBe(1);
    expect(again.err).toContain('has ended already (cancelled)');
  });
});

describe.concurrent('release', () => {
  test('enters at staging, under an id that says it was asked for', async () => {
    const stage = lab.stage({ project: project({ environments: [staging, environment('live')] }) });
    const handle = await push(stage);
    const [model] = (await resultOf(handle)).models;
    const args = ['release', `diabetes:${model?.version ?? ''}`, '--to', 'live', '--project', 'diabetes'];
    const origin = ['--repository', stage.repository, '--commit', '1'.repeat(40)];
    const { code, out, err } = await mlops(...args, ...origin, '--watch', '--json');
    expect(code, err).toBe(0);
    const released = json({ code, out, err });
    expect(released).toMatchObject({ id: `${idIn(stage)}/release/1`, verdict: 'released' });
    expect(released.phases.find(({ phase }) => phase === 'train')?.state).toBe('skipped');
  });

  test('of what is no model version is bad input', async () => {
    const { code, err } = await mlops('release', 'diabetes', '--to', 'production');
    expect(code).toBe(2);
    expect(err).toContain('MODEL:VERSION');
  });
});

test('a lifecycle is followed while its worker is replaced', async () => {
  const training = gate();
  const stage = lab.stage({
    project: trainingOnly,
    activities: (ok) => ({
      lookAtJob: async (input) => {
        await training.opened;
        return await ok.lookAtJob(input);
      },
    }),
  });
  const handle = await push(stage);
  await waitForPhase(handle, 'train', 'running');
  const watched = mlops('watch', idIn(stage));
  const replaced = lab.replaceWorker();
  training.open();
  await replaced;
  expect((await watched).code).toBe(0);
});
