import type { z } from 'zod';
import type { Json } from '../../types.js';
import { checkCode, codeId } from '../code.js';
import { unboundOf } from '../components/bindings.js';
import { mapValues } from '../components/ports.js';
import { checkEnvironment } from '../environment-checks.js';
import { environmentField, environmentId } from '../environments.js';
import { exactWord, common, compact, environmentVariables, object, text, texts } from '../fields.js';
import { checkInputs, inputsBody, jobInputs, jobOutputs, outputBody } from '../inputs.js';
import * as parts from '../job-parts.js';
import { kind } from '../kind.js';
import type { Assets, Place, Problem } from '../kind.js';
import { AUTO_NAME, computeId } from '../references.js';
import * as sweep from '../sweep-parts.js';

const trial = object({
  command: text,
  code: text.optional(),
  environment: environmentField,
  environment_variables: environmentVariables.optional(),
  resources: parts.resources.optional(),
  distribution: parts.distribution.optional(),
  queue_settings: parts.queueSettings.optional(),
});

const schema = object({
  ...common,
  type: exactWord(['sweep']),
  name: text.optional(),
  display_name: text.optional(),
  experiment_name: text.optional(),
  properties: texts.optional(),
  compute: text.optional(),
  services: parts.services.optional(),
  identity: parts.identity.optional(),
  trial,
  inputs: jobInputs.optional(),
  outputs: jobOutputs.optional(),
  sampling_algorithm: sweep.samplingAlgorithm.optional(),
  search_space: sweep.searchSpace,
  objective: sweep.objective,
  early_termination: sweep.earlyTermination.optional(),
  limits: sweep.sweepLimits,
  queue_settings: parts.queueSettings.optional(),
  resources: parts.resources.optional(),
});
type SweepJob = z.infer<typeof schema>;

/** `az ml job create` with `type: sweep`. */
export const sweepJob = kind<SweepJob>({
  name: 'sweepJob',
  roles: ['job'],
  family: 'job',
  order: 6,
  detects: (value) => /^sweep$/i.test(String(value['type'])),
  schema,
  async check(job, place) {
    const { code, environment } = job.trial;
    return [
      ...(code === undefined ? [] : await checkCode(place, code, ['trial', 'code'], { address: true })),
      ...(await checkEnvironment(environment, place, ['trial', 'environment'])),
      ...(await checkInputs(job.inputs ?? {}, place)),
      ...unboundOf(job.trial.command, ['trial', 'command'], job),
      ...untried(job),
    ];
  },
  checkUnattended: ({ limits }) => Promise.resolve(sweep.checkTimeLimit(limits)),
  async toRest(job, place, assets) {
    const properties = await sweepBody(job, place, assets);
    return { resource: `/jobs/${job.name ?? AUTO_NAME}`, body: { properties } };
  },
});

/** What the command takes from the search space and is not there. */
function untried({ trial: { command }, search_space: space }: SweepJob): Problem[] {
  const names = [...command.matchAll(/\$\{\{\s*search_space\.([A-Za-z0-9_-]+)\s*\}\}/g)];
  return names.flatMap(([, name = '']): Problem[] => {
    if (name in space) return [];
    const message = `the command names \${{search_space.${name}}}, which search_space does not hold`;
    return [
      { path: ['trial', 'command'], message, found: name, allowed: Object.keys(space), severity: 'warning' },
    ];
  });
}

async function sweepBody(job: SweepJob, place: Place, assets: Assets): Promise<Json> {
  const { trial: one } = job;
  const trialResources = one.resources === undefined ? undefined : parts.resourcesBody(one.resources);
  return compact({
    displayName: job.display_name ?? job.name ?? AUTO_NAME,
    description: job.description,
    experimentName: job.experiment_name ?? parts.experimentName(place),
    isArchived: false,
    searchSpace: sweep.searchSpaceBody(job.search_space),
    samplingAlgorithm:
      job.sampling_algorithm === undefined ? undefined : sweep.samplingBody(job.sampling_algorithm),
    limits: sweep.sweepLimitsBody(job.limits),
    earlyTermination:
      job.early_termination === undefined ? undefined : sweep.earlyTerminationBody(job.early_termination),
    properties: job.properties ?? {},
    computeId: job.compute === undefined ? undefined : computeId(assets.workspace, job.compute),
    objective: { goal: job.objective.goal, primaryMetric: job.objective.primary_metric },
    trial: compact({
      codeId: one.code === undefined ? undefined : await codeId(one.code, place, assets),
      distribution: one.distribution === undefined ? undefined : parts.distributionBody(one.distribution),
      environmentId: await environmentId(one.environment, place, assets),
      command: one.command,
      environmentVariables: one.environment_variables ?? {},
      resources: trialResources,
    }),
    tags: job.tags ?? {},
    inputs: await inputsBody(job.inputs ?? {}, place, assets),
    outputs: mapValues(job.outputs ?? {}, outputBody),
    identity: job.identity === undefined ? undefined : parts.identityBody(job.identity),
    queueSettings: job.queue_settings === undefined ? undefined : parts.queueBody(job.queue_settings),
    jobType: 'Sweep',
    resources: job.resources === undefined ? trialResources : parts.resourcesBody(job.resources),
  });
}
