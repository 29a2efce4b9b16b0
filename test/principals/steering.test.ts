import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steeringNeeds } from '../../src/domain/steering.js';
import { anHourMs, happened, midway, owner, released, serving, traffic } from '../support/live-endpoint.js';
import { type PrincipalLab, startPrincipalLab } from '../support/principal-lab.js';
import { withoutSecuredServer } from '../support/secured-server.js';
import { endpointOf, push, resultOf } from '../support/workflow-driving.js';
import type { Stage } from '../support/workflow-lab.js';

const [carol, mallory] = ['carol@example.com', 'mallory@example.com'];
const actions = Object.keys(steeringNeeds);

describe.skipIf(withoutSecuredServer)('on a server that attests names', () => {
  let world: PrincipalLab;
  let stage: Stage;
  let release: WorkflowHandle;
  let first: string;

  beforeAll(async () => {
    world = await startPrincipalLab();
    stage = world.steered(carol, [traffic(10, anHourMs), traffic(50, anHourMs)]);
    first = await released(stage, 1);
    release = await push(stage, { commit: 2 });
    await midway(stage);
  });
  afterAll(() => world.stop());

  async function say(person: string, action: string, payload?: unknown): Promise<void> {
    const client = await world.server.as(person);
    await client.workflow.getHandle(endpointOf(stage, 'live').workflowId).signal(action, payload);
  }

  test.each(actions)('%s is refused to whoever is no operator, whatever they claim', async (action) => {
    const before = serving(stage);
    await say(mallory, action, { by: carol, steps: [{ traffic: 100, for: '1s' }] });
    await happened(stage, `refused ${action} by ${mallory}: ${mallory} is none of ${carol}`);
    expect(serving(stage)).toEqual(before);
    expect((await owner(stage)).running?.rollout).toMatchObject({ paused: false });
  });

  test('what a workflow sends is nobody’s, though an operator started it', async () => {
    await world.forward(endpointOf(stage, 'live').workflowId, 'abort', 1);
    await happened(stage, 'refused abort by somebody');
    expect(Object.keys(serving(stage))).toHaveLength(2);
  });

  test('an operator is named by the server, not by the message', async () => {
    await say(carol, 'pause', { by: mallory, reason: 'lunch' });
    await happened(stage, `paused by ${carol}: lunch`);
    await say(carol, 'plan', { steps: [{ traffic: 30, for: '1h' }] });
    await happened(stage, `changed the plan by ${carol}`);
    await say(carol, 'resume');
    await happened(stage, `resumed by ${carol}`);
    await say(carol, 'abort');
    expect((await resultOf(release)).why).toContain(`abort by ${carol}`);
    expect(serving(stage)).toEqual({ [first]: 100 });
    await say(carol, 'rollback');
    await happened(stage, 'there is no previous champion');
  });
});
