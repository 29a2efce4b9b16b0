import type { HealthVerdict, RequestRow, RequestStats } from './health.js';
import type { AbortRules, Condition, RolloutPlan, RolloutStep } from './project.js';
import type { Traffic } from './release.js';
import { formatMs, formatOp, formatPair, formatShare, meets } from './text.js';

/** What an endpoint is told at one step: shares of the live requests, and of copies of them. Percent. */
export interface StepTraffic {
  /** Sums to 100, or is empty. */
  readonly live: Traffic;
  readonly mirror: Traffic;
}

const final: RolloutStep = { kind: 'traffic', percent: 100, forMs: 0 };

/** The plan's steps and the one that ends every rollout: all traffic. */
export function rolloutSteps(plan: RolloutPlan): readonly RolloutStep[] {
  const last = plan.steps.at(-1);
  return last?.kind === 'traffic' && last.percent === 100 ? plan.steps : [...plan.steps, final];
}

/**
 * Traffic at a step. Without a champion nothing serves yet: the challenger gets all of it or none, because live
 * shares must add up to 100. Deployments with no share are left out, as Azure reports them.
 */
export function trafficFor(
  step: Pick<RolloutStep, 'kind' | 'percent'>,
  champion: string | undefined,
  challenger: string,
): StepTraffic {
  if (champion === undefined) {
    return { live: step.kind === 'traffic' ? { [challenger]: 100 } : {}, mirror: {} };
  }
  if (champion === challenger) return { live: { [champion]: 100 }, mirror: {} };
  if (step.kind === 'mirror')
    return { live: { [champion]: 100 }, mirror: withoutZero({ [challenger]: step.percent }) };
  return { live: withoutZero({ [champion]: 100 - step.percent, [challenger]: step.percent }), mirror: {} };
}

export interface StepMistake {
  /** Which step, from 0. */
  readonly index: number;
  readonly message: string;
  readonly fix: string;
}

/**
 * What is wrong with a plan's steps. Azure lets a deployment have live traffic or a copy of it, never both, so mirroring
 * comes first; live traffic grows.
 * @param reached share that the challenger has already.
 */
export function stepMistakes(steps: readonly RolloutStep[], reached = 0): StepMistake[] {
  let live = reached;
  return steps.flatMap(({ kind, percent, forMs }, index): StepMistake[] => {
    if (kind === 'mirror') {
      return live === 0
        ? []
        : [{ index, message: 'mirrors after live traffic has begun', fix: 'put mirror steps first' }];
    }
    const before = live;
    live = Math.max(live, percent);
    if (percent <= before) {
      return [
        {
          index,
          message: `${percent} % is not more than the ${before} % before it`,
          fix: 'let traffic grow from step to step',
        },
      ];
    }
    return forMs === 0 && percent < 100
      ? [{ index, message: 'does not say for how long', fix: 'add `for: 10m`' }]
      : [];
  });
}

function withoutZero(traffic: Traffic): Traffic {
  return Object.fromEntries(Object.entries(traffic).filter(([, percent]) => percent > 0));
}

/** `mirror 10 % 10m → 10 % 10m → 50 % 30m → 100 %` */
export function describeRollout(plan: RolloutPlan): string {
  return describeSteps(rolloutSteps(plan));
}

export function describeSteps(steps: readonly RolloutStep[]): string {
  return steps
    .map(({ kind, percent, forMs }) =>
      [kind === 'mirror' ? 'mirror' : '', `${percent} %`, forMs > 0 ? formatMs(forMs) : '']
        .filter((part) => part !== '')
        .join(' '),
    )
    .join(' → ');
}

/**
 * Answers that count against a deployment: no answer, a server's fault, a time-out (408), a failure inside the model
 * (424, as Azure ML's scoring front end reports it) and an overload (429). Other 4xx are the caller's own.
 */
export function isServerFault(status: number): boolean {
  return status < 100 || status >= 500 || status === 408 || status === 424 || status === 429;
}

/** Exact figures of a window: quantiles by nearest rank, so that each is a latency that a request really had. */
export function stats(rows: readonly RequestRow[]): RequestStats {
  const errors = rows.filter(({ status }) => isServerFault(status)).length;
  if (rows.length === 0) return { requests: 0, errors: 0, errorRate: 0 };
  const sorted = rows.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  return {
    requests: rows.length,
    errors,
    errorRate: errors / rows.length,
    p50: nearestRank(sorted, 50),
    p95: nearestRank(sorted, 95),
    p99: nearestRank(sorted, 99),
  };
}

/** `percent` is a whole number: `0.95 * 100` in floating point would pick the wrong rank. */
function nearestRank(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((percent * sorted.length) / 100);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

/**
 * Whether a deployment may keep its traffic. A condition that is met makes it unhealthy, and so does a figure that
 * is not finite. Without a request there is nothing to judge: `judged` is false, and the reasons say so.
 */
export function judgeHealth(abort: AbortRules, measured: RequestStats): HealthVerdict {
  const rules = [
    { name: 'error rate', condition: abort.errorRate, value: measured.errorRate, show: formatShares },
    { name: 'p50', condition: abort.p50, value: measured.p50, show: formatLatencies },
    { name: 'p95', condition: abort.p95, value: measured.p95, show: formatLatencies },
    { name: 'p99', condition: abort.p99, value: measured.p99, show: formatLatencies },
  ].flatMap(({ condition, ...rule }) => (condition === undefined ? [] : [{ ...rule, condition }]));
  if (rules.length === 0) return { healthy: true, judged: false, reasons: ['no abort condition is set'] };
  if (measured.requests === 0) {
    const names = rules.map(({ name }) => name).join(', ');
    return {
      healthy: true,
      judged: false,
      reasons: [`no request in the window: ${names} could not be judged`],
    };
  }
  const reasons = rules.flatMap(({ name, condition, value, show }) => breach(name, condition, value, show));
  return { healthy: reasons.length === 0, judged: true, reasons };
}

function breach(
  name: string,
  condition: Condition,
  value: number | undefined,
  show: (value: number, bound: number) => readonly [string, string],
): string[] {
  if (value === undefined || !Number.isFinite(value))
    return [`${name} is ${value ?? 'missing'}: cannot be judged`];
  if (!meets(value, condition)) return [];
  const [shown, bound] = show(value, condition.value);
  return [`${name} ${shown} ${formatOp(condition.op)} ${bound}`];
}

function formatShares(value: number, bound: number): readonly [string, string] {
  const [a, b] = formatPair(value * 100, bound * 100);
  return value === bound ? [formatShare(value), formatShare(bound)] : [`${a} %`, `${b} %`];
}

function formatLatencies(value: number, bound: number): readonly [string, string] {
  const [a, b] = formatPair(value, bound);
  return [`${a} ms`, `${b} ms`];
}
