import { z } from 'zod';
import type { Json } from '../../types.js';
import { camel } from '../job-parts.js';
import { lowerWord, number, object, text } from '../fields.js';
import { pythonText } from '../expressions.js';

const numericalDrift = [
  'jensen_shannon_distance',
  'normalized_wasserstein_distance',
  'population_stability_index',
  'two_sample_kolmogorov_smirnov_test',
] as const;
const categoricalDrift = [
  'jensen_shannon_distance',
  'population_stability_index',
  'pearsons_chi_squared_test',
] as const;
const quality = ['null_value_rate', 'data_type_error_rate', 'out_of_bounds_rate'] as const;

function metrics(names: readonly string[]) {
  return object(Object.fromEntries(names.map((name) => [name, number.optional()])), []);
}

function pair(numerical: readonly string[], categorical: readonly string[]) {
  return object(
    {
      threshold: number.optional(),
      data_type: lowerWord(['numerical', 'categorical']).optional(),
      numerical: metrics(numerical).optional(),
      categorical: metrics(categorical).optional(),
    },
    [],
  );
}

export const driftThresholds = pair(numericalDrift, categoricalDrift);
export const qualityThresholds = pair(quality, quality);
export const attributionThreshold = object(
  { threshold: number.optional(), normalized_discounted_cumulative_gain: number.optional() },
  [],
);
// The official client reads thresholds of regression under names that it does not know, and fails.
export const performanceThresholds = object(
  {
    threshold: z.never().optional(),
    classification: object(
      { accuracy: number.optional(), precision: number.optional(), recall: number.optional() },
      [],
    ).refine((given) => Object.values(given).some(Boolean), 'names no metric: accuracy, precision or recall'),
  },
  [],
);
export const customThresholds = z.array(object({ threshold: number.optional(), metric_name: text }, []));

interface Metrics {
  readonly numerical?: Readonly<Record<string, number | undefined>> | undefined;
  readonly categorical?: Readonly<Record<string, number | undefined>> | undefined;
}

function metric(name: string, value: number, dataType: string): Json {
  const [key = name] = Object.keys(camel({ [name]: value }));
  return { metric: key, threshold: { value }, dataType };
}

/** One metric of each sort: the first that has a value. */
export function driftBody({ numerical, categorical }: Metrics): Json[] {
  const first = (names: readonly string[], given: Metrics['numerical'], dataType: string) => {
    if (given === undefined) return [];
    const name = names.find((one) => Boolean(given[one]));
    return name === undefined ? [{ dataType }] : [metric(name, given[name] ?? 0, dataType)];
  };
  return [
    ...first(numericalDrift, numerical, 'Numerical'),
    ...first(categoricalDrift, categorical, 'Categorical'),
  ];
}

export function qualityBody({ numerical, categorical }: Metrics): Json[] {
  const all = (given: Metrics['numerical'], dataType: string) =>
    quality.flatMap((name) => {
      const value = given?.[name];
      return value === undefined ? [] : [metric(name, value, dataType)];
    });
  return [...all(numerical, 'Numerical'), ...all(categorical, 'Categorical')];
}

export const defaultDrift: Metrics = {
  numerical: { normalized_wasserstein_distance: 0.1 },
  categorical: { jensen_shannon_distance: 0.1 },
};
const none = { null_value_rate: 0, data_type_error_rate: 0, out_of_bounds_rate: 0 };
export const defaultQuality: Metrics = { numerical: none, categorical: none };

/** Azure reads the thresholds of a model's performance from a property. */
export function performanceText(given: Readonly<Record<string, number | undefined>>): string {
  const names = { accuracy: 'Accuracy', precision: 'Precision', recall: 'Recall' } as const;
  const items = Object.entries(names).flatMap(([key, name]) => {
    const value = given[key];
    if (!value) return [];
    const printed = pythonText(value, true);
    return [`{"modelType":"classification","metric":"${name}","threshold":{"value":${printed}}}`];
  });
  return `[${items.join(', ')}]`;
}
