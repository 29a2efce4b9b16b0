import type { Condition } from './project.js';
import { compareText, formatNumber, formatOp, formatPair, meets } from './text.js';

/** How good predictions were, once their labels had come. */
export interface Performance {
  /** Predictions whose label is known. */
  readonly labelled: number;
  /** Predictions in the window. */
  readonly predictions: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export const performanceMetrics = ['accuracy', 'f1', 'auc', 'log_loss'] as const;
export type PerformanceMetric = (typeof performanceMetrics)[number];

export interface PerformanceVerdict {
  readonly verdict: 'ok' | 'breach' | 'missing_data';
  /** One sentence a requirement, ending in ✓ or ✗. */
  readonly checks: readonly string[];
}

/** Holds a performance against what is required of it. Too few labels, or a metric that cannot be computed, never pass. */
export function judgePerformance(
  { labelled, metrics }: Performance,
  require: Readonly<Partial<Record<PerformanceMetric, Condition>>>,
  minRows: number,
): PerformanceVerdict {
  if (labelled < minRows) {
    return {
      verdict: 'missing_data',
      checks: [`${labelled} predictions have a label, ${minRows} are needed to judge by ✗`],
    };
  }
  const entries = Object.entries(require).sort(([a], [b]) => compareText(a, b));
  const checks = entries.map(([metric, condition]) => {
    const value = metrics[metric];
    if (value === undefined || !Number.isFinite(value))
      return { missing: true, ok: false, text: `${metric} cannot be computed from these predictions ✗` };
    const ok = meets(value, condition);
    const [shown, bound] = formatPair(value, condition.value);
    const relation = `${ok ? '' : 'is not '}${formatOp(condition.op)} ${bound}`;
    return { missing: false, ok, text: `${metric} ${shown} ${relation} ${ok ? '✓' : '✗'}` };
  });
  const failed = checks.filter(({ ok }) => !ok);
  const verdict =
    failed.length === 0 ? 'ok' : failed.every(({ missing }) => missing) ? 'missing_data' : 'breach';
  return { verdict, checks: checks.map(({ text }) => text) };
}

/** `accuracy 0.81, f1 0.7 over 900 labelled predictions` */
export function describePerformance({ labelled, predictions, metrics }: Performance): string {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return `${figures.length === 0 ? 'no metric' : figures.join(', ')} over ${labelled} labelled of ${predictions} predictions`;
}
