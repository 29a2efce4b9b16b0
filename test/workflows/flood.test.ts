import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  approve,
  endpointOf,
  endpointStatusOf,
  push,
  questionOf,
  resultOf,
  statusOf,
  until,
} from '../support/workflow-driving.js';
import { failure } from '../support/fake-activities.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { environment, onePerson, staging, project, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const senders = 50;
const asking = environment('production', { approval: onePerson });

/** Everything that strangers may send, over and over. @returns how many signals the server took */
async function flood(handle: WorkflowHandle, code: string, count: number): Promise<number> {
  const kinds: readonly (readonly [string, unknown])[] = [
    ['approve 000000000000', { by: 'octocat' }],
    [`approve ${code}`, { by: 'mallory' }],
    [`approve ${code}`, 'yes'],
    [`approve ${code}`, { reason: 7 }],
    [`reject ${code}`, { reason: 'x'.repeat(5_000) }],
    ['release', { releaseId: 'x', kind: 'finished' }],
    ['anything', undefined],
  ];
  let [next, taken] = [0, 0];
  const send = async (): Promise<void> => {
    for (let position = next++; position < count; position = next++) {
      const [name, payload] = kinds[position % kinds.length] ?? ['anything', undefined];
      try {
        await handle.signal(name, payload);
        taken += 1;
      } catch (error) {
        // The server's own limit for a run.
        if (!String((error as Error).cause).includes('limit for signal events')) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  return taken;
}

/** Lengths of the runs' histories, the newest first. */
async function runsOf(handle: WorkflowHandle): Promise<number[]> {
  const runs: number[] = [];
  for await (const { historyLength } of lab.client.workflow.list({
    query: `WorkflowId = '${handle.workflowId}'`,
  }))
    runs.push(historyLength);
  return runs;
}

test('ten thousand refused signals neither approve nor stop anything, nor use up the signals of a run', async () => {
  const stage = lab.stage({ project: straightTo(asking) });
  const handle = await push(stage);
  const { code } = await questionOf(handle);
  // The hardest way: all of them wait for one worker. What is more than a run takes is refused by the server.
  const taken = await lab.withoutWorker(() => flood(handle, code, 10_100));
  expect(taken).toBeGreaterThan(9_900);
  const question = await until('the question in a new run', async () => {
    const { approval } = await statusOf(handle);
    return approval === undefined || approval.code === code ? undefined : approval;
  });
  expect(question.approvals).toEqual([]);
  expect(stage.fakes.azure.names()).toEqual([]);
  await approve(handle);
  const { verdict, decisions, notes, approvals } = await resultOf(handle);
  expect(verdict).toBe('released');
  expect(decisions.filter(({ counted }) => counted)).toHaveLength(1);
  expect(decisions.length).toBeLessThan(300);
  expect(notes.length).toBeLessThanOrEqual(50);
  expect(JSON.stringify(approvals).length).toBeLessThan(300_000);
  const runs = await until('every run to be listed', async () => {
    const found = await runsOf(handle);
    return found.length > 1 ? found : undefined;
  });
  expect(Math.max(...runs)).toBeLessThan(30_000);
}, 240_000);

test('ten thousand signals while a job trains neither stop it nor keep the people from being asked', async () => {
  let trained = false;
  const stage = lab.stage({
    project: straightTo(asking),
    activities: (ok) => ({
      lookAtJob: (input) => (trained ? ok.lookAtJob(input) : Promise.reject(failure('NotYet', 'it runs'))),
    }),
  });
  const handle = await push(stage);
  await until('a look at the job', () => stage.fakes.of('lookAtJob')[0]);
  const taken = await flood(handle, '000000000001', 10_100);
  expect(taken).toBeGreaterThan(9_900);
  const { phases, decisions, notes } = await statusOf(handle);
  expect(phases.find(({ phase }) => phase === 'train')?.state).toBe('running');
  expect(decisions.length + notes.length).toBeLessThan(300);
  trained = true;
  await approve(handle);
  const end = await resultOf(handle);
  expect(end.verdict).toBe('released');
  expect(end.decisions.filter(({ counted }) => counted)).toHaveLength(1);
  expect(stage.fakes.of('submitJob')).toHaveLength(1);
  expect(Math.max(...(await runsOf(handle)))).toBeLessThan(45_000);
}, 240_000);

test('a question that outgrows its run is asked anew: answers are void, what was done stays done', async () => {
  const stage = lab.stage({
    project: project({ environments: [staging, { ...asking, approval: { ...onePerson, required: 2 } }] }),
  });
  const handle = await push(stage, { historyLimit: 400 });
  const { approve: yes, code, expiresAt } = await questionOf(handle);
  await handle.signal(yes, { by: 'octocat' });
  await until('the first approval', async () =>
    (await statusOf(handle)).approval?.approvals.includes('octocat') === true ? true : undefined,
  );
  await flood(handle, code, 400);
  const question = await until('the question in a new run', async () => {
    const { approval } = await statusOf(handle);
    return approval === undefined || approval.code === code ? undefined : approval;
  });
  expect(question.approvals).toEqual([]);
  expect(question.expiresAt, 'strangers must not win anybody more time').toBe(expiresAt);
  // Told to the new run, which answers to other names.
  await handle.signal(yes, { by: 'hubot' });
  await approve(handle, 'octocat');
  await approve(handle, 'hubot');
  const { verdict, approvals, notes, candidates, phases } = await resultOf(handle);
  expect(verdict).toBe('released');
  expect(phases.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done', 'skipped']);
  expect(candidates).toHaveLength(2);
  expect(approvals?.map(({ outcome }) => outcome.kind)).toEqual(['pending', 'approved']);
  expect(notes.join()).toContain('answers given so far are void');
  expect(notes.join()).toContain(`refused the signal "${yes}"`);
  expect(stage.fakes.of('submitJob')).toHaveLength(2);
  expect(stage.fakes.of('testDeployment').map(({ endpoint }) => endpoint)).toEqual(['staging', 'production']);
  expect(stage.fakes.of('announceApproval').map(({ state }) => state)).toEqual([
    'pending',
    'withdrawn',
    'pending',
    'approved',
  ]);
  const { memo, typedSearchAttributes } = await handle.describe();
  expect(memo).toMatchObject({ commit: '1'.repeat(40) });
  expect(JSON.stringify(typedSearchAttributes)).toContain('diabetes');
  const owner = await endpointStatusOf(endpointOf(stage, 'production'));
  expect(owner.waiting).toEqual([]);
});
