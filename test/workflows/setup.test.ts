import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SetupPlanItem } from '../../src/activities/contract.js';
import { type SetupInput, type SetupResult, workflowTypes } from '../../src/workflows/messages.js';
import { sourceOf } from '../support/workflow-driving.js';
import { type Lab, type Stage, startLab } from '../support/workflow-lab.js';
import { environment, project } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

const wanted = ['workspace', 'compute', 'data', 'environment'];

/** Two workspaces in which nothing stands yet but what has been applied. */
function emptyAzure(): { stage: Stage; made: string[] } {
  const made: string[] = [];
  const stage = lab.stage({
    project: project({ environments: [environment('production', { workspace: 'prod' })] }),
    activities: {
      planSetup: ({ workspace }) =>
        Promise.resolve({
          items: wanted.map((kind): SetupPlanItem => {
            const change = made.includes(`${workspace} ${kind}`) ? 'none' : 'create';
            return { workspace, kind, name: 'main', change, detail: [] };
          }),
        }),
      applySetupItem: ({ workspace, item }) => {
        made.push(`${workspace} ${item.kind}`);
        return Promise.resolve({ resource: item.name, kind: 'put' });
      },
    },
  });
  return { stage, made };
}

function run(stage: Stage, mode: SetupInput['mode'], times: number): Promise<SetupResult> {
  return stage.client.workflow.execute(workflowTypes.setup, {
    workflowId: `${stage.scope}/setup/${mode}/${times}`,
    taskQueue: stage.taskQueue,
    args: [
      { source: sourceOf(stage, 1), project: 'diabetes', mode, timing: stage.timing } satisfies SetupInput,
    ],
  }) as Promise<SetupResult>;
}

test('setup creates what is missing in the order of its plan, and a second time nothing', async () => {
  const { stage, made } = emptyAzure();
  const inOrder = ['dev', 'prod'].flatMap((workspace) => wanted.map((kind) => `${workspace} ${kind}`));
  const first = await run(stage, 'apply', 1);
  expect(made).toEqual(inOrder);
  expect(first.created).toHaveLength(inOrder.length);
  expect(stage.fakes.of('lookAtOperation')).toHaveLength(inOrder.length);
  const second = await run(stage, 'apply', 2);
  expect(second).toEqual({ created: [], updated: [], unchanged: inOrder.length });
  expect(made).toEqual(inOrder);
});

test('a plan tells what would be created and creates nothing', async () => {
  const { stage, made } = emptyAzure();
  const plan = await run(stage, 'plan', 1);
  expect(plan.created).toContain('compute main');
  expect(made).toEqual([]);
});
