import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CoreActivities } from '../../src/activities/contract.js';
import type { Dependencies } from '../../src/activities/dependencies.js';
import { lifecycleCommentActivities } from '../../src/activities/lifecycle-comments.js';
import { failure } from '../support/fake-activities.js';
import { repository, startGitHub, type TestGitHub } from '../support/github.js';
import { push, statusOf, until } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { candidate, project } from '../support/workflow-projects.js';

let lab: Lab;
let github: TestGitHub;
let issue: number;
beforeAll(async () => {
  [lab, github] = await Promise.all([startLab(), startGitHub()]);
  await github.push({ a: '1' });
  ({ number: issue } = await github.post('ann', `repos/${repository}/issues`, { title: 'Lifecycle' }));
});
afterAll(() => Promise.all([lab.stop(), github.stop()]));

/** Its job runs for ever, or nobody has cores for it; comments are read by the real activity from the emulator's GitHub. */
function staged(quota: () => boolean = () => true): Stage {
  return lab.stage({
    project: project({ candidates: [candidate('boosted')], environments: [] }),
    activities: (ok) => ({
      submitJob: (input) =>
        quota() ? ok.submitJob(input) : Promise.reject(failure('QuotaExceeded', 'no cores left')),
      lookAtJob: () => Promise.reject(failure('NotYet', 'it runs')),
      obeyComment: ({ source, ...input }) =>
        real().obeyComment({ ...input, source: { ...source, repository } }),
    }),
  });
}

function real(): Pick<CoreActivities, 'obeyComment'> {
  return lifecycleCommentActivities({ temporal: lab.client, github: github.app } as Dependencies);
}

async function comment(login: string, body: string): Promise<number> {
  return (await github.post(login, `repos/${repository}/issues/${issue}/comments`, { body })).id;
}

async function pushUntilItRuns(stage: Stage): Promise<WorkflowHandle> {
  const handle = await push(stage);
  await until('the job to run', () => stage.fakes.of('lookAtJob')[0]);
  return handle;
}

async function noted(handle: WorkflowHandle, text: string): Promise<void> {
  await until(`the note "${text}"`, async () =>
    (await statusOf(handle)).notes.some((note) => note.includes(text)) ? true : undefined,
  );
}

describe.concurrent('a comment on GitHub', () => {
  test('cancels a lifecycle, its jobs too, and the record says who asked', async () => {
    const stage = staged();
    const handle = await pushUntilItRuns(stage);
    await handle.signal('comment', { comment_id: await comment('will', '/cancel diabetes\nenough') });
    await expect(handle.result()).rejects.toThrow();
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(stage.fakes.of('cancelJob')).toHaveLength(1);
    expect(stage.fakes.of('writeRecord').at(-1)?.status).toMatchObject({
      verdict: 'cancelled',
      notes: ['cancel by will (comment on GitHub)'],
    });
  });

  test('wakes a blocked one', async () => {
    let quota = false;
    const stage = staged(() => quota);
    const handle = await push(stage);
    await until('it to be blocked', async () => (await statusOf(handle)).blocked);
    quota = true;
    await handle.signal('comment', { comment_id: await comment('will', '/retry') });
    await until('the job to run', () => stage.fakes.of('lookAtJob')[0]);
    await noted(handle, 'retry by will');
    await handle.terminate();
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'by somebody who may not write',
      async () => ({ comment_id: await comment('rita', '/cancel') }),
      'rita has the role read',
    ],
    [
      'for another project',
      async () => ({ comment_id: await comment('will', '/cancel churn') }),
      'first line is not',
    ],
    [
      'that says something else',
      async () => ({ comment_id: await comment('ann', 'please /cancel') }),
      'first line is not',
    ],
    ['that is not there', () => Promise.resolve({ comment_id: 999_999 }), 'does not exist'],
    ['that nobody names', () => Promise.resolve(undefined), 'it names no comment'],
    [
      'named by a payload of the wrong type',
      () => Promise.resolve({ comment_id: 'ann' }),
      'it names no comment',
    ],
  ])('%s is refused with the reason and changes nothing', async (_what, payload, reason) => {
    const stage = staged();
    const handle = await pushUntilItRuns(stage);
    await handle.signal('comment', await payload());
    await noted(handle, reason);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(stage.fakes.of('cancelJob')).toEqual([]);
    await handle.terminate();
  });

  test('counts once', async () => {
    const stage = staged();
    const handle = await pushUntilItRuns(stage);
    const payload = { comment_id: await comment('will', '/retry') };
    await handle.signal('comment', payload);
    await handle.signal('comment', payload);
    await noted(handle, 'the same comment again');
    await handle.terminate();
  });

  test('is looked at fifty times at most, whoever sends how many', async () => {
    const stage = lab.stage({
      project: project({ candidates: [candidate('boosted')], environments: [] }),
      activities: { lookAtJob: () => Promise.reject(failure('NotYet', 'it runs')) },
    });
    const handle = await pushUntilItRuns(stage);
    await Promise.all(Array.from({ length: 60 }, () => handle.signal('comment', { comment_id: 1 })));
    await noted(handle, 'refused comments after the first 50');
    expect(stage.fakes.of('obeyComment').length).toBeLessThanOrEqual(50);
    await handle.terminate();
  });
});
