import type { PlannedDeployment } from '../../activities/contract.js';
import type { Release } from '../../domain/release.js';
import { awaitJob, submitJob } from '../awaiting.js';
import { failure } from '../failures.js';
import type { Owner } from './context.js';
import { showProgress } from './talk.js';

/** Tries a deployment before anybody is served by it. Answers what came of it, for people; empty where nothing was tried. */
export async function prove(
  owner: Owner,
  release: Release,
  { deployment }: PlannedDeployment,
): Promise<string> {
  await showProgress(owner, `testing ${deployment}`);
  return owner.input.kind === 'batch'
    ? await byJob(owner, release, deployment)
    : await byRequests(owner, release, deployment);
}

/** Real requests by the deployment header. */
async function byRequests(owner: Owner, release: Release, deployment: string): Promise<string> {
  const { activities, input, parking } = owner;
  const test = await parking.step(`test ${deployment}`, () =>
    activities.transfer.testDeployment({ release, endpoint: input.endpoint, deployment }),
  );
  if (!test.passed) throw testFailed(deployment, test.reasons);
  return '';
}

/** One job, which a release that was tried before finds finished. Whatever ends the wait early cancels it. */
async function byJob(owner: Owner, release: Release, deployment: string): Promise<string> {
  const { activities, parking, timing } = owner;
  const submitted = await parking.step(`test ${deployment}`, () =>
    submitJob((attempt) => activities.transfer.submitBatchTest({ release, deployment, attempt })),
  );
  const { job, link, limits } = submitted;
  await showProgress(owner, `testing ${deployment}: job ${job} (${link})`);
  const end = await awaitJob(activities, parking, submitted, limits, timing);
  const test = await parking.step(`judge ${job}`, () =>
    activities.transfer.judgeBatchTest({ release, job, end }),
  );
  if (!test.passed) throw testFailed(deployment, test.reasons);
  await showProgress(owner, `${deployment}: ${test.summary}`);
  return test.summary;
}

function testFailed(deployment: string, reasons: readonly string[]): Error {
  return failure('TestFailed', `the test of ${deployment} failed: ${reasons.join('; ')}`);
}
