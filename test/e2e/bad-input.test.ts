import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { messages } from '../../src/workflows/messages.js';
import { edit, Stack } from '../support/stack.js';
import { tiny, tinyEntries } from '../support/tiny.js';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(tinyEntries('spec', 'files', 'metric', 'script', 'lonely'));
});
afterAll(() => stack.stop());

describe.concurrent('what data scientists get wrong', () => {
  test('mlops.yaml: all mistakes at once, each with its line, and nothing starts', async () => {
    const project = await tiny(stack, 'spec');
    await edit(
      project.dir,
      'mlops.yaml',
      ['gate: accuracy >= 0.8', 'gaet: accuracy >= 0.8'],
      ['which: best', 'which: newest'],
      ['traffic: 50', 'traffic: 500'],
    );
    const { verdict, why } = await stack.ended(await stack.start(project));
    expect(verdict).toBe('failed');
    expect(why).toMatch(/mlops\.yaml:\d+:.*gaet.*gate/);
    expect(why).toMatch(/mlops\.yaml:\d+:.*which.*newest.*best/);
    expect(why).toMatch(/mlops\.yaml:\d+:.*traffic.*500/);
    expect(await requestsOf('spec')).toEqual([]);
  });

  test("Azure ML's files: all mistakes at once, each with its line, and nothing starts", async () => {
    const project = await tiny(stack, 'files');
    await edit(project.dir, 'azureml/train.yml', ['command: >-', 'comand: >-']);
    await edit(project.dir, 'azureml/deployment.yml', ['instance_count: 1', 'instance_count: many']);
    await rm(join(project.dir, 'azureml/prepare.yml'));
    const { verdict, why } = await stack.ended(await stack.start(project));
    expect(verdict).toBe('failed');
    expect(why).toMatch(/azureml\/train\.yml:\d+:.*comand.*command/);
    expect(why).toMatch(/azureml\/deployment\.yml:\d+:.*instance_count/);
    expect(why).toMatch(/azureml\/prepare\.yml/);
    expect(await requestsOf('files')).toEqual([]);
  });

  test('a metric that no run logged: the gate says which were', async () => {
    const project = await tiny(stack, 'metric');
    await edit(project.dir, 'mlops.yaml', ['gate: accuracy', 'gate: acuracy']);
    const { verdict, gate } = await stack.ended(await stack.start(project));
    expect(verdict).toBe('gate_failed');
    expect(gate?.verdicts).toHaveLength(2);
    for (const { reasons } of gate?.verdicts ?? [])
      expect(reasons.join()).toMatch(/acuracy.*logged.*accuracy, rows/);
  });

  test('a training script that fails: the end of its log, the link, and which gate could not be met', async () => {
    const project = await tiny(stack, 'script');
    await edit(project.dir, 'azureml/train.yml', ['threshold: 5', 'threshold: -2']);
    await edit(project.dir, 'mlops.yaml', ['inputs.threshold: 4.5', 'inputs.threshold: -1']);
    const { verdict, why, candidates } = await stack.ended(await stack.start(project));
    expect(verdict).toBe('gate_failed');
    expect(why).toMatch(/gate was not met/i);
    expect(candidates).toHaveLength(2);
    for (const candidate of candidates) {
      expect(candidate).toMatchObject({
        kind: 'failed',
        log: expect.stringMatching(/ValueError: a threshold below all points: -/) as string,
        link: expect.stringContaining(`${stack.machine.addresses.emulator}/runs/script-`) as string,
      });
    }
    expect((await stack.azure.puts('models')).filter(({ path }) => path.includes('/script'))).toEqual([]);
  });
});

test('Azure that cannot be reached parks and names the setting; with it mended the lifecycle goes on', async () => {
  const project = await tiny(stack, 'lonely');
  await writeFile(join(project.dir, 'mlops.yaml'), 'name: lonely\ntrain: azureml/train.yml\n');
  await stack.machine.killWorker();
  await stack.machine.startWorker({ MLOPS_AZURE_URL: 'http://127.0.0.1:9' });
  const id = await stack.start({ ...project, timing: { outageAttempts: 2 } });
  const { blocked } = await stack.until(id, 'blocked', (status) => status.blocked !== undefined);
  expect(blocked).toMatchObject({ type: 'Outage' });
  expect(blocked?.message).toMatch(/ECONNREFUSED 127\.0\.0\.1:9.*MLOPS_AZURE_URL/);

  await stack.machine.killWorker();
  await stack.machine.startWorker();
  await stack.client.workflow.getHandle(id).signal(messages.retry);
  const { verdict, why, phases } = await stack.ended(id);
  expect(phases[0]).toMatchObject({ phase: 'setup', state: 'done' });
  expect(verdict).toBe('gate_failed');
  expect(why).toMatch(/holds no version of lonely-train/);
});

/** What Azure was asked for a project. */
async function requestsOf(name: string): Promise<unknown[]> {
  const all = await stack.azure.requests();
  return all.filter(({ path }) => path.startsWith('/subscriptions/') && path.includes(name));
}
