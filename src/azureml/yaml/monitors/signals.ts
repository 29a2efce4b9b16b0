import { z } from 'zod';
import type { Json } from '../../types.js';
import {
  anything,
  boolean,
  choose,
  compact,
  integer,
  lowerWord,
  object,
  plainTexts,
  text,
  variant,
} from '../fields.js';
import type { Problem, Place } from '../kind.js';
import type { Path } from '../parse.js';
import { versionedReference } from '../references.js';
import {
  attributionData,
  checkData,
  collected,
  productionData,
  reference,
  referenceData,
  trailing,
} from './data.js';
import type { Looking, Target } from './data.js';
import { generationSchemas, safetyQuality, tokenStatistics } from './generation.js';
import * as thresholds from './thresholds.js';

const features = choose<unknown>((value) =>
  Array.isArray(value)
    ? z.array(text)
    : typeof value === 'string'
      ? lowerWord(['all_features'])
      : object({ top_n_feature_importance: integer.optional() }, []),
);
const segment = object({ feature_name: text.optional(), feature_values: z.array(text).optional() }, []);

const base = {
  production_data: productionData.optional(),
  reference_data: referenceData.optional(),
  properties: anything.optional(),
  alert_enabled: boolean.optional(),
};
const featured = { ...base, features: features.optional(), feature_type_override: anything.optional() };

const schemas = {
  data_drift: object(
    {
      ...featured,
      type: lowerWord(['data_drift']),
      metric_thresholds: thresholds.driftThresholds.optional(),
      data_segment: segment.optional(),
    },
    [],
  ),
  data_quality: object(
    {
      ...featured,
      type: lowerWord(['data_quality']),
      metric_thresholds: thresholds.qualityThresholds.optional(),
    },
    [],
  ),
  prediction_drift: object(
    { ...base, type: lowerWord(['prediction_drift']), metric_thresholds: thresholds.driftThresholds },
    [],
  ),
  feature_attribution_drift: object(
    {
      type: lowerWord(['feature_attribution_drift']),
      production_data: z.array(attributionData).optional(),
      reference_data: referenceData,
      alert_enabled: boolean.optional(),
      metric_thresholds: thresholds.attributionThreshold,
    },
    [],
  ),
  model_performance: object(
    {
      type: lowerWord(['model_performance']),
      production_data: productionData,
      reference_data: referenceData,
      data_segment: segment.optional(),
      alert_enabled: boolean.optional(),
      metric_thresholds: thresholds.performanceThresholds,
      properties: anything.optional(),
    },
    [],
  ),
  custom: object(
    {
      type: lowerWord(['custom']),
      component_id: versionedReference('component'),
      connection: object(
        { environment_variables: plainTexts.optional(), secret_config: plainTexts.optional() },
        [],
      ).optional(),
      metric_thresholds: thresholds.customThresholds,
      input_data: z.record(z.string(), referenceData),
      alert_enabled: boolean.optional(),
    },
    [],
  ),
  ...generationSchemas,
};
type Signals = { [K in keyof typeof schemas]: z.infer<(typeof schemas)[K]> };
export type Signal = Signals[keyof Signals];

/** One of `monitoring_signals:`. */
export const signal = variant<Signal>('type', schemas);

/** What a signal lacks where the monitor watches no deployment that collects data, and files that are not there. */
export async function checkSignal(
  spec: Signal,
  at: Path,
  target: Target | undefined,
  place: Place,
): Promise<Problem[]> {
  const lacking = (target === undefined ? lackingData(spec) : []).map((key): Problem => ({
    path: [...at, key],
    message: `missing; without a monitored deployment the signal needs ${key}`,
    fix: `add ${key}:, or monitoring_target.endpoint_deployment_id: azureml:<endpoint>:<deployment>`,
  }));
  const missing = await Promise.all(dataOf(spec).map(([key, one]) => checkData(one, [...at, ...key], place)));
  return [...lacking, ...missing.flat()];
}

/** Data that a watched deployment would have collected. */
function lackingData(spec: Signal): string[] {
  if (spec.type === 'custom') return [];
  const compared = !spec.type.startsWith('generation_');
  const keys = compared ? ['production_data', 'reference_data'] : ['production_data'];
  return keys.filter((key) => !(key in spec) || spec[key as keyof typeof spec] === undefined);
}

function dataOf(spec: Signal): (readonly [Path, Parameters<typeof checkData>[0]])[] {
  if (spec.type === 'custom')
    return Object.entries(spec.input_data).map(([key, one]) => [['input_data', key], one] as const);
  const held = 'reference_data' in spec ? spec.reference_data : undefined;
  return [
    ...[spec.production_data ?? []].flat().map((one) => [['production_data'], one] as const),
    ...(held === undefined ? [] : [[['reference_data'], held] as const]),
  ];
}

const signalTypes = {
  data_drift: 'DataDrift',
  data_quality: 'DataQuality',
  prediction_drift: 'PredictionDrift',
  feature_attribution_drift: 'FeatureAttributionDrift',
  model_performance: 'ModelPerformance',
  custom: 'Custom',
  generation_safety_quality: 'GenerationSafetyQuality',
  generation_token_statistics: 'GenerationTokenStatistics',
} as const;

export async function signalBody(spec: Signal, target: Target | undefined, looking: Looking): Promise<Json> {
  const body = compact({
    signalType: signalTypes[spec.type],
    mode: spec.alert_enabled === true ? 'Enabled' : 'Disabled',
  });
  switch (spec.type) {
    case 'data_drift':
    case 'data_quality': {
      const given = spec.metric_thresholds;
      const metrics = spec.type === 'data_drift' ? thresholds.driftBody : thresholds.qualityBody;
      return compact({
        ...body,
        ...(await compared(spec, target, 'model_inputs', looking)),
        features: featuresBody(spec.features),
        featureDataTypeOverride: spec.feature_type_override,
        metricThresholds: given === undefined ? undefined : metrics(given),
        dataSegment: spec.type === 'data_drift' ? segmentBody(spec.data_segment) : undefined,
        properties: spec.properties,
      });
    }
    case 'prediction_drift':
      return compact({
        ...body,
        ...(await compared(spec, target, 'model_outputs', looking)),
        metricThresholds: thresholds.driftBody(spec.metric_thresholds),
        modelType: 'classification',
        properties: spec.properties,
      });
    case 'feature_attribution_drift':
      return { ...body, ...(await attribution(spec, target, looking)) };
    case 'model_performance':
      return { ...body, ...(await performance(spec, looking)) };
    case 'custom':
      return { ...body, ...(await custom(spec, looking)) };
    case 'generation_safety_quality':
      return { ...body, ...(await safetyQuality(spec, looking)) };
    case 'generation_token_statistics':
      return { ...body, ...(await tokenStatistics(spec, target, looking)) };
  }
}

async function compared(
  spec: Signals['data_drift'] | Signals['data_quality'] | Signals['prediction_drift'],
  target: Target | undefined,
  context: 'model_inputs' | 'model_outputs',
  looking: Looking,
): Promise<Json> {
  const made = (window: { lookback_window_size: string; lookback_window_offset: string }) =>
    target === undefined ? undefined : collected(target, context, window);
  const production =
    spec.production_data ?? made({ lookback_window_size: 'default', lookback_window_offset: 'P0D' });
  const held =
    spec.reference_data ?? made({ lookback_window_size: 'default', lookback_window_offset: 'default' });
  return compact({
    productionData: production === undefined ? undefined : await trailing(production, looking),
    referenceData: held === undefined ? undefined : await reference(held, looking),
  });
}

function featuresBody(given: unknown): Json | undefined {
  if (given === undefined) return undefined;
  if (Array.isArray(given)) {
    return given.length === 0 ? undefined : { features: given as unknown[], filterType: 'FeatureSubset' };
  }
  if (typeof given === 'string') return { filterType: 'AllFeatures' };
  const { top_n_feature_importance: top = 10 } = given as { top_n_feature_importance?: number };
  return { top, filterType: 'TopNByAttribution' };
}

function segmentBody(given: z.infer<typeof segment> | undefined): Json | undefined {
  return given === undefined
    ? undefined
    : compact({ feature: given.feature_name, values: given.feature_values });
}

async function attribution(
  spec: Signals['feature_attribution_drift'],
  target: Target | undefined,
  looking: Looking,
): Promise<Json> {
  const made =
    target === undefined
      ? []
      : (['model_inputs', 'model_outputs'] as const).map((context) => collected(target, context));
  const value = spec.metric_thresholds.normalized_discounted_cumulative_gain;
  const given = spec.production_data ?? [];
  return {
    productionData: await Promise.all(
      (given.length === 0 ? made : given).map((data) => trailing(data, looking)),
    ),
    referenceData: await reference(spec.reference_data, looking),
    metricThreshold: compact({
      metric: 'normalizedDiscountedCumulativeGain',
      threshold: value ? { value } : undefined,
    }),
  };
}

async function performance(spec: Signals['model_performance'], looking: Looking): Promise<Json> {
  return compact({
    productionData: [await trailing(spec.production_data, looking)],
    referenceData: await reference(spec.reference_data, looking),
    // Always the same: what counts stands in the property.
    metricThreshold: { metric: 'Accuracy', modelType: 'Classification', threshold: { value: 0.9 } },
    dataSegment: segmentBody(spec.data_segment),
    properties: {
      ...spec.properties,
      'azureml.modelmonitor.model_performance_thresholds': thresholds.performanceText(
        spec.metric_thresholds.classification,
      ),
    },
  });
}

async function custom(spec: Signals['custom'], looking: Looking): Promise<Json> {
  // The official client looks nothing up for these signals: names go as they stand.
  const plain = (reference: string) => reference.replace(/^azureml:(?!\/\/)/, '');
  const assets = await Promise.all(
    Object.entries(spec.input_data).map(async ([name, data]) => {
      const body = await reference(data, looking);
      return [name, { ...body, uri: plain(data.input_data.path) }] as const;
    }),
  );
  return compact({
    componentId: plain(spec.component_id),
    metricThresholds: spec.metric_thresholds.map((one) =>
      compact({
        metric: one.metric_name,
        threshold: one.threshold === undefined ? undefined : { value: one.threshold },
      }),
    ),
    inputAssets: assets.length === 0 ? undefined : Object.fromEntries(assets),
    workspaceConnection: compact({
      environmentVariables: spec.connection?.environment_variables,
      secrets: spec.connection?.secret_config,
    }),
  });
}
