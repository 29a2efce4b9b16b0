import type { z } from 'zod';
import type { Json } from '../../types.js';
import { checkCode, codeId } from '../code.js';
import { unboundOf } from '../components/bindings.js';
import { mapValues } from '../components/ports.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { pythonText } from '../expressions.js';
import { exactWord, common, compact, object, text, texts } from '../fields.js';
import { checkInputs, inputsBody, jobInputs, jobOutputs, outputBody } from '../inputs.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place } from '../kind.js';
import { AUTO_NAME, computeId } from '../references.js';
import { checkEntry } from '../spark-entry.js';
import * as spark from '../spark-parts.js';

const schema = object({
  ...common,
  type: exactWord(['spark']),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  properties: texts.optional(),
  compute: text.optional(),
  services: parts.services.optional(),
  identity: parts.identity.optional(),
  ...spark.sparkKeys,
  environment: environmentField.optional(),
  resources: spark.sparkResources.optional(),
  inputs: jobInputs.optional(),
  outputs: jobOutputs.optional(),
});
type SparkJob = z.infer<typeof schema>;

/** `az ml job create` with `type: spark`. */
export const sparkJob = kind<SparkJob>({
  name: 'sparkJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) => /^spark$/i.test(String(value['type'])),
  schema,
  async check(job, place) {
    const { code, environment } = job;
    return [
      ...(code === undefined ? [] : await checkCode(place, code, ['code'], { address: true })),
      ...(await checkEntry(job, place)),
      ...(environment === undefined ? [] : await checkEnvironment(environment, place, ['environment'])),
      ...(await checkInputs(job.inputs ?? {}, place)),
      ...spark.checkConf(spark.runConf(job.conf, undefined)),
      ...spark.checkWhere(job),
      ...spark.checkModes(job),
      ...unboundOf(job.args ?? '', ['args'], job),
    ];
  },
  async toRest(job, place, assets) {
    const properties = await sparkBody(job, place, assets);
    return { resource: `/jobs/${job.name ?? AUTO_NAME}`, body: { properties } };
  },
});

async function sparkBody(job: SparkJob, place: Place, assets: Assets): Promise<Json> {
  const { entry, resources, environment } = job;
  const isAttached = job.compute !== undefined;
  return compact({
    displayName: job.display_name ?? job.name ?? AUTO_NAME,
    description: job.description,
    experimentName: job.experiment_name ?? parts.experimentName(place),
    tags: job.tags ?? {},
    codeId: job.code === undefined ? undefined : await codeId(job.code, place, assets),
    isArchived: false,
    entry: compact({
      file: entry.file,
      className: entry.class_name,
      sparkJobEntryType: spark.entryType(entry),
    }),
    pyFiles: job.py_files,
    jars: job.jars,
    files: job.files,
    archives: job.archives,
    identity: parts.identityBody(job.identity ?? { type: isAttached ? 'managed' : 'user_identity' }),
    conf: mapValues(spark.jobConf(job.conf), (value, key) =>
      pythonText(value as string | number | boolean, place.isFloat(['conf', key])),
    ),
    properties: job.properties ?? {},
    environmentId: environment === undefined ? undefined : await environmentId(environment, place, assets),
    inputs: await inputsBody(job.inputs ?? {}, place, assets),
    outputs: mapValues(job.outputs ?? {}, outputBody),
    args: job.args,
    computeId: job.compute === undefined ? undefined : computeId(assets.workspace, job.compute),
    resources:
      resources === undefined
        ? undefined
        : { instanceType: resources.instance_type, runtimeVersion: resources.runtime_version },
    jobType: 'Spark',
  });
}
