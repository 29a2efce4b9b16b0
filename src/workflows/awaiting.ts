import { CancellationScope } from '@temporalio/workflow';
import type { JobEnd, Operation, SubmittedJob } from '../activities/contract.js';
import type { TrainingLimits } from '../domain/project.js';
import type { Timing } from '../domain/timing.js';
import type { Proxies } from './proxies.js';

/** Waits for a job without holding a worker's slot. Whatever ends the wait early cancels a job that this lifecycle made. */
export async function awaitJob(
  { look, quick }: Proxies,
  submitted: SubmittedJob,
  limits: TrainingLimits,
  timing: Timing,
): Promise<JobEnd> {
  const { job, workspace } = submitted;
  try {
    return await look.lookAtJob({ workspace, job, queueMs: limits.queueMs, runMs: limits.runMs, timing });
  } catch (error) {
    if (submitted.state === 'created') {
      await CancellationScope.nonCancellable(() => quick.cancelJob({ workspace, job }));
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
