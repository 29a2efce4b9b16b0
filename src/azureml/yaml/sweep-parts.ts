import { z } from 'zod';
import type { Json } from '../types.js';
import { isoSeconds } from './durations.js';
import { choose, compact, integer, number, object, text, withAllowed, word } from './fields.js';
import { camel } from './job-parts.js';
import type { Problem } from './kind.js';

const size = z.number('expected a number');
const range = { min_value: size, max_value: size };
const bell = { mu: size, sigma: size };
const ranges = ['uniform', 'loguniform'] as const;
const steps = ['quniform', 'qloguniform'] as const;
const bells = ['normal', 'lognormal'] as const;
const bellSteps = ['qnormal', 'qlognormal'] as const;

/** One parameter's values. */
export interface SearchDistribution {
  readonly type: string;
  readonly [key: string]: unknown;
}

const nested: z.ZodType = choose<unknown>((value) =>
  typeof value === 'object' && value !== null && 'type' in value ? searchDistribution : z.unknown(),
);
const choiceValue = choose<unknown>((value) =>
  typeof value === 'object' ? z.record(z.string(), nested) : z.union([z.string(), z.number(), z.boolean()]),
);
const distributions: readonly z.ZodType<SearchDistribution>[] = [
  object({ type: word(['choice']), values: z.array(choiceValue) }),
  object({ type: word(ranges), ...range }),
  object({ type: word(steps), ...range, q: size }),
  object({ type: word(bells), ...bell }),
  object({ type: word(bellSteps), ...bell, q: size }),
  object({ type: word(['randint']), upper: integer }),
];
const kinds: readonly (readonly string[])[] = [['choice'], ranges, steps, bells, bellSteps, ['randint']];

export const searchDistribution: z.ZodType<SearchDistribution> = choose<SearchDistribution>((value) => {
  const type = typeof value === 'object' && value !== null ? (value as Json)['type'] : undefined;
  const at = kinds.findIndex((names) => names.includes(String(type).toLowerCase()));
  return distributions[at] ?? unknownDistribution;
});

const unknownDistribution = z.unknown().transform((value, context): SearchDistribution => {
  const message = withAllowed('unknown distribution', kinds.flat());
  context.issues.push({ code: 'custom', input: value, message, path: ['type'] });
  return z.NEVER;
});

export const searchSpace = z.record(text, searchDistribution);

/** `{type: uniform, min_value: 0, max_value: 1}` → `['uniform', [0, 1]]` */
export function searchSpaceBody(spec: z.infer<typeof searchSpace>): Json {
  return Object.fromEntries(Object.entries(spec).map(([name, one]) => [name, distributionBody(one)]));
}

function distributionBody(spec: SearchDistribution): unknown {
  if (spec.type === 'choice') return ['choice', [(spec['values'] as unknown[]).map(choiceBody)]];
  const order = ['min_value', 'max_value', 'mu', 'sigma', 'upper', 'q'];
  return [spec.type, order.filter((key) => key in spec).map((key) => spec[key])];
}

function choiceBody(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key,
      typeof item === 'object' && item !== null ? distributionBody(item as SearchDistribution) : item,
    ]),
  );
}

const algorithms = ['random', 'grid', 'bayesian'] as const;
const algorithm = object({
  type: word(algorithms),
  seed: integer.optional(),
  logbase: z.union([z.string(), z.number()]).optional(),
  rule: word(['random', 'sobol']).optional(),
});
type Algorithm = z.infer<typeof algorithm>;

export const samplingAlgorithm = choose<string | Algorithm>((value) =>
  typeof value === 'string' ? word(algorithms) : algorithm,
);

export function samplingBody(spec: string | Algorithm): Json {
  const { type, seed, logbase, rule } = typeof spec === 'string' ? ({ type: spec } as Algorithm) : spec;
  const name = type.charAt(0).toUpperCase() + type.slice(1);
  return compact({ rule, seed, logbase, samplingAlgorithmType: name });
}

const policies = {
  bandit: 'Bandit',
  median_stopping: 'MedianStopping',
  truncation_selection: 'TruncationSelection',
} as const;

export const earlyTermination = object({
  type: word(Object.keys(policies) as (keyof typeof policies)[]),
  evaluation_interval: integer.nullish(),
  delay_evaluation: integer.nullish(),
  slack_factor: number.nullish(),
  slack_amount: number.nullish(),
  truncation_percentage: integer.optional(),
}).refine((policy) => policy.type !== 'truncation_selection' || policy.truncation_percentage !== undefined, {
  message: 'truncation_selection needs truncation_percentage',
  path: ['truncation_percentage'],
});
export type EarlyTermination = z.infer<typeof earlyTermination>;

export function earlyTerminationBody(spec: EarlyTermination): Json {
  const slack =
    spec.type === 'bandit'
      ? { slackFactor: spec.slack_factor ?? 0, slackAmount: spec.slack_amount ?? 0 }
      : {};
  return compact({
    delayEvaluation: spec.delay_evaluation ?? 0,
    evaluationInterval: spec.evaluation_interval ?? 0,
    ...slack,
    truncationPercentage: spec.truncation_percentage,
    policyType: policies[spec.type],
  });
}

export const objective = object({ goal: word(['minimize', 'maximize']), primary_metric: text });

export const sweepLimits = object({
  max_concurrent_trials: integer.optional(),
  max_total_trials: integer,
  timeout: integer.optional(),
  trial_timeout: integer.optional(),
});
type SweepLimits = z.infer<typeof sweepLimits>;

/** What a lifecycle asks of a sweep's limits beside the number of trials, which every sweep must have. */
export function checkTimeLimit({ timeout }: SweepLimits): Problem[] {
  if (timeout !== undefined && timeout > 0) return [];
  const message = 'a sweep that a lifecycle starts needs a limit of time';
  return [
    { path: ['limits'], message, fix: 'add timeout: and the seconds that all trials may take together' },
  ];
}

/** Azure takes no time-out below a minute; the official client raises it. */
export function atLeastMinutes(limits: SweepLimits): SweepLimits {
  const raised = (seconds: number | undefined) =>
    seconds === undefined || seconds === 0 ? undefined : Math.max(60, seconds);
  return { ...limits, timeout: raised(limits.timeout), trial_timeout: raised(limits.trial_timeout) };
}

export function sweepLimitsBody(limits: SweepLimits): Json {
  const { timeout, trial_timeout, ...rest } = atLeastMinutes(limits);
  const iso = (seconds: number | undefined) => (seconds === undefined ? undefined : isoSeconds(seconds));
  return compact({
    ...camel(rest),
    timeout: iso(timeout),
    trialTimeout: iso(trial_timeout),
    jobLimitsType: 'Sweep',
  });
}
