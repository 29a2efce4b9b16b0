import { CancellationScope } from '@temporalio/workflow';
import type { JobEnd, JobLimits, Operation, SubmittedJob } from '../activities/contract.js';
import type { Timing } from '../domain/timing.js';
import { failure } from './failures.js';
import type { Parking } from './parking.js';
import type { Proxies } from './proxies.js';

const mostAttempts = 20;

/**
 * The name of a failed job is spent in Azure, so the next attempt gets a new one. Not cancellable: a job without a
 * known name could not be cancelled. `null`: there is nothing that a job could do.
 */
export async function submitJob<J extends SubmittedJob | null>(
  submit: (attempt: number) => Promise<J>,
): Promise<J> {
  return await CancellationScope.nonCancellable(async () => {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const job = await submit(attempt);
      if (job?.state !== 'spent') return job;
    }
    throw failure(
      'JobFailed',
      `${mostAttempts} jobs of exactly this content have failed; change the code or its inputs`,
    );
  });
}

/**
 * Waits for a job without holding a worker's slot; a look that the world blocks costs no training. Whatever ends the
 * wait early cancels a job that this lifecycle made.
 */
export async function awaitJob(
  { look, quick }: Proxies,
  parking: Pick<Parking, 'step'>,
  submitted: SubmittedJob,
  limits: JobLimits,
  timing: Timing,
): Promise<JobEnd> {
  const { job, workspace } = submitted;
  const { queueMs, runMs, setting } = limits;
  try {
    return await parking.step(`await ${job}`, () =>
      look.lookAtJob({ workspace, job, queueMs, runMs, timing, ...(setting !== undefined && { setting }) }),
    );
  } catch (error) {
    if (submitted.state === 'created') {
      await CancellationScope.nonCancellable(() =>
        parking.step(`cancel ${job}`, () => quick.cancelJob({ workspace, job })),
      );
    }
    throw error;
  }
}

/** Waits for one of Azure's long-running operations; `null` means that there was nothing to do. */
export async function awaitOperation(
  { look }: Proxies,
  workspace: string,
  operation: Operation | null,
  timing: Timing,
): Promise<void> {
  if (operation !== null) await look.lookAtOperation({ workspace, operation, timing });
}
