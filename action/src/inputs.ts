import { getInput, getMultilineInput, setSecret } from '@actions/core';
import { steerings } from '../../src/domain/command.js';
import { reaches, type ReachName } from '../../src/domain/reach.js';
import { defaultTiming, type Timing } from '../../src/domain/timing.js';

export const operations = ['auto', 'start', 'signal', 'approve-comment', 'status'] as const;
export type Operation = (typeof operations)[number];

/** The inputs of action.yml, checked. */
export interface Inputs {
  readonly operation: Operation;
  readonly address?: string;
  readonly namespace?: string;
  readonly apiKey?: string;
  /** Base address of the Temporal UI, no slash at its end. */
  readonly ui?: string;
  readonly taskQueue: string;
  /** Folder below which projects are looked for, relative to the checkout. */
  readonly path: string;
  /** Name of the projects' file. */
  readonly config: string;
  /** Only these projects; empty: all. */
  readonly projects: readonly string[];
  readonly reach?: ReachName;
  readonly signal?: string;
  readonly workflowId?: string;
  readonly reason?: string;
  readonly githubToken?: string;
  readonly timing?: Partial<Timing>;
}

/**
 * Reads and checks the inputs; throws one error that lists every wrong one with its allowed values. Values of
 * secrets are masked in the run's log when a runner is there to do it.
 */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const problems: string[] = [];
  const optional = <K extends string>(key: K, input: string): Partial<Record<K, string>> => {
    const value = getInput(input);
    return value === '' ? {} : ({ [key]: value } as Record<K, string>);
  };
  const oneOf = <T extends string>(input: string, allowed: readonly T[]): T | undefined => {
    const value = getInput(input);
    const found = allowed.find((name) => name === value);
    if (found === undefined && value !== '')
      problems.push(`${input}: found "${value}"; allowed: ${allowed.join(', ')}`);
    return found;
  };
  const reach = oneOf('reach', reaches);
  const timing = readTiming(getInput('timing'), problems);
  const inputs: Inputs = {
    operation: oneOf('operation', operations) ?? 'auto',
    taskQueue: getInput('task-queue') || 'mlops',
    path: getInput('path') || '.',
    config: getInput('config') || 'mlops.yaml',
    projects: getMultilineInput('projects')
      .flatMap((line) => line.split(/[\s,]+/))
      .filter((name) => name !== ''),
    ...optional('address', 'temporal-address'),
    ...optional('namespace', 'temporal-namespace'),
    ...optional('apiKey', 'temporal-api-key'),
    ...optional('ui', 'temporal-ui'),
    ...optional('signal', 'signal'),
    ...optional('workflowId', 'workflow-id'),
    ...optional('reason', 'reason'),
    ...optional('githubToken', 'github-token'),
    ...(reach !== undefined && { reach }),
    ...(timing !== undefined && { timing }),
  };
  problems.push(...unknownInputs(env), ...signalProblems(inputs));
  if (problems.length > 0) throw new Error(`Inputs of the Action:\n- ${problems.join('\n- ')}`);
  maskSecrets(inputs, env);
  return inputs;
}

const names = [
  'operation',
  'temporal-address',
  'temporal-namespace',
  'temporal-api-key',
  'temporal-ui',
  'task-queue',
  'path',
  'config',
  'projects',
  'reach',
  'signal',
  'workflow-id',
  'reason',
  'github-token',
  'timing',
] as const;

/** A runner only warns of an input that does not exist, and then does something else than was meant. */
function unknownInputs(env: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>(names);
  return Object.keys(env)
    .filter((key) => key.startsWith('INPUT_'))
    .map((key) => key.slice('INPUT_'.length).toLowerCase())
    .filter((name) => !known.has(name))
    .map((name) => `${name}: there is no such input; allowed: ${names.join(', ')}`);
}

function signalProblems({ operation, signal, workflowId }: Inputs): string[] {
  if (operation === 'status' || operation === 'start')
    return signal === undefined ? [] : [`signal: has no meaning with the operation ${operation}`];
  if (operation === 'signal' && signal === undefined && workflowId === undefined)
    return [
      `signal: needed with the operation signal; allowed: ${steerings.join(', ')}, approve <12 hex>, reject <12 hex>`,
      'workflow-id: needed with the operation signal, e.g. mlops/acme.models/diabetes/1a2b3c4d5e6f',
    ];
  if (signal === undefined && workflowId === undefined) return [];
  const known =
    signal !== undefined &&
    (/^(approve|reject) [0-9a-f]{12}$/.test(signal) || steerings.some((name) => name === signal));
  return [
    ...(known
      ? []
      : [
          `signal: found "${signal ?? ''}"; allowed: ${steerings.join(', ')}, approve <12 hex>, reject <12 hex>`,
        ]),
    ...(workflowId === undefined
      ? ['workflow-id: needed with signal, e.g. mlops/acme.models/diabetes/1a2b3c4d5e6f']
      : []),
  ];
}

function readTiming(text: string, problems: string[]): Partial<Timing> | undefined {
  if (text === '') return undefined;
  const allowed = Object.keys(defaultTiming);
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const wrong = Object.entries(value).filter(
      ([key, ms]) => !allowed.includes(key) || typeof ms !== 'number' || ms < 0,
    );
    if (wrong.length === 0) return value;
    problems.push(
      `timing: ${wrong.map(([key]) => key).join(', ')} cannot be used; allowed: ${allowed.join(', ')}, each a number >= 0`,
    );
  } catch {
    problems.push(`timing: no JSON object; allowed keys: ${allowed.join(', ')}`);
  }
  return undefined;
}

/** Masking is a line on stdout that a runner swallows; elsewhere that line would itself show the secret. */
function maskSecrets(inputs: Inputs, env: NodeJS.ProcessEnv): void {
  if (env['GITHUB_ACTIONS'] !== 'true') return;
  for (const secret of [inputs.apiKey, inputs.githubToken]) if (secret !== undefined) setSecret(secret);
}
