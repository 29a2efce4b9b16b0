import { isCancellation, setHandler } from '@temporalio/workflow';
import type { CandidateResult } from '../domain/evaluation.js';
import { awaitJob, submitJob } from './awaiting.js';
import { childParking } from './children.js';
import { messageOf } from './failures.js';
import type { TrainingInput } from './messages.js';
import { workspaceActivities } from './proxies.js';
import { retrySignal } from './signals.js';

/** One candidate: submit its job, wait until it has ended, read what it logged. A cancelled one cancels its job. */
export async function training(input: TrainingInput): Promise<CandidateResult> {
  const activities = workspaceActivities(input.taskQueue, input.timing);
  const parking = childParking(input.lifecycleId, input.timing);
  setHandler(
    retrySignal,
    () => {
      parking.wake();
    },
    { description: 'Look again at once at what is blocked.' },
  );

  try {
    const submitted = await parking.step(`submit ${input.candidate}`, () =>
      submitJob((attempt) => activities.transfer.submitJob({ ...input, attempt })),
    );
    const end = await awaitJob(activities, parking, submitted, input.limits, input.timing);
    return await parking.step(`evaluate ${input.candidate}`, () =>
      activities.quick.evaluateCandidate({ ...input, submitted, end }),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', candidate: input.candidate, reason: messageOf(error) };
  }
}
