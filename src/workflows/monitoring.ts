import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { getExternalWorkflowHandle, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { LookAnalysis } from '../activities/contract.js';
import { defaultTiming, type Timing } from '../domain/timing.js';
import { awaitJob, submitJob } from './awaiting.js';
import { messageOf } from './failures.js';
import type { MonitoringInput, MonitoringResult } from './messages.js';
import { type Proxies, workspaceActivities } from './proxies.js';
import { breachSignal } from './signals.js';

const scheduledStart = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);

/** One look at an endpoint, started by its schedule: collected data in, verdict and report out; a breach goes to the endpoint's owner. */
export async function monitoring(input: MonitoringInput): Promise<MonitoringResult> {
  const timing = { ...defaultTiming, ...input.timing };
  const at = scheduledAt();
  const activities = workspaceActivities(input.taskQueue, timing);
  const look = { ...input, atMs: at.getTime() };
  const result = await activities.transfer.analyseDrift(
    input.engine === 'azureml' ? { ...look, analysis: await measured(look, activities, timing) } : look,
  );
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

/** The next look tries again by itself, so that one which is blocked is told at once instead of waiting. */
const untilNextLook = { step: <T>(_: string, run: () => Promise<T>): Promise<T> => run() };

/** Has a job measure next to the data; `null` where nothing was collected. A look that fails is an answer too. */
async function measured(
  look: MonitoringInput & { readonly atMs: number },
  activities: Proxies,
  timing: Timing,
): Promise<LookAnalysis | null> {
  const request = { ...look, lookId: workflowInfo().workflowId };
  try {
    const submitted = await submitJob((attempt) =>
      activities.transfer.submitAnalysis({ ...request, attempt }),
    );
    if (submitted === null) return null;
    const end = await awaitJob(activities, untilNextLook, submitted, submitted.limits, timing);
    return { submitted, end };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { problem: messageOf(error) };
  }
}

/** The time that the schedule meant, so that a late or repeated run looks at the same window. */
function scheduledAt(): Date {
  return workflowInfo().typedSearchAttributes.get(scheduledStart) ?? workflowInfo().startTime;
}
