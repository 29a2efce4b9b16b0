import type {
  AbortRules,
  ApprovalRule,
  DataRules,
  Environment,
  EvaluationPlan,
  FileRef,
  Gate,
  MetricRule,
  MonitorJob,
  MonitorPlan,
  PerformancePlan,
  Project,
  RolloutPlan,
  RolloutStep,
} from '../domain/project.js';
import { defaultRetrainingLimits, type RetrainingLimits } from '../domain/retraining.js';
import type { FullApproval, FullEnvironment, FullProject, FullSteps } from './schema.js';
import { isDefault } from './fault.js';
import { child, type Tree } from './tree.js';

/** From the words of `mlops.yaml` to those of the domain. Values have been checked before. */
export function toProject(full: FullProject, environments: readonly Environment[], folder: string): Project {
  const { prepare, validate } = full.data;
  return {
    name: full.name,
    path: folder,
    workspace: environments[0]?.workspace ?? 'dev',
    setup: full.setup,
    data: {
      ...(prepare !== undefined && { prepare }),
      ...(validate !== undefined && {
        validate: toRules(validate),
      }),
    },
    candidates: Object.entries(full.train.candidates).map(
      ([name, { job, set, model, metrics_from: from }]) => ({
        name,
        job: { file: job, set },
        model,
        ...(from !== undefined && { metricsFrom: from }),
      }),
    ),
    limits: {
      queueMs: full.train.limits.queue,
      runMs: full.train.limits.run,
      parallel: full.train.limits.parallel,
    },
    concurrency: { newer: full.concurrency.newer, spareMs: full.concurrency.spare },
    ...(full.gate !== undefined && { gate: toGate(full.gate) }),
    register: toRegister(full.register),
    contract: full.contract,
    ...(full.registry !== undefined && { registry: full.registry }),
    environments,
  };
}

function toRegister({ name, which, check }: FullProject['register']): Project['register'] {
  if (check === false) return { name, which };
  const { compute, instance_type: instanceType } = check;
  return {
    ...{ name, which },
    check: { ...(compute !== undefined && { compute }), ...(instanceType !== undefined && { instanceType }) },
  };
}

function toGate({
  metric,
  goal,
  require,
  min_improvement: minImprovement,
  max_slice_loss: maxSliceLoss,
  evaluate,
}: NonNullable<FullProject['gate']>): Gate {
  return {
    ...{ metric, goal, require, minImprovement },
    ...(maxSliceLoss !== undefined && { maxSliceLoss }),
    ...(evaluate !== undefined && { evaluate: toEvaluation(evaluate) }),
  };
}

function toEvaluation({
  job: file,
  set,
  metrics_from: metricsFrom,
  confidence,
  resamples,
}: NonNullable<NonNullable<FullProject['gate']>['evaluate']>): EvaluationPlan {
  return {
    job: { file, set },
    ...(metricsFrom !== undefined && { metricsFrom }),
    ...(confidence !== undefined && { confidence }),
    resamples,
  };
}

function toRules({
  rows,
  nulls = {},
  columns,
  ranges,
  categories,
}: NonNullable<FullProject['data']['validate']>): DataRules {
  return {
    nulls,
    ...(rows !== undefined && { rows }),
    ...(columns !== undefined && { columns }),
    ...(ranges !== undefined && { ranges }),
    ...(categories !== undefined && {
      categories: Object.fromEntries(
        Object.entries(categories).map(([column, values]) => [column, values.map(String)]),
      ),
    }),
  };
}

/** @param tree the environment's tree, which tells what somebody wrote from what is assumed. */
export function toEnvironment(name: string, full: FullEnvironment, tree: Tree): Environment {
  const { keep, test, approval, monitor } = full;
  return {
    name,
    workspace: full.workspace,
    endpoint: toFile(full.endpoint),
    deployment: toFile(full.deployment),
    keepMs: keep,
    ...(test !== undefined && toTest(test)),
    ...(approval !== 'none' && { approval: toApproval(approval, child(tree, 'approval')) }),
    rollout: toRollout(full.rollout),
    ...(monitor !== undefined && { monitor: toMonitor(monitor) }),
  };
}

function toTest(test: NonNullable<FullEnvironment['test']>): Pick<Environment, 'test' | 'batch'> {
  if ('requests' in test) {
    const { requests, max_p95: maxP95Ms } = test;
    return { test: { requests, ...(maxP95Ms !== undefined && { maxP95Ms }) } };
  }
  const { input, rows, require, limits, type } = test;
  const { queue: queueMs, run: runMs } = limits;
  return { batch: { input, rows, require, queueMs, runMs, ...(type !== undefined && { type }) } };
}

function toFile({ file, set }: FileRef): FileRef {
  return { file, set };
}

const assumable = ['approvers', 'required', 'expires', 'verify'] as const;

export function toApproval(full: FullApproval, tree: Tree | undefined): ApprovalRule {
  const { remind, escalate } = full;
  const assumed = assumable.filter((key) => isDefault(child(tree, key)?.origin ?? {}));
  return {
    approvers: full.approvers,
    required: full.required,
    expiresMs: full.expires,
    verify: [...new Set(full.verify)],
    allowAuthors: full.allow_authors,
    ...(full.rejections !== undefined && { rejections: full.rejections }),
    ...(remind !== undefined && { remindMs: remind }),
    ...(escalate !== undefined && {
      escalate: {
        afterMs: escalate.after,
        to: typeof escalate.to === 'string' ? [escalate.to] : escalate.to,
      },
    }),
    ...(assumed.length > 0 && { assumed }),
  };
}

function toRollout({
  steps,
  abort,
  keep_previous: keepPreviousMs,
  window,
  compare,
  metrics = {},
}: FullEnvironment['rollout']): RolloutPlan {
  return {
    steps: steps.map(toStep).filter((step, index) => !(step.percent === 100 && index === steps.length - 1)),
    abort: toAbort(abort),
    keepPreviousMs,
    ...(compare !== 'none' && {
      compare: {
        minRequests: compare.min_requests,
        extendMs: compare.extend,
        alpha: compare.alpha,
        slower: compare.slower,
      },
    }),
    ...(Object.keys(metrics).length > 0 && { metrics: Object.entries(metrics).map(toMetric) }),
    ...(window !== undefined && { window }),
  };
}

function toMetric([name, metric]: [
  string,
  NonNullable<FullEnvironment['rollout']['metrics']>[string],
]): MetricRule {
  return 'prometheus' in metric
    ? { name, source: 'prometheus', query: metric.prometheus, abort: metric.abort }
    : { name, source: 'azure_monitor', query: metric.azure_monitor, abort: metric.abort };
}

export function toStep(step: FullSteps[number]): RolloutStep {
  return 'mirror' in step
    ? { kind: 'mirror', percent: step.mirror, forMs: step.for }
    : { kind: 'traffic', percent: challengersShare(step.traffic), forMs: step.for ?? 0 };
}

function challengersShare(traffic: number | { readonly challenger: number }): number {
  return typeof traffic === 'number' ? traffic : traffic.challenger;
}

function toAbort({
  error_rate: errorRate,
  p50,
  p95,
  p99,
  predictions,
}: FullEnvironment['rollout']['abort']): AbortRules {
  return {
    ...(predictions !== undefined && { predictions }),
    ...(errorRate !== undefined && { errorRate }),
    ...(p50 !== undefined && { p50 }),
    ...(p95 !== undefined && { p95 }),
    ...(p99 !== undefined && { p99 }),
  };
}

function toMonitor(full: NonNullable<FullEnvironment['monitor']>): MonitorPlan {
  const { psi, ks, chi_squared: chiSquared } = full.thresholds;
  return {
    schedule: full.schedule,
    windowMs: full.window,
    baseline: full.baseline,
    onBreach: full.on_breach,
    ...(full.retraining !== undefined && { retraining: toRetraining(full.retraining) }),
    numericalThreshold: full.thresholds.numerical,
    categoricalThreshold: full.thresholds.categorical,
    ...(psi !== undefined && { psiThreshold: psi }),
    ...(ks !== undefined && { ksThreshold: ks }),
    ...(chiSquared !== undefined && { chiSquaredThreshold: chiSquared }),
    minRows: full.min_rows,
    ...(full.mode === 'exact' && { mode: full.mode }),
    ...(full.engine === 'azureml' && full.job !== undefined && { job: toMonitorJob(full.job) }),
    ...(full.predictions !== undefined && {
      predictions: { baseline: full.predictions.baseline, output: full.predictions.output ?? 'output' },
    }),
    ...(full.performance !== undefined && { performance: toPerformance(full.performance) }),
  };
}

function toMonitorJob({
  compute,
  instance_type: instanceType,
  environment,
  limits,
}: NonNullable<NonNullable<FullEnvironment['monitor']>['job']>): MonitorJob {
  return {
    ...(compute !== undefined && { compute }),
    ...(instanceType !== undefined && { instanceType }),
    ...(environment !== undefined && { environment }),
    queueMs: limits.queue,
    runMs: limits.run,
  };
}

function toRetraining({
  cooldown = defaultRetrainingLimits.cooldownMs,
  most = defaultRetrainingLimits.max,
  fruitless = defaultRetrainingLimits.maxFruitless,
}: NonNullable<NonNullable<FullEnvironment['monitor']>['retraining']>): RetrainingLimits {
  return { ...defaultRetrainingLimits, cooldownMs: cooldown, max: most, maxFruitless: fruitless };
}

function toPerformance({
  labels,
  id = 'correlationid',
  label,
  prediction = 'output',
  probability,
  require = {},
}: NonNullable<NonNullable<FullEnvironment['monitor']>['performance']>): PerformancePlan {
  return { labels, id, label, prediction, require, ...(probability !== undefined && { probability }) };
}
