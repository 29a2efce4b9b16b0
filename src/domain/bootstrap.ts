import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Metric } from './held-out-metrics.js';
import type { Gate } from './project.js';

/** Two models on the same rows. */
export interface Pair {
  readonly rows: number;
  readonly goal: Gate['goal'];
  readonly champion: Metric;
  readonly challenger: Metric;
}

/** How much better the challenger is, with the interval that a paired bootstrap gives it; negative where it is worse. */
export interface Gain {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Of the interval, from 0 to 1. */
  readonly confidence: number;
  readonly rows: number;
  readonly resamples: number;
}

/** The same predictions give the same interval wherever and however often it is computed. */
const seed = 1;

/** Gain in the rows as they are. */
export function gainOf(pair: Pair): number {
  return gainAt(pair, new Uint32Array(pair.rows).fill(1));
}

/**
 * Gains in as many rows drawn with replacement, the same rows for both models: what is hard for one is hard for the
 * other, so the difference is known better than either. A generator, so that whoever has other work can do it between.
 * `NaN` where a draw leaves the metric undefined.
 */
export function* resampledGains(pair: Pair, resamples: number): Generator<number> {
  const random = xoroshiro128plus(seed);
  const times = new Uint32Array(pair.rows);
  for (let resample = 0; resample < resamples; resample += 1) {
    times.fill(0);
    for (let draw = 0; draw < pair.rows; draw += 1) {
      const row = uniformInt(random, 0, pair.rows - 1);
      times[row] = (times[row] ?? 0) + 1;
    }
    yield gainAt(pair, times);
  }
}

function gainAt({ goal, champion, challenger }: Pair, times: Uint32Array): number {
  const difference = challenger(times) - champion(times);
  return goal === 'maximize' ? difference : -difference;
}

/** More draws than this share without a metric say that the rows are too few for one. */
const mostUndefined = 0.01;

/**
 * The percentile interval, both sides cut off alike, as SciPy's `bootstrap(paired=True, method='percentile')`;
 * `undefined` where too many draws had no metric.
 */
export function percentileInterval(
  gains: readonly number[],
  confidence: number,
): readonly [low: number, high: number] | undefined {
  const sorted = gains.filter((gain) => Number.isFinite(gain)).sort((a, b) => a - b);
  if (sorted.length === 0 || sorted.length < gains.length * (1 - mostUndefined)) return undefined;
  const tail = (1 - confidence) / 2;
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
}

/** Linear between neighbours, as NumPy's default. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
