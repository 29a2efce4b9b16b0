import { isCancellation } from '@temporalio/workflow';
import type { SubmittedJob } from '../../activities/contract.js';
import type { FinishedCandidate } from '../../domain/evaluation.js';
import { isPackage, type PackageFacts, packageText } from '../../domain/model-package.js';
import { awaitJob, submitJob } from '../awaiting.js';
import { messageOf } from '../failures.js';
import { activitiesFor, at, type Lifecycle } from './context.js';
import { inParallel } from './in-parallel.js';
import { sparingJobs } from './sparing-jobs.js';

/** What each candidate's check came to, by its name; candidates that nobody checks are not there. */
export type PackageChecks = ReadonlyMap<string, PackageFacts | { readonly problem: string }>;

/**
 * Loads and scores every model that is to be registered in an environment of its own. `undefined` when a newer commit
 * took its place.
 */
export async function checkPackages(
  lifecycle: Lifecycle,
  chosen: readonly FinishedCandidate[],
): Promise<PackageChecks | undefined> {
  const { tracker, loaded } = lifecycle;
  const { register, limits } = loaded.project;
  const packages = chosen.filter(isPackage);
  if (register.check === undefined || packages.length === 0) return new Map();
  const names = packages.map(({ candidate }) => candidate).join(', ');
  tracker.phase('register', 'running', `loading and scoring ${names} in a clean environment`);
  const checks = new Map<string, PackageFacts | { readonly problem: string }>();
  return await sparingJobs(lifecycle, async (submitted) => {
    await inParallel(limits.parallel, packages, async (one) => {
      checks.set(one.candidate, await checkOne(lifecycle, one, submitted));
    });
    for (const { candidate } of packages) tracker.note(`${candidate}: ${told(checks.get(candidate))}`);
    return checks;
  });
}

/** A model that cannot be loaded is an answer about that model; only what ends the lifecycle is thrown. */
async function checkOne(
  lifecycle: Lifecycle,
  { candidate, model }: FinishedCandidate,
  submitted: SubmittedJob[],
): Promise<PackageFacts | { readonly problem: string }> {
  const { input, id, loaded, timing, parking } = lifecycle;
  const activities = activitiesFor(lifecycle, loaded.project.workspace);
  const path = model?.path ?? '';
  const request = {
    ...at(lifecycle),
    candidate,
    lifecycleId: id,
    trigger: input.trigger,
    pins: {},
    model: { path },
  };
  try {
    const job = await parking.step(`submit package check of ${candidate}`, () =>
      submitJob((attempt) => activities.transfer.submitPackageCheck({ ...request, attempt })),
    );
    submitted.push(job);
    const end = await awaitJob(activities, parking, job, loaded.project.limits, timing);
    return await parking.step(`read package check of ${candidate}`, () =>
      activities.quick.readPackageCheck({ submitted: job, end }),
    );
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { problem: messageOf(error) };
  }
}

function told(check: PackageFacts | { readonly problem: string } | undefined): string {
  if (check === undefined) return 'its package was not checked';
  return 'problem' in check
    ? `its package ${failsText}: ${check.problem}`
    : `its package ${packageText(check)}`;
}

export const failsText = 'does not load and score in a clean environment';
