import type { RequestRow, RequestStats } from './health.js';
import { isServerFault, stats } from './rollout.js';
import { greaterProportion, jensenShannon, mannWhitneyGreater } from './statistics.js';

/** The challenger and the champion over one window, as a workflow keeps it: figures, no rows. */
export interface Comparison {
  readonly challenger: RequestStats;
  /** Absent when nothing served before. */
  readonly champion?: RequestStats;
  /** Probability of latencies so much higher, and of errors so much more often, if nothing were worse. */
  readonly slower?: number;
  readonly moreErrors?: number;
  readonly predictions?: PredictionShift;
  /** What the plan's queries answered: a number, or why there is none. */
  readonly metrics?: Readonly<Record<string, number | string>>;
}

/** Answers of both to the same requests where those were mirrored, else to the window's requests. */
export interface PredictionShift {
  /** Answered rows of the side that has fewer. */
  readonly rows: number;
  readonly paired: boolean;
  /** Jensen–Shannon distance, base 2. */
  readonly distance: number;
  /** Share of equal answers, where requests are the same. */
  readonly agreement?: number;
}

/**
 * Compares what two deployments answered in the same window. Latency: Mann–Whitney over the requests that were
 * answered well, since a failure may be quick. `slower` is how much slower than the champion still counts as equal:
 * with thousands of requests a difference that nobody feels would be significant too.
 */
export function compareRequests(
  challenger: readonly RequestRow[],
  champion: readonly RequestRow[] | undefined,
  slower: number,
): Comparison {
  if (champion === undefined) return { challenger: stats(challenger) };
  const [ours, theirs] = [stats(challenger), stats(champion)];
  const latency = mannWhitneyGreater(
    latencies(challenger),
    latencies(champion).map((ms) => ms * (1 + slower)),
  );
  const errors = greaterProportion({
    happened: [ours.errors, theirs.errors],
    of: [ours.requests, theirs.requests],
  });
  return {
    challenger: ours,
    champion: theirs,
    ...(latency !== undefined && { slower: latency }),
    ...(errors !== undefined && { moreErrors: errors }),
  };
}

function latencies(rows: readonly RequestRow[]): number[] {
  return rows.flatMap(({ status, durationMs }) => (isServerFault(status) ? [] : [durationMs]));
}

/** One answered row: what it belongs to, and the answer. */
export interface Prediction {
  /** The request's id and the row's place in it: a mirrored request has it on both sides. */
  readonly key: string;
  readonly value: string | number;
}

const mostCategories = 20;
const bins = 20;

/** How far apart two models' answers lie. `undefined` when a side answered nothing. */
export function comparePredictions(
  challenger: readonly Prediction[],
  champion: readonly Prediction[],
): PredictionShift | undefined {
  const theirs = new Map(champion.map(({ key, value }) => [key, value]));
  const pairs = challenger.flatMap(({ key, value }) => {
    const other = theirs.get(key);
    return other === undefined ? [] : [[value, other] as const];
  });
  const paired = pairs.length > 0;
  const [a, b] = paired
    ? [pairs.map(([value]) => value), pairs.map(([, value]) => value)]
    : [challenger.map(({ value }) => value), champion.map(({ value }) => value)];
  const label = labelling(b);
  const distance = jensenShannon(a.map(label), b.map(label));
  if (distance === undefined) return undefined;
  return {
    rows: Math.min(a.length, b.length),
    paired,
    distance,
    ...(paired && {
      agreement: pairs.filter(([value, other]) => label(value) === label(other)).length / pairs.length,
    }),
  };
}

/** Classes are their own label; numbers with many values fall into twentieths of the champion's answers. */
function labelling(champion: readonly (string | number)[]): (value: string | number) => string {
  const numbers = champion.filter((value) => typeof value === 'number').sort((x, y) => x - y);
  if (numbers.length < champion.length || new Set(numbers).size <= mostCategories) return String;
  const edges = Array.from({ length: bins - 1 }, (_, index) =>
    Number(numbers[Math.floor(((index + 1) * numbers.length) / bins)]),
  );
  return (value) => (typeof value === 'number' ? `<${edges.filter((edge) => edge <= value).length}` : value);
}
