import { z } from 'zod';
import { userError } from '../../errors.js';
import type { Json } from '../../resources.js';
import { durationMs } from '../job.js';

/** One dimension of a search space; `q` rounds to its multiples. Bounds of `loguniform` are exponents of e. */
export type Parameter =
  | { readonly kind: 'choice'; readonly values: readonly unknown[] }
  | { readonly kind: 'randint'; readonly upper: number }
  | {
      readonly kind: 'uniform' | 'loguniform';
      readonly min: number;
      readonly max: number;
      readonly q?: number;
    }
  | {
      readonly kind: 'normal' | 'lognormal';
      readonly mu: number;
      readonly sigma: number;
      readonly q?: number;
    };

export type Space = Readonly<Record<string, Parameter>>;

const positive = z.number().positive();
const range = [z.number(), z.number()] as const;

/** `[distribution, [arguments]]` as azure-ai-ml sends them: azure.ai.ml.entities._job.sweep.search_space. */
const parameter = z.union([
  z
    .tuple([z.literal('choice'), z.tuple([z.array(z.unknown()).min(1)])])
    .transform(([kind, [values]]): Parameter => ({ kind, values })),
  z
    .tuple([z.literal('randint'), z.tuple([z.number().int().positive()])])
    .transform(([kind, [upper]]): Parameter => ({ kind, upper })),
  z
    .tuple([z.enum(['uniform', 'loguniform']), z.tuple(range)])
    .refine(([, [min, max]]) => min <= max, 'min must not be above max')
    .transform(([kind, [min, max]]): Parameter => ({ kind, min, max })),
  z
    .tuple([z.enum(['quniform', 'qloguniform']), z.tuple([...range, positive])])
    .refine(([, [min, max]]) => min <= max, 'min must not be above max')
    .transform(([kind, [min, max, q]]): Parameter => ({ kind: unquantised(kind), min, max, q })),
  z
    .tuple([z.enum(['normal', 'lognormal']), z.tuple([z.number(), positive])])
    .transform(([kind, [mu, sigma]]): Parameter => ({ kind, mu, sigma })),
  z
    .tuple([z.enum(['qnormal', 'qlognormal']), z.tuple([z.number(), positive, positive])])
    .transform(([kind, [mu, sigma, q]]): Parameter => ({ kind: unquantised(kind), mu, sigma, q })),
]);

function unquantised<K extends string>(kind: `q${K}`): K {
  return kind.slice(1) as K;
}

const count = z.number().int().min(0).nullish();

const policy = z.discriminatedUnion('policyType', [
  z.object({
    policyType: z.literal('Bandit'),
    ...{ delayEvaluation: count, evaluationInterval: count },
    ...{ slackFactor: z.number().min(0).nullish(), slackAmount: z.number().min(0).nullish() },
  }),
  z.object({ policyType: z.literal('MedianStopping'), delayEvaluation: count, evaluationInterval: count }),
  z.object({
    policyType: z.literal('TruncationSelection'),
    ...{ delayEvaluation: count, evaluationInterval: count },
    truncationPercentage: z.number().int().min(1).max(99),
  }),
]);

export type Policy = z.infer<typeof policy>;

const sweep = z.object({
  searchSpace: z
    .record(z.string(), parameter)
    .refine((space) => Object.keys(space).length > 0, 'needs at least one parameter'),
  samplingAlgorithm: z.object({
    samplingAlgorithmType: z.enum(['Random', 'Grid', 'Bayesian']),
    rule: z.string().nullish(),
    seed: z.number().int().nullish(),
  }),
  objective: z.object({
    goal: z.string().regex(/^(minimize|maximize)$/i, 'must be Minimize or Maximize'),
    primaryMetric: z.string().min(1),
  }),
  limits: z
    .object({
      maxTotalTrials: z.number().int().min(1).nullish(),
      maxConcurrentTrials: z.number().int().min(1).nullish(),
      trialTimeout: z.string().nullish(),
    })
    .nullish(),
  earlyTermination: policy.nullish(),
  trial: z.looseObject({ command: z.string().min(1), environmentId: z.string().min(1) }),
});

export interface SweepSpec {
  readonly space: Space;
  readonly sampling: 'random' | 'sobol' | 'grid' | 'bayesian';
  readonly seed: number | undefined;
  readonly maximize: boolean;
  readonly metric: string;
  readonly most: number;
  readonly atOnce: number;
  readonly trialTimeout: string | undefined;
  readonly policy: Policy | undefined;
  readonly trial: Json;
}

/** What Azure ML runs when nothing else is said: https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-sweep */
const MOST_TRIALS = 1000;

/** Reads the properties of a sweep job; throws `UserError` that names every mistake. */
export function readSweep(properties: Json): SweepSpec {
  const parsed = sweep.safeParse(properties);
  if (!parsed.success) throw userError(`The sweep cannot be run: ${problems(parsed.error)}`);
  const { searchSpace, samplingAlgorithm, objective, limits, earlyTermination, trial } = parsed.data;
  const spec: SweepSpec = {
    space: searchSpace,
    sampling: samplingOf(samplingAlgorithm),
    seed: samplingAlgorithm.seed ?? undefined,
    maximize: objective.goal.toLowerCase() === 'maximize',
    metric: objective.primaryMetric,
    most: limits?.maxTotalTrials ?? MOST_TRIALS,
    atOnce: limits?.maxConcurrentTrials ?? limits?.maxTotalTrials ?? MOST_TRIALS,
    trialTimeout: limits?.trialTimeout ?? undefined,
    policy: earlyTermination ?? undefined,
    trial,
  };
  requireSupported(spec);
  return spec;
}

function problems(error: z.ZodError): string {
  return error.issues
    .map(({ path, message, code }) => {
      const at = path.join('.');
      if (code !== 'invalid_union' || path[0] !== 'searchSpace') return `${at}: ${message}`;
      return `${at}: must be [distribution, [arguments]] of choice, randint, uniform, quniform, loguniform, qloguniform, normal, qnormal, lognormal or qlognormal`;
    })
    .join('; ');
}

function samplingOf({ samplingAlgorithmType, rule }: z.infer<typeof sweep>['samplingAlgorithm']) {
  if (samplingAlgorithmType === 'Grid') return 'grid';
  if (samplingAlgorithmType === 'Bayesian') return 'bayesian';
  return rule?.toLowerCase() === 'sobol' ? 'sobol' : 'random';
}

/** The distributions that a sampling algorithm takes: https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters */
function requireSupported({ space, sampling, trialTimeout }: SweepSpec): void {
  const refused = Object.entries(space)
    .filter(([, { kind, ...rest }]) => {
      if (sampling === 'grid') return kind !== 'choice';
      if (sampling === 'bayesian') return kind !== 'choice' && kind !== 'uniform';
      if (sampling === 'sobol') return /normal/.test(kind) || ('q' in rest && kind !== 'uniform');
      return false;
    })
    .map(([name]) => name);
  const takes = {
    ...{ grid: 'choice only', bayesian: 'choice, uniform and quniform only', random: 'all' },
    sobol: 'choice, randint, uniform, quniform and loguniform only, here',
  };
  if (refused.length > 0)
    throw userError(
      `Sampling by ${sampling} takes ${takes[sampling]}; found another for ${refused.join(', ')}.`,
    );
  if (trialTimeout !== undefined && durationMs(trialTimeout) === undefined)
    throw userError(`limits.trialTimeout '${trialTimeout}' is no ISO 8601 duration such as PT1H.`);
}
