import { isCancellation, setHandler } from '@temporalio/workflow';
import type { SubmittedJob } from '../activities/contract.js';
import { defaultConcurrency, type Newer, placeTaken } from '../domain/concurrency.js';
import type { CandidateResult } from '../domain/evaluation.js';
import { awaitJob, submitJob } from './awaiting.js';
import { childParking } from './children.js';
import { messageOf } from './failures.js';
import { isNewer } from './guards.js';
import { unlessNewer } from './giving-way.js';
import type { TrainingInput } from './messages.js';
import type { Parking } from './parking.js';
import { type Proxies, workspaceActivities } from './proxies.js';
import { retrySignal, supersededSignal } from './signals.js';

/** One candidate: submit its job, wait until it has ended, read what it logged. A cancelled one cancels its job. */
export async function training(input: TrainingInput): Promise<CandidateResult> {
  const activities = workspaceActivities(input.taskQueue, input.timing);
  const parking = childParking(input.lifecycleId, input.timing);
  let newer: Newer | undefined;
  let submitted: SubmittedJob | undefined;
  setHandler(
    retrySignal,
    () => {
      parking.wake();
    },
    { description: 'Look again at once at what is blocked.' },
  );
  setHandler(
    supersededSignal,
    (by) => {
      if (isNewer(by)) newer ??= by;
    },
    { description: 'From its lifecycle: a newer commit took its place.' },
  );
  const runningMs = async (): Promise<number | null> =>
    submitted === undefined
      ? null
      : await activities.quick.jobRunningMs({ workspace: submitted.workspace, job: submitted.job });
  const { spareMs } = defaultConcurrency;
  const begun = (job: SubmittedJob): void => {
    submitted = job;
  };

  const { candidate } = input;
  try {
    const result = await unlessNewer(
      () => newer,
      { spareMs, runningMs },
      () => train(input, activities, parking, begun),
    );
    if (result !== undefined) return result;
    return { kind: 'failed', candidate, reason: newer === undefined ? 'cancelled' : placeTaken(newer) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed', candidate, reason: messageOf(error) };
  }
}

async function train(
  input: TrainingInput,
  activities: Proxies,
  parking: Parking,
  begun: (submitted: SubmittedJob) => void,
): Promise<CandidateResult> {
  const submitted = await parking.step(`submit ${input.candidate}`, () =>
    submitJob((attempt) => activities.transfer.submitJob({ ...input, attempt })),
  );
  begun(submitted);
  const end = await awaitJob(activities, parking, submitted, input.limits, input.timing);
  return await parking.step(`evaluate ${input.candidate}`, () =>
    activities.quick.evaluateCandidate({ ...input, submitted, end }),
  );
}
