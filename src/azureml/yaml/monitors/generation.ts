import { z } from 'zod';
import type { Json } from '../../types.js';
import { anything, boolean, compact, lowerWord, number, object, text } from '../fields.js';
import { collected, textData, trailingText } from './data.js';
import type { Looking, Target } from './data.js';

const qualities = ['groundedness', 'relevance', 'coherence', 'fluency', 'similarity'] as const;

/** A share of answers and a score of each. The official client fails where the share is missing. */
const quality = (name: string) =>
  object(
    {
      [`aggregated_${name}_pass_rate`]: number,
      [`acceptable_${name}_score_per_instance`]: number.optional(),
    },
    [],
  ).optional();
const tokens = object({ total_token_count: number.optional(), total_token_count_per_group: number }, []);

const common = {
  alert_enabled: boolean.optional(),
  properties: anything.optional(),
  sampling_rate: number.optional(),
};

/** Signals of models that write text. */
export const generationSchemas = {
  generation_safety_quality: object(
    {
      ...common,
      type: lowerWord(['generation_safety_quality']),
      production_data: z.array(textData),
      connection_id: text.optional(),
      metric_thresholds: object(
        Object.fromEntries(qualities.map((name) => [name, quality(name)])) as Record<
          (typeof qualities)[number],
          ReturnType<typeof quality>
        >,
        [],
      ),
    },
    [],
  ),
  generation_token_statistics: object(
    {
      ...common,
      type: lowerWord(['generation_token_statistics']),
      production_data: textData.optional(),
      metric_thresholds: object({ totaltoken: tokens.optional() }, []).optional(),
    },
    [],
  ),
};
type Safety = z.output<typeof generationSchemas.generation_safety_quality>;
type Tokens = z.output<typeof generationSchemas.generation_token_statistics>;

const acceptableScore = 3;

export async function safetyQuality(spec: Safety, looking: Looking): Promise<Json> {
  const { metric_thresholds: given } = spec;
  return compact({
    productionData: await Promise.all(spec.production_data.map((data) => trailingText(data, looking))),
    workspaceConnectionId: spec.connection_id,
    metricThresholds: qualities.flatMap((name) => {
      const one = given[name];
      const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      if (one === undefined) return [];
      return [
        threshold(
          `Acceptable${title}ScorePerInstance`,
          one[`acceptable_${name}_score_per_instance`] ?? acceptableScore,
        ),
        threshold(`Aggregated${title}PassRate`, one[`aggregated_${name}_pass_rate`] ?? 0),
      ];
    }),
    properties: spec.properties,
    samplingRate: spec.sampling_rate,
  });
}

export async function tokenStatistics(
  spec: Tokens,
  target: Target | undefined,
  looking: Looking,
): Promise<Json> {
  const week = { lookback_window_size: 'P7D', lookback_window_offset: 'P0D' };
  const traces = target === undefined ? undefined : collected(target, 'app_traces');
  const data =
    spec.production_data ??
    (traces === undefined ? undefined : { input_data: traces.input_data, data_window: week });
  return compact({
    productionData: data === undefined ? undefined : await trailingText(data, looking),
    metricThresholds: tokenThresholds(spec.metric_thresholds),
    properties: spec.properties,
    samplingRate: spec.sampling_rate === undefined || spec.sampling_rate === 0 ? 0.1 : spec.sampling_rate,
  });
}

function tokenThresholds(given: Tokens['metric_thresholds']): Json[] {
  const { totaltoken } = given ?? { totaltoken: { total_token_count: 0, total_token_count_per_group: 0 } };
  if (totaltoken === undefined) return [];
  return [
    threshold('TotalTokenCount', totaltoken.total_token_count ?? acceptableScore),
    threshold('TotalTokenCountPerGroup', totaltoken.total_token_count_per_group),
  ];
}

function threshold(metric: string, value: number): Json {
  return { metric, threshold: { value } };
}
