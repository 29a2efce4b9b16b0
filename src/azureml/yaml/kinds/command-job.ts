import type { z } from 'zod';
import { checkCode, codeId } from '../code.js';
import { unboundOf, unwrittenOf } from '../components/bindings.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { exactWord, common, compact, environmentVariables, object, text, texts } from '../fields.js';
import { checkInputs, inputsBody, jobInputs, jobOutputs, outputBody } from '../inputs.js';
import { experimentName } from '../job-parts.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place } from '../kind.js';
import { AUTO_NAME, computeId } from '../references.js';

const schema = object({
  ...common,
  type: exactWord(['command']).optional(),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  properties: texts.optional(),
  command: text,
  code: text.optional(),
  environment: environmentField,
  environment_variables: environmentVariables.optional(),
  compute: text.optional(),
  resources: parts.resources.optional(),
  limits: parts.limits.optional(),
  distribution: parts.distribution.optional(),
  services: parts.services.optional(),
  identity: parts.identity.optional(),
  queue_settings: parts.queueSettings.optional(),
  inputs: jobInputs.optional(),
  outputs: jobOutputs.optional(),
});
type CommandJob = z.infer<typeof schema>;

/** `az ml job create` with `type: command`. */
export const commandJob = kind<CommandJob>({
  name: 'commandJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) => value['type'] === 'command' || (value['type'] === undefined && 'command' in value),
  schema,
  async check(job, place) {
    return [
      ...(job.code === undefined ? [] : await checkCode(place, job.code, ['code'], { address: true })),
      ...(await checkEnvironment(job.environment, place, ['environment'])),
      ...(await checkInputs(job.inputs ?? {}, place)),
      ...unboundOf(job.command, ['command'], job),
      ...unwrittenOf(job.command, job.outputs ?? {}),
    ];
  },
  async toRest(job, place, assets) {
    return {
      resource: `/jobs/${job.name ?? AUTO_NAME}`,
      body: { properties: await properties(job, place, assets) },
    };
  },
});

async function properties(job: CommandJob, place: Place, assets: Assets) {
  const local = job.compute === 'local';
  return compact({
    displayName: job.display_name ?? job.name ?? AUTO_NAME,
    description: job.description,
    command: job.command,
    codeId: job.code === undefined ? undefined : await codeId(job.code, place, assets),
    computeId: job.compute === undefined || local ? undefined : computeId(assets.workspace, job.compute),
    properties: job.properties ?? {},
    experimentName: job.experiment_name ?? experimentName(place),
    isArchived: false,
    inputs: await inputsBody(job.inputs ?? {}, place, assets),
    outputs: Object.fromEntries(
      Object.entries(job.outputs ?? {}).map(([name, output]) => [name, outputBody(output)]),
    ),
    environmentId: await environmentId(job.environment, place, assets),
    distribution: job.distribution === undefined ? undefined : parts.distributionBody(job.distribution),
    tags: job.tags ?? {},
    identity: job.identity === undefined ? undefined : parts.identityBody(job.identity),
    environmentVariables: {
      ...job.environment_variables,
      ...(local ? { AZUREML_COMPUTE_USE_COMMON_RUNTIME: 'true' } : {}),
    },
    resources: resourcesOf(job, local),
    limits: job.limits === undefined ? undefined : parts.limitsBody(job.limits),
    services: job.services === undefined ? undefined : parts.servicesBody(job.services),
    queueSettings: job.queue_settings === undefined ? undefined : parts.queueBody(job.queue_settings),
    jobType: 'Command',
  });
}

function resourcesOf(job: CommandJob, local: boolean) {
  const body = job.resources === undefined ? undefined : parts.resourcesBody(job.resources);
  if (!local) return body;
  const known = body?.['properties'] as Record<string, unknown> | undefined;
  return { ...body, properties: { ...known, IsLocal: { IsLocal: true } } };
}
