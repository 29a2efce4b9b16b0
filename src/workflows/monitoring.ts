import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { defaultTiming } from '../domain/timing.js';
import type { MonitoringInput, MonitoringResult } from './messages.js';
import { workspaceActivities } from './proxies.js';
import { breachSignal } from './signals.js';

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** One look at an endpoint, started by its schedule: collected data in, verdict and report out; a breach goes to the endpoint's owner. */
export async function monitoring(input: MonitoringInput): Promise<MonitoringResult> {
  const timing = { ...defaultTiming, ...input.timing };
  const at = scheduledAt();
  const result = await workspaceActivities(input.taskQueue, timing).transfer.analyseDrift({
    ...input,
    atMs: at.getTime(),
  });
  if (result.verdict !== 'ok') {
    await getExternalWorkflowHandle(input.endpointWorkflowId).signal(breachSignal, {
      scheduledAt: at.toISOString(),
      summary: result.summary,
      onBreach: result.onBreach,
      ...(result.retraining !== undefined && { retraining: result.retraining }),
      source: input.source,
      project: input.project,
      verdict: result.verdict,
    });
  }
  return result;
}

/** The time that the schedule meant, so that a late or repeated run looks at the same window. */
function scheduledAt(): Date {
  return workflowInfo().typedSearchAttributes.get(scheduledStart) ?? workflowInfo().startTime;
}
