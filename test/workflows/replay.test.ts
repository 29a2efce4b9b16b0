import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import { workflowTypes } from '../../src/workflows/messages.js';
import { recordHistories } from '../support/record-histories.js';
import { recordedHistories, replayable } from '../support/replaying.js';
import { bundleWorkflows, startLab } from '../support/workflow-lab.js';

// `RECORD_HISTORIES=1 npx vitest run test/workflows/replay.test.ts` writes test/histories anew: only for changes
// that running workflows need not survive. `RECORD_HISTORIES=surfaces` (a part of record-histories.ts) adds to them.
const wanted = process.env['RECORD_HISTORIES'] ?? '';
if (wanted !== '') {
  test('histories are recorded', async () => {
    const lab = await startLab();
    try {
      await recordHistories(lab, wanted);
    } finally {
      await lab.stop();
    }
  });
}

test('there is a history of every workflow', async () => {
  const types = new Set((await recordedHistories()).map(({ workflowType }) => workflowType));
  expect([...types].sort()).toEqual(Object.values(workflowTypes).sort());
});

test('every recorded history is what the workflows would do today', async () => {
  const histories = await recordedHistories();
  const workflowBundle = await bundleWorkflows();
  const replayed: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle },
    replayable(histories),
  )) {
    expect(error, workflowId).toBeUndefined();
    replayed.push(workflowId);
  }
  expect(replayed).toHaveLength(histories.length);
});

test('a workflow that was changed carelessly cannot go on with its history', async () => {
  const histories = (await recordedHistories()).filter(({ workflowType }) => workflowType === 'training');
  const workflowBundle = await bundleWorkflows(join(import.meta.dirname, '../support/changed-workflows.ts'));
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, replayable(histories)))
    expect(error).toBeInstanceOf(DeterminismViolationError);
  expect(histories.length).toBeGreaterThan(0);
});
