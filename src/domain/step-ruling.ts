import type { Comparison } from './comparison.js';
import type { ComparePlan, RolloutPlan, RolloutStep } from './project.js';
import { judgeHealth } from './rollout.js';
import { formatMs, formatNumber, formatOp, formatPair, meets } from './text.js';

/** Where a step stands. Times are milliseconds. */
export interface StepClock {
  readonly elapsedMs: number;
  /** How late the traffic log shows a request: the step lasts so much longer. */
  readonly delayMs: number;
  /** This look's number within the step, from 1. */
  readonly look: number;
  /** What people have granted beyond `compare.extend`. */
  readonly grantedMs: number;
}

export type StepRuling =
  /** Look again later. */
  | { readonly kind: 'wait'; readonly reasons: readonly string[] }
  /** The step has done its work. */
  | { readonly kind: 'done'; readonly reasons: readonly string[] }
  /** Nothing speaks against the challenger and too little for it: a person decides. */
  | { readonly kind: 'ask'; readonly reasons: readonly string[] }
  | { readonly kind: 'abort'; readonly reasons: readonly string[] };

/**
 * Rules on a step by what has been seen since it began. Thresholds hold at every look. The comparison with the
 * champion counts once both have requests enough: half of `alpha` is for the look that ends the step, the other half
 * is shared among those before it (1/(k(k+1)) of it for the k-th), so that looking often makes no false alarm likelier.
 * @param strict false for rollouts that began when a figure that was missing kept the comparison from counting.
 */
export function ruleOnStep(
  plan: RolloutPlan,
  step: RolloutStep,
  all: Comparison,
  clock: StepClock,
  strict = true,
): StepRuling {
  const seen = strict ? besidesNobody(step, all) : all;
  const health = judgeHealth(plan.abort, seen.challenger);
  const broken = [
    ...(health.healthy ? [] : health.reasons),
    ...brokenPredictions(plan, seen),
    ...brokenMetrics(plan, seen),
  ];
  if (broken.length > 0) return { kind: 'abort', reasons: broken };
  const few = tooFew(plan, seen);
  const missing = [...unmeasured(plan, seen), ...few, ...unseenPredictions(plan, seen, strict)];
  const isOver = clock.elapsedMs >= step.forMs + clock.delayMs;
  const counts = strict ? few.length === 0 : missing.length === 0;
  const worse =
    plan.compare === undefined || !counts ? [] : worseThan(plan.compare, seen, isOver, clock.look);
  if (worse.length > 0) return { kind: 'abort', reasons: worse };
  if (missing.length === 0) return { kind: isOver ? 'done' : 'wait', reasons: [] };
  if (!isOver) return { kind: 'wait', reasons: [] };
  const untilMs = step.forMs + clock.delayMs + (plan.compare?.extendMs ?? 0) + clock.grantedMs;
  if (clock.elapsedMs < untilMs) return { kind: 'wait', reasons: missing };
  return { kind: 'ask', reasons: missing };
}

function worseThan(
  { alpha, slower }: ComparePlan,
  seen: Comparison,
  isOver: boolean,
  look: number,
): string[] {
  const share = isOver ? 1 : 1 / (look * (look + 1));
  // Two tests share what one look may spend.
  const bound = (alpha / 2) * share * 0.5;
  const { challenger, champion } = seen;
  const reasons: string[] = [];
  if ((seen.moreErrors ?? 1) < bound)
    reasons.push(
      `more errors than the champion: ${challenger.errors} of ${challenger.requests} against ${champion?.errors ?? 0} of ${champion?.requests ?? 0} (p ${formatNumber(seen.moreErrors ?? 1, 2)})`,
    );
  if ((seen.slower ?? 1) < bound)
    reasons.push(
      `slower than the champion by more than ${formatNumber(slower * 100)} %: p50 ${latency(challenger.p50)} against ${latency(champion?.p50)}, p95 ${latency(challenger.p95)} against ${latency(champion?.p95)} (p ${formatNumber(seen.slower ?? 1, 2)})`,
    );
  return reasons;
}

function latency(ms: number | undefined): string {
  return ms === undefined ? 'unknown' : `${formatNumber(ms)} ms`;
}

/** A step that takes all traffic leaves the champion nothing to be compared by. */
function besidesNobody({ kind, percent }: RolloutStep, seen: Comparison): Comparison {
  if (kind === 'mirror' || percent < 100) return seen;
  const { challenger, metrics } = seen;
  return { challenger, ...(metrics !== undefined && { metrics }) };
}

/** What has to be seen before the step can end well, and was not: figures of queries … */
function unmeasured({ metrics = [] }: RolloutPlan, seen: Comparison): string[] {
  return metrics.flatMap(({ name }) => {
    const value = seen.metrics?.[name];
    return typeof value === 'number' ? [] : [`${name}: ${value ?? 'it was not measured'}`];
  });
}

/** … requests … */
function tooFew({ compare }: RolloutPlan, { challenger, champion }: Comparison): string[] {
  if (compare === undefined) return [];
  const sides = [
    ['the challenger', challenger.requests],
    ...(champion === undefined ? [] : [['the champion', champion.requests] as const]),
  ] as const;
  return sides.flatMap(([who, requests]) =>
    requests < compare.minRequests
      ? [`${who} has seen ${requests} requests, ${compare.minRequests} are needed`]
      : [],
  );
}

/** … and answers of both. */
function unseenPredictions({ abort, compare }: RolloutPlan, seen: Comparison, strict: boolean): string[] {
  const asked =
    abort.predictions !== undefined && (strict ? seen.champion !== undefined : compare !== undefined);
  return asked && seen.predictions === undefined ? ['no predictions of both were collected'] : [];
}

function brokenPredictions({ abort, compare }: RolloutPlan, { predictions }: Comparison): string[] {
  if (abort.predictions === undefined || predictions === undefined) return [];
  if (predictions.rows < (compare?.minRequests ?? 1)) return [];
  if (!meets(predictions.distance, abort.predictions)) return [];
  const [shown, bound] = formatPair(predictions.distance, abort.predictions.value);
  return [
    `predictions differ from the champion's: distance ${shown} ${formatOp(abort.predictions.op)} ${bound} over ${predictions.rows} ${predictions.paired ? 'mirrored rows' : 'rows'}`,
  ];
}

function brokenMetrics({ metrics = [] }: RolloutPlan, seen: Comparison): string[] {
  return metrics.flatMap(({ name, abort }) => {
    const value = seen.metrics?.[name];
    if (typeof value !== 'number' || !meets(value, abort)) return [];
    const [shown, bound] = formatPair(value, abort.value);
    return [`${name} ${shown} ${formatOp(abort.op)} ${bound}`];
  });
}

/** `120 requests, 1 error, p95 31 ms (champion 1080, 9, 30 ms); predictions agree on 99 % of 118 rows` */
export function describeComparison({ challenger, champion, predictions, metrics = {} }: Comparison): string {
  const side = ({ requests, errors, p95 }: Comparison['challenger']): string =>
    `${requests} requests, ${errors} errors${p95 === undefined ? '' : `, p95 ${formatNumber(p95)} ms`}`;
  return [
    `${side(challenger)}${champion === undefined ? '' : ` (champion: ${side(champion)})`}`,
    predictions === undefined
      ? ''
      : predictions.agreement === undefined
        ? `predictions ${formatNumber(predictions.distance, 2)} apart over ${predictions.rows} rows`
        : `predictions agree on ${formatNumber(predictions.agreement * 100, 3)} % of ${predictions.rows} mirrored rows`,
    ...Object.entries(metrics).map(
      ([name, value]) => `${name} ${typeof value === 'number' ? formatNumber(value) : 'unknown'}`,
    ),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/**
 * Pause before the next look: short at first, at most a thirtieth of the step, a fifth of the time so far in a step that
 * people keep waiting. A rollout of days leaves a short history.
 */
export function nextHealthLookMs(elapsedMs: number, stepMs: number, shortestMs: number): number {
  const longest = Math.max(shortestMs, Math.max(elapsedMs, stepMs) / 30);
  return Math.min(Math.max(shortestMs, elapsedMs / 5), longest, 6 * 3_600_000);
}

/** `extended by up to 1h: the challenger has seen 3 requests, 50 are needed` */
export function describeExtension({ compare }: RolloutPlan, reasons: readonly string[]): string {
  return `extended by up to ${formatMs(compare?.extendMs ?? 0)}: ${reasons.join('; ')}`;
}

/** Longest pause between looks while something keeps a rollout between two steps. */
const longestBetweenMs = 10 * 60_000;

export function nextVigilLookMs(elapsedMs: number, stepMs: number, shortestMs: number): number {
  return Math.max(shortestMs, Math.min(longestBetweenMs, nextHealthLookMs(elapsedMs, stepMs, shortestMs)));
}
