import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/domain/project.js';
import type { EndpointStatus } from '../../src/workflows/messages.js';
import { type CliRun, runHere } from '../cli/support.js';
import { endpointWorkflowId } from '../support/fake-activities.js';
import { approve, endpointOf, endpointStatusOf, push, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  process.env['TEMPORAL_ADDRESS'] = lab.server.address;
});
afterAll(async () => {
  delete process.env['TEMPORAL_ADDRESS'];
  await lab.stop();
});

const mlops = (...args: string[]): Promise<CliRun> => runHere(args);

/** An endpoint to which these commits were released, one after the other. */
async function endpointWith(name: string, commits: readonly number[]): Promise<Stage> {
  const stage = lab.stage({ project: straightTo(environment(name)) });
  for (const commit of commits) await resultOf(await push(stage, { commit }));
  await until('the list to know the owner', async () => {
    const { code } = await mlops('endpoint', name);
    return code === 0 ? true : undefined;
  });
  return stage;
}

describe.concurrent('an endpoint', () => {
  test('shows champion, previous champion and traffic', async () => {
    const stage = await endpointWith('shown', [1, 2]);
    const { out } = await mlops('endpoint', 'shown');
    expect(out).toMatch(/^champion +diabetes:2-2222 as d-/m);
    expect(out).toMatch(/^previous +diabetes:1-1111 as d-/m);
    expect(out).toMatch(/^traffic +d-\S+ 100 %$/m);
    const asked = await mlops('endpoint', endpointWorkflowId(stage.scope, 'shown'), '--json');
    expect(JSON.parse(asked.out)).toMatchObject({ endpoint: 'shown', workspace: 'dev' });
  });

  test('rolls back to the previous champion, and says what serves again', async () => {
    const stage = await endpointWith('rolled', [1, 2]);
    const before = await endpointStatusOf(endpointOf(stage, 'rolled'));
    const { code, out } = await mlops('rollback', 'rolled', '--reason', 'complaints');
    expect(code, out).toBe(0);
    expect(out).toContain('diabetes:1-1111 serves again');
    const after = await endpointStatusOf(endpointOf(stage, 'rolled'));
    expect(after.champion?.deployment).toBe(before.previous?.deployment);
    expect(stage.fakes.azure.endpoint('rolled').traffic).toEqual({
      [before.previous?.deployment ?? '']: 100,
    });
    expect(after.events.map(({ what }) => what)).toContainEqual(expect.stringContaining('complaints'));
  });

  test('with nothing to go back to says so', async () => {
    await endpointWith('single', [1]);
    const { code, err } = await mlops('rollback', 'single');
    expect(code).toBe(1);
    expect(err).toContain('no previous champion');
  });

  test('prints the az commands of its own state', async () => {
    const stage = await endpointWith('printed', [1, 2]);
    const { champion, previous } = await endpointStatusOf(endpointOf(stage, 'printed'));
    const { out } = await mlops('rollback', 'printed', '--print-az');
    expect(out).toContain(`--traffic "${previous?.deployment ?? ''}=100 ${champion?.deployment ?? ''}=0"`);
    expect(out).toContain("--resource-group '<resource group of dev>'");
  });

  test('is held and goes on', async () => {
    const stage = await endpointWith('held', [1]);
    const held = async (): Promise<EndpointStatus['held']> =>
      (await endpointStatusOf(endpointOf(stage, 'held'))).held;
    expect((await mlops('hold', 'held', '--reason', 'freeze')).code).toBe(0);
    expect(await held()).toBe(true);
    expect((await mlops('resume', 'held')).code).toBe(0);
    expect(await held()).toBe(false);
  });
});

describe.concurrent('a retirement', () => {
  test('says what it would do, wants a yes, and waits until all is gone', async () => {
    const stage = await endpointWith('leaving', [1, 2]);
    const dry = await mlops('retire', 'leaving', '--dry-run', '--days', '30');
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('retire the endpoint leaving')]);
    const hasty = await mlops('retire', 'leaving');
    expect([hasty.code, hasty.err]).toEqual([2, expect.stringContaining('say --yes')]);
    expect((await mlops('retire', 'leaving', '--drain', 'soon')).code).toBe(2);
    expect((await mlops('retire', 'leaving', '--days', 'many')).code).toBe(2);
    expect(stage.fakes.azure.names()).toEqual(['leaving']);
    const { code, out, err } = await mlops('retire', 'leaving', '--yes', '--reason', 'replaced');
    expect(code, err).toBe(0);
    expect(out).toContain('leaving is retired');
    expect(stage.fakes.azure.names()).toEqual([]);
  });
});

describe.concurrent('a rollout', () => {
  const anHourMs = 3_600_000;
  const rollout = {
    steps: [
      { kind: 'traffic', percent: 10, forMs: anHourMs },
      { kind: 'traffic', percent: 50, forMs: anHourMs },
    ],
    abort: {},
    keepPreviousMs: anHourMs,
  } as const;

  async function underWay(name: string, more: Partial<Environment> = {}): Promise<Stage> {
    const stage = lab.stage({ project: straightTo(environment(name, { rollout, ...more })) });
    for (const commit of [1, 2]) {
      const handle = await push(stage, { commit });
      if (more.approval !== undefined) await approve(handle);
      if (commit === 1) await resultOf(handle);
    }
    await until('the first step', async () => {
      const { code, out } = await mlops('endpoint', name);
      return code === 0 && out.includes('step') ? true : undefined;
    });
    return stage;
  }

  test('is paused, replanned, skipped and aborted', async () => {
    const stage = await underWay('steered');
    expect((await mlops('pause', 'steered', '--reason', 'lunch')).out).toContain('steered in dev: paused');
    expect((await mlops('endpoint', 'steered')).out).toMatch(/^step +traffic 10 % 1h \(paused\)/m);
    const wrong = await mlops('replan', 'steered', '5:10m');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('5 % is not more than the 10 %')]);
    expect((await mlops('replan', 'steered', 'soon')).code).toBe(2);
    expect((await mlops('replan', 'steered', '30:1h')).code).toBe(0);
    expect((await mlops('skip', 'steered')).code).toBe(0);
    expect((await mlops('jump', 'steered', 'nobody')).err).toContain('no such release waits');
    expect((await mlops('abort', 'steered')).out).toContain('abort by octocat');
    await until('the way back', () =>
      Object.keys(stage.fakes.azure.endpoint('steered').traffic).length === 1 ? true : undefined,
    );
  });

  test('asks the approvers for what they have not approved, who answer here too', async () => {
    const stage = await underWay('asked', { approval: { ...onePerson, verify: ['none', 'github'] } });
    const { code, out } = await mlops('skip', 'asked');
    expect(code).toBe(4);
    expect(out).toContain('skip the step');
    const id = endpointWorkflowId(stage.scope, 'asked');
    expect(out).toContain(`mlops approve ${id}`);
    const approved = await mlops('approve', id, '--yes');
    expect(approved.code, approved.err).toBe(0);
    expect((await mlops('approve', id, '--yes')).err).toContain('asks nothing');
  });
});

test('a name that no endpoint has is told with those that there are', async () => {
  await endpointWith('cardio', [1]);
  const { code, err } = await mlops('rollback', 'cardoi');
  expect(code).toBe(2);
  expect(err).toContain('did you mean cardio?');
});

test('a name in two workspaces has to be told apart', async () => {
  await endpointWith('twin', [1]);
  const second = lab.stage({
    project: straightTo(environment('twin', { workspace: 'prod' })),
  });
  await resultOf(await push(second));
  const { err } = await until('the list to know both', async () => {
    const run = await mlops('hold', 'twin');
    return run.code === 2 ? run : undefined;
  });
  expect(err).toContain('--workspace dev');
  expect(err).toContain('--workspace prod');
  const { out } = await mlops('hold', 'twin', '--workspace', 'prod');
  expect(out).toContain('twin in prod: held');
});
