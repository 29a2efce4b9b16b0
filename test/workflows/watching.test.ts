import { ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Dependencies } from '../../src/activities/dependencies.js';
import { lifecycleActivities } from '../../src/activities/lifecycles.js';
import { phaseOf, push, resultOf } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { dailyMonitor, environment, straightTo } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.stop());

test('a schedule that a later commit asks for no more is deleted, and its end is told', async () => {
  const { upsertMonitor, removeMonitor } = lifecycleActivities({ temporal: lab.client } as Dependencies);
  const unwatched = straightTo(environment('production'));
  const stage = lab.stage({
    scope: 'unwatched',
    project: straightTo(environment('production', { monitor: dailyMonitor })),
    activities: (ok) => ({
      upsertMonitor,
      removeMonitor,
      async loadProject(input) {
        const loaded = await ok.loadProject(input);
        return input.source.commit.startsWith('1') ? loaded : { ...loaded, project: unwatched };
      },
    }),
  });
  const schedule = lab.client.schedule.getHandle('mlops/monitor/unwatched/production');

  await resultOf(await push(stage, { commit: 1 }));
  expect((await schedule.describe()).action).toMatchObject({ workflowType: 'monitoring' });

  const second = await resultOf(await push(stage, { commit: 2 }));
  expect(phaseOf(second, 'monitor')).toMatchObject({
    state: 'skipped',
    summary: 'no monitor in mlops.yaml; production: no longer monitored, its schedule is deleted',
  });
  await expect(schedule.describe()).rejects.toBeInstanceOf(ScheduleNotFoundError);

  const third = await resultOf(await push(stage, { commit: 3 }));
  expect(phaseOf(third, 'monitor').summary).toBe('no monitor in mlops.yaml');
});
