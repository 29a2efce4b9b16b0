import type { Json } from '../../resources.js';
import type { Job, JobInput, JobOutput } from '../job.js';
import { inputOf, parallelCommand } from '../parallel/command.js';
import { camelKeys, fieldOf, jsonOf, plainText } from './json.js';
import type { Step } from './graph.js';

/** What a step's job is made of. */
export interface StepParts {
  readonly pipeline: Job;
  readonly step: Step;
  /** What the job is called to people; by default the step's name. */
  readonly title?: string;
  readonly spec: Json;
  readonly inputs: Readonly<Record<string, JobInput>>;
  readonly outputs: Readonly<Record<string, JobOutput>>;
}

/** The properties of the job that a step runs as, in the form in which clients submit jobs of that kind. */
export function stepJob(parts: StepParts): Json {
  const { step } = parts;
  switch (step.type) {
    case 'sweep':
      return sweepJob(parts);
    case 'pipeline':
      return pipelineJob(parts);
    case 'parallel':
      return { ...commonOf(parts), ...parallelJob(parts) };
    default:
      return { ...commonOf(parts), jobType: 'Command', ...trialOf(parts) };
  }
}

function commonOf({ pipeline, step, title = step.name, inputs, outputs }: StepParts): Json {
  const { body } = step;
  return {
    displayName: title,
    experimentName: pipeline.properties.experimentName,
    computeId: computeOf(pipeline, body),
    tags: jsonOf(body['tags']),
    inputs,
    outputs,
  };
}

/** The step's own, else that of the pipeline, else its default; none is serverless. */
function computeOf(pipeline: Job, body: Json): unknown {
  const settings = jsonOf(pipeline.resource.properties['settings']);
  const chosen = body['computeId'] ?? pipeline.properties.computeId ?? settings['default_compute'];
  if (typeof chosen !== 'string' || chosen === '' || chosen.startsWith('/')) return chosen;
  return `${pipeline.workspaceId}/computes/${chosen.replace(/^azureml:/, '')}`;
}

/** Command, code, environment and how they run: of a command step, and of what a sweep step tries. */
function trialOf({ step, spec }: StepParts): Json {
  const { body } = step;
  const own = (field: string) => fieldOf(body, field) ?? fieldOf(spec, field);
  const variables = {
    ...jsonOf(fieldOf(spec, 'environmentVariables')),
    ...jsonOf(fieldOf(body, 'environmentVariables')),
  };
  const distribution = camelKeys(own('distribution'));
  const limits = camelKeys(body['limits'] ?? spec['limits']);
  return compact({
    command: spec['command'],
    codeId: reference(spec['code']),
    environmentId: reference(spec['environment']),
    environmentVariables: variables,
    // A component says `type`, a step `distribution_type`.
    distribution: Object.keys(distribution).length > 0 && {
      ...distribution,
      distributionType: distribution['distributionType'] ?? distribution['type'],
    },
    resources: own('resources') !== undefined && camelKeys(own('resources')),
    services: body['services'] !== undefined && servicesOf(body['services']),
    limits: step.type === 'command' &&
      typeof limits['timeout'] !== 'undefined' && {
        jobLimitsType: 'Command',
        timeout: isoDuration(limits['timeout']),
      },
  });
}

function servicesOf(services: unknown): Json {
  return Object.fromEntries(
    Object.entries(jsonOf(services)).map(([name, service]) => [name, camelKeys(service)]),
  );
}

function compact(json: Json): Json {
  return Object.fromEntries(
    Object.entries(json).filter(([, value]) => value !== undefined && value !== null && value !== false),
  );
}

/** Component specifications write ARM ids with a prefix. */
function reference(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^azureml:(?=\/[^/])/, '') : value;
}

/** Seconds, as sweep and parallel steps give them, or ISO 8601 already. */
function isoDuration(value: unknown): unknown {
  return typeof value === 'number' ? `PT${value}S` : value;
}

function sweepJob(parts: StepParts): Json {
  const { body } = parts.step;
  const limits = camelKeys(body['limits']);
  const sampling = fieldOf(body, 'samplingAlgorithm') ?? 'random';
  const chosen = typeof sampling === 'string' ? { type: sampling } : camelKeys(sampling);
  const type = plainText(chosen['type'] ?? chosen['samplingAlgorithmType'], 'random');
  return {
    ...commonOf(parts),
    jobType: 'Sweep',
    trial: trialOf(parts),
    searchSpace: searchSpaceOf(fieldOf(body, 'searchSpace')),
    samplingAlgorithm: {
      ...chosen,
      samplingAlgorithmType: type.charAt(0).toUpperCase() + type.slice(1).toLowerCase(),
    },
    objective: camelKeys(body['objective']),
    earlyTermination:
      fieldOf(body, 'earlyTermination') === undefined ? null : camelKeys(fieldOf(body, 'earlyTermination')),
    limits: compact({
      ...limits,
      jobLimitsType: 'Sweep',
      timeout: isoDuration(limits['timeout']),
      trialTimeout: isoDuration(limits['trialTimeout']),
    }),
  };
}

/** Arguments of each distribution in the order in which a sweep job has them. */
const ARGUMENTS = ['values', 'min_value', 'max_value', 'mu', 'sigma', 'upper', 'q'];

/** `{type, min_value, …}`, as sweep steps write it, as `[type, [arguments]]`. */
function searchSpaceOf(space: unknown): Json {
  return Object.fromEntries(
    Object.entries(jsonOf(space)).map(([name, value]) => {
      if (Array.isArray(value)) return [name, value];
      const { type, ...rest } = jsonOf(value);
      const args = ARGUMENTS.filter((field) => field in rest).map((field) => rest[field]);
      return [name, [type, args]];
    }),
  );
}

function pipelineJob(parts: StepParts): Json {
  const { pipeline, spec, step } = parts;
  return {
    ...commonOf(parts),
    jobType: 'Pipeline',
    jobs: jsonOf(spec['jobs']),
    settings: { ...jsonOf(pipeline.resource.properties['settings']), ...jsonOf(step.body['settings']) },
  };
}

function parallelJob(parts: StepParts): Json {
  const { body } = parts.step;
  const merged = { ...parts.spec, ...compact(body) };
  const task = { ...jsonOf(parts.spec['task']), ...jsonOf(body['task']) };
  const variables = {
    ...jsonOf(parts.spec['environment_variables']),
    ...jsonOf(body['environment_variables']),
  };
  const data = inputOf(merged);
  // The driver reads files, whatever way the step wants them.
  const read = {
    ...parts.inputs,
    [data]: { jobInputType: 'uri_folder', ...parts.inputs[data], mode: 'Download' },
  };
  return {
    jobType: 'Command',
    inputs: read,
    command: parallelCommand(merged, task, parts.inputs),
    codeId: reference(task['code']),
    environmentId: reference(task['environment']),
    environmentVariables: variables,
    resources: { instanceCount: jsonOf(merged['resources'])['instance_count'] ?? 1 },
  };
}
