import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMlopsClient } from '../../src/temporal/mlops-client.js';
import { endpointWorkflowId } from '../support/fake-activities.js';
import { happened, live, owner, serving } from '../support/live-endpoint.js';
import { sourceOf, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test('a program starts lifecycles, steers their endpoint and reads how they ended', async () => {
  const stage = live(lab, []);
  const client = createMlopsClient(stage.client);
  const deployed: string[] = [];
  for (const commit of [1, 2]) {
    const request = {
      source: sourceOf(stage, commit),
      project: 'diabetes',
      trigger: 'push' as const,
      timing: stage.timing,
      taskQueue: stage.taskQueue,
    };
    const { workflowId, outcome } = await client.start(request);
    expect(outcome).toBe('started');
    expect((await client.start(request)).outcome).toBe('already started');
    expect((await client.result(workflowId)).verdict).toBe('released');
    expect((await client.status(workflowId)).commit).toBe(request.source.commit);
    deployed.push((await owner(stage)).champion?.deployment ?? '');
  }
  const endpoint = endpointWorkflowId(stage.scope, 'live');
  await client.hold(endpoint, { by: 'octocat' });
  await until('the endpoint to be held', async () =>
    (await client.endpoint(endpoint)).held ? true : undefined,
  );
  await client.resume(endpoint);
  await client.rollback(endpoint, { reason: 'an experiment' });
  await happened(stage, `serves again as ${deployed[0] ?? ''}`);
  expect(serving(stage)).toEqual({ [deployed[0] ?? '']: 100 });
});
