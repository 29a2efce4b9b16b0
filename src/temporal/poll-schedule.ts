import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { workflowTypes } from '../workflows/messages.js';

/** Sees to it that the repositories of the policy are looked at every `everyMs`; returns the schedule's id. */
export async function schedulePolling(client: Client, taskQueue: string, everyMs: number): Promise<string> {
  const scheduleId = `mlops/poll/${taskQueue}`;
  const options: Omit<ScheduleOptions, 'scheduleId'> & {
    action: ScheduleOptionsStartWorkflowAction<Workflow>;
  } = {
    spec: { intervals: [{ every: everyMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.polling,
      workflowId: scheduleId,
      taskQueue,
      args: [{ scheduleId }],
    },
  };
  try {
    await client.schedule.create({ scheduleId, ...options });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    // Whether somebody paused it stays as it is.
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...options, state }));
  }
  return scheduleId;
}
