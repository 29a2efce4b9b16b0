import type { AzureMl } from './client.js';
import { AzureError } from './errors.js';
import { regionOf } from './history.js';
import { getJob } from './jobs.js';

/** A run that a job made: a step of a pipeline, a trial of a sweep. */
export interface ChildRun {
  readonly runId: string;
  readonly displayName?: string | null;
  readonly properties?: Readonly<Record<string, string>> | null;
}

/** Runs that a job made itself, not those that these made. */
export async function childRuns(ml: AzureMl, job: string): Promise<readonly ChildRun[]> {
  const { body } = await ml.send({
    method: 'GET',
    path: `${await regionOf(ml)}/history/v1.0${ml.id}/runs/${job}/children`,
    apiVersion: null,
    accept: [404],
  });
  return (body as { readonly value?: readonly ChildRun[] } | undefined)?.value ?? [];
}

/**
 * Name of the run that did a job's work: of a pipeline's step where `from` names one (`jobs.<step>`), of a sweep or
 * an AutoML job its best child, else the job itself. A step whose result Azure took from an earlier run stands for
 * that run. Throws AzureError when the pipeline has no such step.
 */
export async function workingRun(ml: AzureMl, job: string, from?: string): Promise<string> {
  const run = from === undefined ? job : await stepRun(ml, job, from.replace(/^jobs\./, ''));
  return bestChild(ml, run);
}

async function stepRun(ml: AzureMl, pipeline: string, step: string): Promise<string> {
  const children = await childRuns(ml, pipeline);
  // A run is shown under the name of its step.
  const found = children.find(({ displayName }) => displayName?.toLowerCase() === step.toLowerCase());
  if (found !== undefined) return found.properties?.['azureml.reusedrunid'] ?? found.runId;
  const known = children.map(({ displayName, runId }) => displayName ?? runId).join(', ');
  throw new AzureError(
    `job ${pipeline} has no step ${step}; its steps are: ${known === '' ? 'none' : known}. Correct metrics_from`,
    { code: 'StepUnknown', target: step, operation: `children of ${pipeline}` },
  );
}

/** Where Azure keeps the name of the best child: a property of a sweep, a tag of an AutoML job. */
async function bestChild(ml: AzureMl, run: string): Promise<string> {
  const job = await getJob(ml, run);
  return job?.properties['best_child_run_id'] ?? job?.tags['automl_best_child_run_id'] ?? run;
}
