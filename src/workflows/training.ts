import { CancellationScope, isCancellation, setHandler } from '@temporalio/workflow';
import type { SubmittedJob } from '../activities/contract.js';
import type { CandidateResult } from '../domain/evaluation.js';
import { awaitJob } from './awaiting.js';
import { childParking } from './children.js';
import { messageOf } from './failures.js';
import type { TrainingInput } from './messages.js';
import { type Proxies, workspaceActivities } from './proxies.js';
import { retrySignal } from './signals.js';

const mostAttempts = 20;

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
    const submitted = await parking.step(`submit ${input.candidate}`, () => submit(activities, input));
    const end = await awaitJob(activities, submitted, input.limits, input.timing);
    return await parking.step(`evaluate ${input.candidate}`, () =>
      activities.quick.evaluateCandidate({ ...input, submitted, end }),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', candidate: input.candidate, reason: messageOf(error) };
  }
}

/** The name of a failed job is spent in Azure, so the next attempt gets a new one. Not cancellable: a job without a known name could not be cancelled. */
async function submit({ transfer }: Proxies, input: TrainingInput): Promise<SubmittedJob> {
  return await CancellationScope.nonCancellable(async () => {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const job = await transfer.submitJob({ ...input, attempt });
      if (job.state !== 'spent') return job;
    }
    throw new Error(
      `${mostAttempts} jobs of exactly this content have failed; change the code or its inputs`,
    );
  });
}
