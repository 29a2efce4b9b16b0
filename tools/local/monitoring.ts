import { setTimeout as pause } from 'node:timers/promises';
import type { Client, ScheduleHandle } from '@temporalio/client';
import type { MonitoringInput, MonitoringResult } from '../../src/workflows/messages.js';

const lookMs = 500;
const patienceMs = 120_000;

/** Runs the only monitoring schedule now, and waits for what its look finds. */
export async function lookNow(client: Client): Promise<MonitoringResult> {
  const schedule = await monitorSchedule(client);
  const before = await runsOf(schedule);
  // A run's id holds the second of its start: two of one second are one.
  await pause(1_000);
  await schedule.trigger();
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const run = (await runsOf(schedule)).find((id) => !before.includes(id));
    if (run !== undefined) return (await client.workflow.getHandle(run).result()) as MonitoringResult;
    await pause(lookMs);
  }
  throw new Error(`the schedule ${schedule.scheduleId} did not run`);
}

/** What the looks of the only monitoring schedule are given. */
export async function looksAt(client: Client): Promise<[MonitoringInput]> {
  const { action } = await (await monitorSchedule(client)).describe();
  return action.args as unknown as [MonitoringInput];
}

async function monitorSchedule(client: Client): Promise<ScheduleHandle> {
  for await (const { scheduleId } of client.schedule.list()) {
    if (scheduleId.startsWith('mlops/monitor/')) return client.schedule.getHandle(scheduleId);
  }
  throw new Error('there is no monitoring schedule');
}

async function runsOf(schedule: ScheduleHandle): Promise<string[]> {
  const { recentActions } = (await schedule.describe()).info;
  return recentActions.map(({ action }) => action.workflow.workflowId);
}
