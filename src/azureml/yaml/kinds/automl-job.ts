import type { Json } from '../../types.js';
import { dataPlace, taskDetails } from '../automl/body.js';
import { autoMlSchema } from '../automl/tasks.js';
import type { AutoMlJob } from '../automl/tasks.js';
import { mapValues } from '../components/ports.js';
import { compact } from '../fields.js';
import { checkInput, outputBody } from '../inputs.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { AUTO_NAME, computeId } from '../references.js';

/** `az ml job create` with `type: automl`, of every task. */
export const autoMlJob = kind<AutoMlJob>({
  name: 'autoMLJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) => /^automl$/i.test(String(value['type'])),
  schema: autoMlSchema,
  check: (job, place) => checkTables(job, dataPlace(place)),
  async toRest(job, place, assets) {
    const properties = await autoMlBody(job, place, assets);
    return { resource: `/jobs/${job.name ?? AUTO_NAME}`, body: { properties } };
  },
});

async function checkTables(job: AutoMlJob, place: Place): Promise<Problem[]> {
  const found = await Promise.all(
    (['training_data', 'validation_data', 'test_data'] as const).map(async (key) => {
      const table = job[key];
      return table === undefined
        ? []
        : checkInput({ path: table.path, type: 'mltable' }, [key, 'path'], place);
    }),
  );
  return found.flat();
}

async function autoMlBody(job: AutoMlJob, place: Place, assets: Assets): Promise<Json> {
  return compact({
    displayName: job.display_name ?? job.name ?? AUTO_NAME,
    isArchived: false,
    description: job.description,
    experimentName: job.experiment_name ?? parts.experimentName(place),
    tags: job.tags ?? {},
    computeId: job.compute === undefined ? undefined : computeId(assets.workspace, job.compute),
    properties: job.properties ?? {},
    environmentId: job.environment_id,
    environmentVariables: job.environment_variables,
    outputs: mapValues(job.outputs ?? {}, outputBody),
    resources: job.resources === undefined ? undefined : resourcesAsWritten(job.resources),
    taskDetails: await taskDetails(job, place, assets),
    identity: job.identity === undefined ? undefined : parts.identityBody(job.identity),
    queueSettings: job.queue_settings === undefined ? undefined : parts.queueBody(job.queue_settings),
    jobType: 'AutoML',
  });
}

/** A quirk of the official client, which Azure takes: the words of the file, and what is not there as null. */
function resourcesAsWritten(resources: NonNullable<AutoMlJob['resources']>): Json {
  return {
    locations: resources.locations ?? null,
    instance_count: resources.instance_count ?? null,
    instance_type: resources.instance_type ?? null,
    shm_size: resources.shm_size ?? null,
    max_instance_count: resources.max_instance_count ?? null,
    docker_args: resources.docker_args ?? null,
    ...(resources.properties === undefined ? {} : { properties: resources.properties }),
  };
}
