import type { Problem } from './kind.js';
import { Timestamp } from './timestamps.js';

/** Where a key belongs that stands at the wrong level; by the files that people get wrong most. */
const homes: Readonly<Record<string, string>> = {
  timeout: 'limits.timeout',
  instance_count: 'resources.instance_count',
  instance_type: 'resources.instance_type',
  shm_size: 'resources.shm_size',
  docker_args: 'resources.docker_args',
  process_count_per_instance: 'distribution.process_count_per_instance',
  job_tier: 'queue_settings.job_tier',
  max_total_trials: 'limits.max_total_trials',
  max_concurrent_trials: 'limits.max_concurrent_trials',
  default_compute: 'settings.default_compute',
  default_datastore: 'settings.default_datastore',
  continue_on_step_failure: 'settings.continue_on_step_failure',
  scoring_script: 'code_configuration.scoring_script',
  code: 'code_configuration.code',
  conda_file: 'environment.conda_file',
  image: 'environment.image',
  request_timeout_ms: 'request_settings.request_timeout_ms',
  max_concurrent_requests_per_instance: 'request_settings.max_concurrent_requests_per_instance',
  mini_batch_size: 'settings.mini_batch_size',
  output_action: 'settings.output_action',
  output_file_name: 'settings.output_file_name',
  max_concurrency_per_instance: 'settings.max_concurrency_per_instance',
  account_key: 'credentials.account_key',
  sas_token: 'credentials.sas_token',
  primary_metric: 'objective.primary_metric',
  goal: 'objective.goal',
};

interface Sight {
  readonly message: string;
  /** Last key of the path. */
  readonly key: string;
  /** The value found, as its type and text. */
  readonly value: unknown;
  readonly found: string;
  readonly allowed: readonly string[];
}

type Rule = (sight: Sight) => string | undefined;

/** What to do about the commonest mistakes; the first rule that knows the case speaks. */
const rules: readonly Rule[] = [
  ({ message, key, allowed }) => {
    const snake = key
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toLowerCase();
    return message === 'unknown key' && snake !== key && allowed.includes(snake)
      ? `keys are written small, with underscores: ${snake}`
      : undefined;
  },
  ({ message, key }) =>
    message === 'unknown key' && (key === 'dependencies' || key === 'channels')
      ? 'this is a conda file; write an environment with image: and conda_file: that names it'
      : undefined,
  ({ message, key, allowed }) => {
    const home = Object.hasOwn(homes, key) ? homes[key] : undefined;
    const parent = home?.split('.')[0];
    return message === 'unknown key' && home !== undefined && parent !== undefined && allowed.includes(parent)
      ? `it belongs to ${home}`
      : undefined;
  },
  ({ message, key }) => (message.startsWith('missing;') ? `add ${key}: …` : undefined),
  ({ value, key }) =>
    value === null ? `give ${key} a value, or remove the line: an empty value is none` : undefined,
  ({ message, value }) =>
    message === 'expected a text' && (typeof value === 'number' || typeof value === 'boolean')
      ? `put it in quotes: '${String(value)}'`
      : undefined,
  ({ value, found }) =>
    value instanceof Timestamp
      ? `put it in quotes: '${found}'; without them YAML takes it for a date`
      : undefined,
  ({ message, value, allowed }) =>
    message === 'unknown value' && typeof value === 'boolean' && allowed.includes(String(value))
      ? `put it in quotes: '${String(value)}'`
      : undefined,
  ({ message, value }) =>
    message === 'expected a text' && Array.isArray(value) ? 'write one text, not a list' : undefined,
  ({ message, value }) =>
    message === 'expected a list' && (typeof value === 'string' || typeof value === 'number')
      ? `write a list: [${String(value)}]`
      : undefined,
  ({ message, value }) =>
    message === 'expected a mapping' && Array.isArray(value)
      ? 'write keys with values, without the dashes of a list'
      : undefined,
  ({ message, value, key }) =>
    message === 'expected a mapping' && typeof value === 'string'
      ? `write keys below ${key}:, each on a line of its own`
      : undefined,
  ({ message, found }) =>
    /whole number|a number/.test(message) && /^\d+\s*(s|sec|m|min|h|d)$/i.test(found)
      ? 'durations are whole seconds (request settings: milliseconds)'
      : undefined,
  ({ message, found }) =>
    message.startsWith('expected azureml:') && /^\/subscriptions\//i.test(found)
      ? `write azureml:${found}`
      : undefined,
  ({ message, found }) =>
    message.startsWith('expected azureml:') && /^azureml:[^/:@]+$/.test(found)
      ? `name a version: ${found}:1, or ${found}@latest`
      : undefined,
  ({ message, found }) =>
    message.startsWith('expected azureml:') && /\.ya?ml$/.test(found)
      ? `a file is named by file:${found.startsWith('.') ? '' : './'}${found}`
      : undefined,
  ({ message, found }) =>
    message.startsWith('expected azureml:') && /^[\w.-]+(?:[:@][\w.-]+)?$/.test(found)
      ? `write azureml:${found}`
      : undefined,
  ({ message, found }) =>
    message.startsWith('there is no file or folder') && !found.startsWith('azureml')
      ? 'paths start at the folder of the YAML file that names them'
      : undefined,
  ({ message, found }) =>
    message.startsWith('expected a letter, then') && found.includes('_')
      ? `write ${found.replaceAll('_', '-')}`
      : undefined,
];

/** A problem with what to do about it, unless it says so itself. */
export function advised(problem: Problem, value: unknown): Problem {
  if (problem.fix !== undefined) return problem;
  const sight: Sight = {
    message: problem.message,
    key: problem.path.findLast((part) => typeof part === 'string') ?? '',
    value,
    found: problem.found ?? '',
    allowed: problem.allowed ?? [],
  };
  const fix = rules.map((rule) => rule(sight)).find((found) => found !== undefined);
  return fix === undefined ? problem : { ...problem, fix };
}
