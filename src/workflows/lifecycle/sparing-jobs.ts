import type { SubmittedJob } from '../../activities/contract.js';
import { unlessNewer } from '../giving-way.js';
import { activitiesFor, type Lifecycle } from './context.js';

/**
 * Runs what submits jobs, each noted in `submitted`, until a newer commit comes. Where one of them has run for long,
 * all are left to finish. `undefined` says that they were cancelled.
 */
export async function sparingJobs<T>(
  lifecycle: Lifecycle,
  run: (submitted: SubmittedJob[]) => Promise<T>,
): Promise<T | undefined> {
  const { superseded, concurrency, loaded } = lifecycle;
  const { workspace } = loaded.project;
  const submitted: SubmittedJob[] = [];
  const { quick } = activitiesFor(lifecycle, workspace);
  const runningMs = async (): Promise<number | null> => {
    const ages = await Promise.all(submitted.map(({ job }) => quick.jobRunningMs({ workspace, job })));
    return ages.reduce((a, b) => (a === null || b === null ? (a ?? b) : Math.max(a, b)), null);
  };
  return await unlessNewer(superseded, { spareMs: concurrency.spareMs, runningMs }, () => run(submitted));
}
