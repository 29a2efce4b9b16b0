import type { EmulatorContext } from '../context.js';
import type { Metric } from '../mlflow/records.js';
import { metricChunksOf, runsOf, workspaceAt } from '../mlflow/workspace.js';

/** Values of one metric in the order in which they were logged. */
export interface Series {
  readonly name: string;
  readonly steps: readonly number[];
  /** null where it was no finite number. */
  readonly values: readonly (number | null)[];
  /** How many were logged; more than are given where they were thinned out. */
  readonly count: number;
}

interface Held {
  chunks: number;
  /** By name, then by what tells one value from another: `log_model` logs a value again to link it to the model. */
  readonly metrics: Map<string, Map<string, Metric>>;
}

/** Of so many runs what was read last is held, so that a run that logs is read on and not read again. */
const RUNS_HELD = 16;
/** More points than a chart is wide show nothing more. */
const MOST_POINTS = 500;

/** Reads the metrics of runs, each logged request once. */
export function createMetricHistories(
  ctx: EmulatorContext,
): (workspaceId: string, runId: string) => readonly Series[] {
  const held = new Map<string, Held>();

  function heldOf(key: string, chunks: number): Held {
    const known = held.get(key);
    // Deleted and made again under the same name.
    const usable = known !== undefined && known.chunks <= chunks ? known : { chunks: 0, metrics: new Map() };
    held.delete(key);
    held.set(key, usable);
    const oldest = held.keys().next();
    if (held.size > RUNS_HELD && oldest.done !== true) held.delete(oldest.value);
    return usable;
  }

  return (workspaceId, runId) => {
    const ws = workspaceAt(ctx, workspaceId);
    const chunks = runsOf(ws).get(runId)?.metricChunks ?? 0;
    const read = heldOf(`${ws.key}|${runId}`, chunks);
    for (; read.chunks < chunks; read.chunks += 1) {
      const chunk = metricChunksOf(ws).get(`${runId}|${String(read.chunks).padStart(10, '0')}`) ?? [];
      for (const metric of chunk) {
        const all = read.metrics.get(metric.key) ?? new Map<string, Metric>();
        read.metrics.set(metric.key, all);
        all.set(`${metric.step}|${metric.timestamp}|${metric.value}`, metric);
      }
    }
    return [...read.metrics].map(([name, all]) => seriesOf(name, [...all.values()])).sort(byName);
  };
}

const byName = (left: Series, right: Series) => left.name.localeCompare(right.name);

function seriesOf(name: string, metrics: readonly Metric[]): Series {
  const ordered = [...metrics].sort(
    (left, right) => left.step - right.step || left.timestamp - right.timestamp,
  );
  // Where all are of one step, as without `step=`, the order is what tells them apart.
  const single = ordered.every(({ step }) => step === ordered[0]?.step);
  const points = ordered.map(({ step, value }, at) => {
    const number = Number(value);
    return { step: single ? at : step, value: Number.isFinite(number) ? number : null };
  });
  const shown = thin(points);
  return {
    name,
    steps: shown.map(({ step }) => step),
    values: shown.map(({ value }) => value),
    count: points.length,
  };
}

/** The lowest and the highest of each stretch, so that no peak is lost, and the last one. */
export function thin<P extends { readonly value: number | null }>(
  points: readonly P[],
  most = MOST_POINTS,
): readonly P[] {
  if (points.length <= most) return points;
  const width = Math.ceil(points.length / (most / 2));
  const kept: P[] = [];
  for (let from = 0; from < points.length; from += width) {
    const stretch = points.slice(from, from + width);
    const low = stretch.reduce((best, next) =>
      (next.value ?? Infinity) < (best.value ?? Infinity) ? next : best,
    );
    const high = stretch.reduce((best, next) =>
      (next.value ?? -Infinity) > (best.value ?? -Infinity) ? next : best,
    );
    const [first, second] = stretch.indexOf(low) <= stretch.indexOf(high) ? [low, high] : [high, low];
    kept.push(first);
    if (second !== first) kept.push(second);
  }
  const last = points.at(-1);
  if (last !== undefined && kept.at(-1) !== last) kept.push(last);
  return kept;
}
