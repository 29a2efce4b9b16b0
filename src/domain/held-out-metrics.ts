/** Held-out predictions of one model, a row at an index; the same rows for every model that is compared. */
export interface ScoredRows {
  /** What is true, as a class (`1.0`) or a number. */
  readonly truth: readonly string[];
  /** What was predicted, in the same spelling. */
  readonly told: readonly (string | null)[];
  /** Probability of class 1, where the model tells one. */
  readonly score: readonly (number | null)[];
}

/** A metric of rows of which each counts so many times; `NaN` where it is undefined, as AUC of one class is. */
export type Metric = (times: Uint32Array) => number;

/** Prepares a metric, or says why these rows have none. */
type Definition = (rows: ScoredRows) => Metric | string;

const positive = '1.0';
const classes = [positive, '0.0'];
/** Probabilities of 0 and 1 would make a wrong answer endlessly bad: scikit-learn's bound. */
const leastProbability = Number.EPSILON;

const definitions: Readonly<Record<string, Definition>> = {
  auc: (rows) => binary(rows) ?? scored(rows) ?? areaUnderRoc(rows),
  accuracy: (rows) =>
    predicted(rows) ?? mean(rows, (index) => (rows.told[index] === rows.truth[index] ? 1 : 0)),
  f1: (rows) => binary(rows) ?? predicted(rows) ?? f1(rows),
  logloss: (rows) =>
    binary(rows) ??
    scored(rows) ??
    mean(rows, (index) => {
      const score = rows.score[index] ?? Number.NaN;
      const likely = rows.truth[index] === positive ? score : 1 - score;
      return -Math.log(Math.min(1 - leastProbability, Math.max(leastProbability, likely)));
    }),
  brier: (rows) =>
    binary(rows) ??
    scored(rows) ??
    mean(rows, (index) => ((rows.score[index] ?? Number.NaN) - Number(rows.truth[index])) ** 2),
  mae: (rows) => numbers(rows) ?? mean(rows, (index) => Math.abs(miss(rows, index))),
  mse: (rows) => numbers(rows) ?? mean(rows, (index) => miss(rows, index) ** 2),
  rmse: (rows) => numbers(rows) ?? root(mean(rows, (index) => miss(rows, index) ** 2)),
};

const otherNames: Readonly<Record<string, string>> = {
  rocauc: 'auc',
  aucroc: 'auc',
  rocaucscore: 'auc',
  acc: 'accuracy',
  accuracyscore: 'accuracy',
  f1score: 'f1',
  crossentropy: 'logloss',
  brierscore: 'brier',
  brierscoreloss: 'brier',
  meanabsoluteerror: 'mae',
  meansquarederror: 'mse',
  rootmeansquarederror: 'rmse',
};

/** Metrics that can be computed from predictions, by the names that people give them. */
export const knownMetrics = 'AUC, accuracy, f1, log_loss, brier, mae, mse, rmse';

/** The metric of that name over these rows, or why there is none. */
export function metricOf(name: string, rows: ScoredRows): Metric | string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const key = otherNames[plain] ?? plain;
  const definition = Object.hasOwn(definitions, key) ? definitions[key] : undefined;
  return definition?.(rows) ?? `${name} cannot be computed from predictions; what can be is ${knownMetrics}`;
}

/** Why the rows do not fit, or nothing. */
type Objection = string | undefined;

function binary({ truth }: ScoredRows): Objection {
  return truth.every((label) => classes.includes(label)) ? undefined : 'labels are not 0 and 1';
}

function scored({ score }: ScoredRows): Objection {
  return score.includes(null) ? 'not every row has a probability' : undefined;
}

function predicted({ told }: ScoredRows): Objection {
  return told.includes(null) ? 'not every row has a prediction' : undefined;
}

function numbers({ truth, told }: ScoredRows): Objection {
  const isNumber = (text: string | null): boolean => text !== null && Number.isFinite(Number(text));
  return truth.every(isNumber) && told.every(isNumber)
    ? undefined
    : 'labels and predictions are not all numbers';
}

function miss({ truth, told }: ScoredRows, index: number): number {
  return Number(told[index]) - Number(truth[index]);
}

function mean({ truth }: ScoredRows, valueOf: (index: number) => number): Metric {
  const values = Float64Array.from(truth, (_, index) => valueOf(index));
  return (times) => {
    let [sum, count] = [0, 0];
    for (let index = 0; index < values.length; index += 1) {
      sum += at(times, index) * at(values, index);
      count += at(times, index);
    }
    return sum / count;
  };
}

function root(of: Metric): Metric {
  return (times) => Math.sqrt(of(times));
}

function f1({ truth, told }: ScoredRows): Metric {
  const weights = Float64Array.from(
    truth,
    (label, index) => Number(label === positive) + Number(told[index] === positive),
  );
  return (times) => {
    // 2 TP / (2 TP + FP + FN): a hit has the weight 2 in both, a miss of either kind 1 in the lower.
    let [hits, all] = [0, 0];
    for (let index = 0; index < weights.length; index += 1) {
      const weighted = at(times, index) * at(weights, index);
      if (at(weights, index) === 2) hits += weighted;
      all += weighted;
    }
    return all === 0 ? 0 : hits / all;
  };
}

/** Share of the pairs of a positive and a negative row in which the positive has the higher score; ties count half. */
function areaUnderRoc({ truth, score }: ScoredRows): Metric {
  const order = Uint32Array.from(truth, (_, index) => index).sort(
    (a, b) => Number(score[a]) - Number(score[b]),
  );
  const isPositive = Uint8Array.from(order, (index) => Number(truth[index] === positive));
  // 1 where a row's score is greater than that of the row before.
  const rises = Uint8Array.from(order, (index, place) =>
    Number(score[index] !== score[at(order, place - 1)]),
  );
  return (times) => {
    let [area, below, negatives, positives, positivesBefore] = [0, 0, 0, 0, 0];
    const closeTie = (): void => {
      area += positives * (below + negatives / 2);
      positivesBefore += positives;
      below += negatives;
      [negatives, positives] = [0, 0];
    };
    for (let place = 0; place < order.length; place += 1) {
      if (at(rises, place) === 1) closeTie();
      const count = at(times, at(order, place));
      if (at(isPositive, place) === 1) positives += count;
      else negatives += count;
    }
    closeTie();
    return area / (positivesBefore * below);
  };
}

function at(values: Uint8Array | Uint32Array | Float64Array, index: number): number {
  return values[index] ?? Number.NaN;
}
