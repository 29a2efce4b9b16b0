import { afterAll, beforeAll, expect, test } from 'vitest';
import { approve, gate, push, questionOf, resultOf, until } from '../support/workflow-driving.js';
import { type Lab, startLab } from '../support/workflow-lab.js';
import { dailyMonitor, production, project, staging } from '../support/workflow-projects.js';

let lab: Lab;
beforeAll(async () => {
  // Nothing is kept between two tasks, so every one of them replays the history from its beginning.
  lab = await startLab({ worker: { maxCachedWorkflows: 0 } });
});
afterAll(() => lab.stop());

test('a lifecycle ends the same when every task starts from its history, and with a worker replaced in each phase', async () => {
  const trained = gate();
  const stage = lab.stage({
    project: project({
      data: { prepare: { file: 'prepare.yml', set: {} } },
      environments: [staging, { ...production, monitor: dailyMonitor }],
    }),
    activities: (ok) => ({
      evaluateCandidate: (input) => {
        trained.open();
        return ok.evaluateCandidate(input);
      },
    }),
  });
  const first = await push(stage, { commit: 1 });
  await trained.opened;
  await lab.replaceWorker();
  await questionOf(first);
  await lab.replaceWorker();
  await approve(first);
  expect((await resultOf(first)).verdict).toBe('released');

  const second = await push(stage, { commit: 2 });
  await approve(second);
  await until('a look at the rollout', () => stage.fakes.of('compareDeployments')[0]);
  await lab.replaceWorker();
  const status = await resultOf(second);
  expect(status.verdict).toBe('released');
  expect(status.notes).toEqual([]);
  const submitted = stage.fakes
    .of('submitJob')
    .map(({ candidate, source }) => `${candidate} ${source.commit[0] ?? ''}`);
  expect(submitted.sort()).toEqual(['boosted 1', 'boosted 2', 'logistic 1', 'logistic 2']);
  expect(Object.values(stage.fakes.azure.endpoint('production').traffic)).toEqual([100]);
}, 240_000);
